//! Pays one leaf its share of everything shared out so far, minus what it already received. Anyone may call it; the
//! tokens go to the leaf's owner.
//!
//! The owner is whoever the snapshot names, including a program's address. Unless the owner signs, the only destination
//! is the owner's associated token account. The paid amount is recorded before the tokens move. Claims are exits, so
//! they work in every phase, under every pause, in every later incident, and whatever happens to the snapshot, until
//! their end if they have one. If the
//! destination requires a memo or cannot be paid at all, use `claim_elsewhere`.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts,
    associated::token_address,
    restoration::claims::{locate, paid},
    snapshots::merkle::verify_leaf,
};
use bulkhead_interface::{
    layout::{ClaimPage, Restoration, Snapshot, SnapshotShard, space},
    seeds::SEED_RESTORATION,
};

use super::require_claims_run;
use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::ClaimPaid,
    token::{self, Transfer, holder, require_receiver},
};

/// The leaf and its proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ClaimArgs {
    /// Index of the leaf.
    pub index: u32,
    /// Key of the position.
    pub key: Pubkey,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Bump of the owner's associated token account; any value when the owner signs.
    pub destination_bump: u8,
    /// Siblings from the leaf up to the shard's canopy: 40 bytes each, hash and sum.
    pub proof: Vec<u8>,
}

#[derive(Accounts)]
pub struct Claim<'info> {
    #[account(mut)]
    pub restoration: AccountLoader<'info, Restoration>,
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub shard: AccountLoader<'info, SnapshotShard>,
    #[account(mut)]
    pub claims: AccountLoader<'info, ClaimPage>,
    /// CHECK: the restoration's pool, matched by the stored address.
    #[account(mut)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: a token account of the mint; the handler checks its owner.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: owner of the leaf, bound by the proof. May sign.
    pub owner: UncheckedAccount<'info>,
    /// CHECK: the restoration's mint, matched by the stored address.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the restoration's token program, matched by the stored address.
    pub token_program: UncheckedAccount<'info>,
}

pub fn handle_claim(ctx: Context<Claim>, args: ClaimArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_linked()?;
    accounts.require_leaf(&args)?;
    accounts.require_destination(args.destination_bump)?;
    let amount = accounts.book(&args)?;
    accounts.pay(&args, amount)
}

impl Claim<'_> {
    /// Checks that every account is the one the restoration names.
    pub(super) fn require_linked(&self) -> Result<()> {
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

    /// Checks that the owner has this leaf in the sealed shard.
    pub(super) fn require_leaf(&self, args: &ClaimArgs) -> Result<()> {
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

    /// Checks that the destination is a token account of the mint: the owner's associated one, or one the signing owner
    /// chose.
    pub(super) fn require_destination(&self, bump: u8) -> Result<()> {
        let token_program = self.token_program.key;
        require_keys_neq!(*self.destination.key, *self.pool.key, BulkheadError::WrongDestination);
        require_receiver(&self.destination, self.mint.key, token_program)?;
        if self.owner.is_signer {
            return Ok(());
        }
        // The address alone is not enough: the owner of an associated token account of the classic program can be
        // changed.
        let associated = token_address(self.owner.key, token_program, self.mint.key, bump);
        require!(
            associated == self.destination.key.to_bytes() && holder(&self.destination)? == *self.owner.key,
            BulkheadError::OwnerMustSign
        );
        Ok(())
    }

    /// Records the amount that the leaf receives now, and returns it.
    pub(super) fn book(&self, args: &ClaimArgs) -> Result<u64> {
        let place = locate(&self.snapshot.current()?.shards, args.index).ok_or(BulkheadError::InvalidProof)?;
        {
            let page = self.claims.current()?;
            require!(
                page.restoration == *self.restoration.as_ref().key && page.page == place.page,
                BulkheadError::WrongClaimPage
            );
        }
        let mut data = self.claims.as_ref().try_borrow_mut_data()?;
        let entry = data
            .get_mut(space::<ClaimPage>()..)
            .and_then(|page| paid(page, place.at));
        let entry = entry.ok_or(BulkheadError::WrongClaimPage)?;
        let mut got = u64::from_le_bytes(*entry);
        let mut restoration = self.restoration.current_mut()?;
        require_claims_run(&restoration)?;
        let due = acts::claim(&mut restoration, args.amount, &mut got).map_err(core_error)?;
        *entry = got.to_le_bytes();
        Ok(due)
    }

    /// Transfers the share; the transfer checks that the pool lost exactly that amount.
    pub(super) fn pay(&self, args: &ClaimArgs, amount: u64) -> Result<()> {
        let (incident, ledger_index, bump, decimals) = {
            let plan = self.restoration.current()?;
            (plan.incident, plan.ledger_index, plan.bump, plan.decimals)
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
        let amount = token::transfer(&transfer, amount, &[seeds])?.sent;
        emit!(ClaimPaid {
            restoration: *self.restoration.as_ref().key,
            index: args.index,
            owner: *self.owner.key,
            destination: *self.destination.key,
            amount,
        });
        Ok(())
    }
}
