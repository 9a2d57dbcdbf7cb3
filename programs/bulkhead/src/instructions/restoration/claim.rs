//! Pays one leaf its share of everything shared out so far, minus what it already received, interim claims included.
//! Anyone may call it; the tokens go to the leaf's owner.
//!
//! The owner is whoever the snapshot names, including a program's address. Unless the owner signs, the only destination
//! is the owner's associated token account. The paid amount is recorded before the tokens move. Claims are exits, so
//! they work in every phase, under every pause, in every later incident, and whatever happens to the snapshot, until
//! their end if they have one. If the
//! destination requires a memo or cannot be paid at all, use `claim_elsewhere`.

use std::cell::RefMut;

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts,
    associated::token_address,
    restoration::claims::{ClaimPlace, locate, paid},
    snapshots::merkle::verify_leaf,
};
use bulkhead_interface::{
    constants::restoration_flag,
    layout::{ClaimPage, Interim, InterimProof, Restoration, Snapshot, SnapshotShard, space},
    seeds::SEED_RESTORATION,
};

use super::require_claims_run;
use crate::{
    authority::core_error,
    current::{Current, if_there},
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

/// After interim claims and under a third state, the interim share-out, the stored proof and the page of the snapshot's
/// book follow the instruction's own accounts.
pub fn handle_claim<'info>(ctx: Context<'info, Claim<'info>>, args: ClaimArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_linked()?;
    accounts.require_leaf(&args)?;
    accounts.require_destination(args.destination_bump)?;
    let amount = accounts.book(&args, ctx.remaining_accounts)?;
    accounts.pay(args.index, &accounts.destination, accounts.owner.key, amount)
}

/// Checks that the owner has this leaf in the sealed shard.
#[inline(always)]
pub(crate) fn require_leaf(
    shard: &AccountLoader<SnapshotShard>,
    snapshot: &AccountLoader<Snapshot>,
    owner: &Pubkey,
    args: &ClaimArgs,
) -> Result<()> {
    let shard = shard.current()?;
    require_keys_eq!(shard.snapshot, *snapshot.as_ref().key, BulkheadError::ForeignAccount);
    verify_leaf(
        &shard,
        snapshot.current()?.seals,
        args.index,
        args.key.as_array(),
        owner.as_array(),
        args.amount,
        &args.proof,
    )
    .map_err(|_| BulkheadError::InvalidProof.into())
}

/// Checks that the destination is a token account of the mint: the owner's associated one, or one the signing owner
/// chose.
#[inline(always)]
pub(crate) fn require_destination(
    (destination, pool): (&AccountInfo, &AccountInfo),
    (mint, token_program): (&Pubkey, &Pubkey),
    owner: &AccountInfo,
    bump: u8,
) -> Result<()> {
    require_keys_neq!(*destination.key, *pool.key, BulkheadError::WrongDestination);
    require_receiver(destination, mint, token_program)?;
    if owner.is_signer {
        return Ok(());
    }
    require_associated(destination, owner.key, (mint, token_program), bump)
}

/// Checks that the destination is the associated token account of `owner`, who still holds it. The address alone is not
/// enough: the owner of an associated token account of the classic program can be changed.
#[inline(always)]
pub(super) fn require_associated(
    destination: &AccountInfo,
    owner: &Pubkey,
    (mint, token_program): (&Pubkey, &Pubkey),
    bump: u8,
) -> Result<()> {
    let associated = token_address(owner, token_program, mint, bump);
    require!(
        associated == destination.key.to_bytes() && holder(destination)? == *owner,
        BulkheadError::OwnerMustSign
    );
    Ok(())
}

/// Checks that a page covers a place of a book.
#[inline(always)]
pub(crate) fn require_page(page: &ClaimPage, book: &Pubkey, place: ClaimPlace) -> Result<()> {
    require!(
        page.restoration == *book && page.page == place.page,
        BulkheadError::WrongClaimPage
    );
    Ok(())
}

/// The entry of a leaf in its page, which [`require_page`] has accepted.
#[inline(always)]
pub(crate) fn entry<'a>(page: &'a AccountInfo, place: ClaimPlace) -> Result<RefMut<'a, [u8; 8]>> {
    let data = page.try_borrow_mut_data()?;
    RefMut::filter_map(data, |data| paid(data.get_mut(space::<ClaimPage>()..)?, place.at))
        .map_err(|_| BulkheadError::WrongClaimPage.into())
}

