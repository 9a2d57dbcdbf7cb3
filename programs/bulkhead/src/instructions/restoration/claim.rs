//! Pays one leaf its share of one tranche. Anyone may push it; the money goes to the leaf's owner.
//!
//! The owner is whoever the snapshot says, a program's address included. Unless the owner signs,
//! the only destination is its associated token account. A leaf is paid once a tranche: its bit is
//! set before the money moves. Claims are exits, so they work in every phase and under every pause.

use anchor_lang::prelude::*;
use bulkhead_core::{
    associated::token_address,
    claims::{Mark, locate, mark},
    merkle::verify_leaf,
    tranche,
};
use bulkhead_interface::{
    layout::{ClaimBitmap, Restoration, Snapshot, SnapshotShard, space},
    seeds::SEED_RESTORATION,
};

use super::tranche_error;
use crate::{
    current::Current,
    error::BulkheadError,
    events::ClaimPaid,
    token::{self, Transfer, holder, require_receiver},
};

/// The leaf, its proof, and the tranche it is paid from.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ClaimArgs {
    /// Number of the tranche.
    pub tranche: u8,
    /// Index of the leaf.
    pub index: u32,
    /// Key of the position.
    pub key: Pubkey,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Bump of the owner's associated token account; anything when the owner signs.
    pub destination_bump: u8,
    /// Siblings from the leaf up to the shard's caps: 40 bytes each, hash and sum.
    pub proof: Vec<u8>,
}

#[derive(Accounts)]
pub struct Claim<'info> {
    #[account(mut)]
    pub restoration: AccountLoader<'info, Restoration>,
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub shard: AccountLoader<'info, SnapshotShard>,
    #[account(mut)]
    pub claims: AccountLoader<'info, ClaimBitmap>,
    /// CHECK: the restoration's pool, by stored address.
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: a token account of the mint; whose, the handler checks.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: owner of the leaf; the proof binds it. May sign.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: the restoration's mint, by stored address.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the restoration's token program, by stored address.
    pub token_program: UncheckedAccount<'info>,
}

pub fn handle_claim(ctx: Context<Claim>, args: ClaimArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_linked()?;
    accounts.require_leaf(&args)?;
    accounts.require_destination(args.destination_bump)?;
    accounts.mark_claimed(&args)?;
    let amount = accounts.pay(&args)?;
    emit!(ClaimPaid {
        restoration: *accounts.restoration.as_ref().key,
        tranche: args.tranche,
        index: args.index,
        owner: *accounts.owner.key,
        destination: *accounts.destination.key,
        amount,
    });
    Ok(())
}

impl Claim<'_> {
    /// Every account is the one the restoration names.
    fn require_linked(&self) -> Result<()> {
        let restoration = self.restoration.current()?;
        require_keys_eq!(
            *self.snapshot.as_ref().key,
            restoration.snapshot,
            BulkheadError::ForeignAccount
        );
        require_keys_eq!(*self.pool.key, restoration.pool, BulkheadError::ForeignAccount);
        require_keys_eq!(*self.mint.key, restoration.mint, BulkheadError::ForeignAccount);
        require_keys_eq!(
            *self.token_program.key,
            restoration.token_program,
            BulkheadError::ForeignAccount
        );
        Ok(())
    }

    /// The owner has this leaf in the sealed shard.
    fn require_leaf(&self, args: &ClaimArgs) -> Result<()> {
        let shard = self.shard.current()?;
        require_keys_eq!(
            shard.snapshot,
            *self.snapshot.as_ref().key,
            BulkheadError::ForeignAccount
        );
        verify_leaf(
            &shard,
            self.snapshot.current()?.seals,
            args.index,
            args.key.as_array(),
            self.owner.key.as_array(),
            args.amount,
            &args.proof,
        )
        .map_err(|_| BulkheadError::InvalidProof.into())
    }

    /// A token account of the mint: the owner's associated one, or the owner's signed choice.
    fn require_destination(&self, bump: u8) -> Result<()> {
        let token_program = self.token_program.key;
        require_keys_neq!(*self.destination.key, *self.pool.key, BulkheadError::WrongDestination);
        require_receiver(&self.destination, self.mint.key, token_program)?;
        if self.owner.is_signer {
            return Ok(());
        }
        // The address alone is not enough: the owner of a classic associated account can be changed.
        let associated = token_address(self.owner.key, token_program, self.mint.key, bump);
        require!(
            associated == self.destination.key.to_bytes() && holder(&self.destination)? == *self.owner.key,
            BulkheadError::OwnerMustSign
        );
        Ok(())
    }

    /// Sets the leaf's bit, which must be clear.
    fn mark_claimed(&self, args: &ClaimArgs) -> Result<()> {
        let place = locate(&self.snapshot.current()?.shards, args.index).ok_or(BulkheadError::InvalidProof)?;
        {
            let mut page = self.claims.current_mut()?;
            require!(
                page.restoration == *self.restoration.as_ref().key
                    && page.tranche == args.tranche
                    && page.page == place.page,
                BulkheadError::WrongClaimPage
            );
            page.claimed = page.claimed.checked_add(1).ok_or(BulkheadError::Overflow)?;
        }
        let mut data = self.claims.as_ref().try_borrow_mut_data()?;
        let bits = data
            .get_mut(space::<ClaimBitmap>()..)
            .ok_or(BulkheadError::WrongClaimPage)?;
        match mark(bits, place.bit) {
            Mark::Set => Ok(()),
            Mark::AlreadySet => err!(BulkheadError::AlreadyClaimed),
            Mark::OutOfRange => err!(BulkheadError::WrongClaimPage),
        }
    }

    /// Books the share and moves it; the transfer checks that the pool lost exactly that.
    fn pay(&self, args: &ClaimArgs) -> Result<u64> {
        let (amount, incident, ledger_index, bump, decimals) = {
            let mut restoration = self.restoration.current_mut()?;
            let amount = tranche::pay(&mut restoration, args.tranche, args.amount).map_err(tranche_error)?;
            (
                amount,
                restoration.incident,
                restoration.ledger_index,
                restoration.bump,
                restoration.decimals,
            )
        };
        let transfer = Transfer {
            program: &self.token_program,
            from: &self.pool,
            mint: &self.mint,
            to: &self.destination,
            authority: self.restoration.as_ref(),
            decimals,
        };
        let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
        Ok(token::transfer(&transfer, amount, &[seeds])?.sent)
    }
}