impl<'info> Claim<'info> {
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
    #[inline(always)]
    pub(super) fn require_leaf(&self, args: &ClaimArgs) -> Result<()> {
        require_leaf(&self.shard, &self.snapshot, self.owner.key, args)
    }

    /// Checks that the destination is one that the claim may be paid to.
    #[inline(always)]
    pub(super) fn require_destination(&self, bump: u8) -> Result<()> {
        require_destination(
            (&self.destination, &self.pool),
            (self.mint.key, self.token_program.key),
            &self.owner,
            bump,
        )
    }

    /// Records the amount that the leaf receives now, and returns it.
    pub(super) fn book(&self, args: &ClaimArgs, rest: &[AccountInfo]) -> Result<u64> {
        let place = locate(&self.snapshot.current()?.shards, args.index).ok_or(BulkheadError::InvalidProof)?;
        let mut restoration = self.restoration.current_mut()?;
        require_page(&*self.claims.current()?, &restoration.book, place)?;
        let mut entry = entry(self.claims.as_ref(), place)?;
        let mut got = u64::from_le_bytes(*entry);
        require_claims_run(&restoration)?;
        let due = if restoration.flags & restoration_flag::AFTER_INTERIM == 0 {
            acts::claim(&mut restoration, args.amount, &mut got).map_err(core_error)?
        } else {
            self.book_after_interim(args, &mut restoration, &mut got, rest)?
        };
        *entry = got.to_le_bytes();
        Ok(due)
    }

    /// The same under a state that interim claims were not paid from: what the position was paid counts.
    #[cold]
    #[inline(never)]
    fn book_after_interim(
        &self,
        args: &ClaimArgs,
        restoration: &mut Restoration,
        got: &mut u64,
        rest: &[AccountInfo],
    ) -> Result<u64> {
        let [interim_account, proof, page, ..] = rest else {
            return err!(BulkheadError::InterimBookMissing);
        };
        let interim = if_there::<Interim>(interim_account)?.ok_or(BulkheadError::InterimBookMissing)?;
        let proof = if_there::<InterimProof>(proof)?.ok_or(BulkheadError::InterimBookMissing)?;
        let place = acts::paid_before(
            (interim_account.key, &interim),
            &proof,
            self.restoration.as_ref().key,
            (&args.key, self.owner.key),
        )
        .map_err(core_error)?;
        let Some(place) = place else {
            return acts::claim(restoration, args.amount, got).map_err(core_error);
        };
        // A page that nobody opened holds no payment.
        match if_there::<ClaimPage>(page)? {
            Some(page) => require_page(&page, interim_account.key, place)?,
            None => return err!(BulkheadError::InterimBookMissing),
        }
        require!(page.is_writable, BulkheadError::InterimBookMissing);
        let mut entry = entry(page, place)?;
        let mut before = u64::from_le_bytes(*entry);
        let due = acts::claim_after_interim(restoration, args.amount, got, &mut before).map_err(core_error)?;
        *entry = before.to_le_bytes();
        Ok(due)
    }

    /// Transfers the share of a leaf; the transfer checks that the pool lost exactly that amount.
    pub(super) fn pay(&self, index: u32, to: &AccountInfo<'info>, owner: &Pubkey, amount: u64) -> Result<()> {
        let (incident, ledger_index, bump, decimals) = {
            let plan = self.restoration.current()?;
            (plan.incident, plan.ledger_index, plan.bump, plan.decimals)
        };
        let transfer = Transfer {
            program: &self.token_program,
            from: &self.pool,
            mint: &self.mint,
            to,
            authority: self.restoration.as_ref(),
            decimals,
        };
        let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
        // Nothing, when an interim claim has covered the share.
        let amount = if amount == 0 {
            0
        } else {
            token::transfer(&transfer, amount, &[seeds])?.sent
        };
        emit!(ClaimPaid {
            restoration: *self.restoration.as_ref().key,
            index,
            owner: *owner,
            destination: *to.key,
            amount,
        });
        Ok(())
    }
}
