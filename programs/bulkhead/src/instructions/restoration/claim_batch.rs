//! Pays neighbours of one shard with one proof, each to its owner's associated token account. Anyone may call it.
//!
//! A leaf that was paid before, or whose owner's account cannot be paid now, is left out and stays due: no owner, freeze
//! authority or faster claimant keeps the neighbours from being paid. Everything else is as in `claim`, which also pays
//! whoever is left out. It is not for restorations whose claims show what interim claims paid.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts,
    associated::token_address,
    restoration::claims::{ClaimPlace, locate},
    snapshots::merkle::verify_range,
};
use bulkhead_interface::constants::restoration_flag;

use super::{claim::*, require_claims_run};
use crate::{authority::core_error, current::Current, error::BulkheadError};

/// One of the leaves.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct BatchLeaf {
    /// Key of the position.
    pub key: Pubkey,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Bump of the owner's associated token account.
    pub destination_bump: u8,
}

/// Neighbours and their proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ClaimBatchArgs {
    /// Index of the first leaf. The others follow it without a gap.
    pub first: u32,
    /// The leaves, in order.
    pub leaves: Vec<BatchLeaf>,
    /// Nodes beside the leaves, from the bottom up to the shard's canopy: 40 bytes each, hash and sum. At each level the
    /// left one first, if the neighbours begin with a right child, then the right one, if they end with a left child.
    pub proof: Vec<u8>,
}

/// A leaf, where it is paid, and its owner.
type Payee<'a, 'info> = (&'a BatchLeaf, &'a AccountInfo<'info>, &'a AccountInfo<'info>);

/// The accounts are those of `claim`, for the first leaf. After them come the destination and the owner of each further
/// leaf; destinations are writable.
pub fn handle_claim_batch<'info>(ctx: Context<'info, Claim<'info>>, args: ClaimBatchArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_linked()?;
    let payees = accounts.payees(&args, ctx.remaining_accounts)?;
    accounts.require_range(&args, &payees)?;
    let due = accounts.book_range(args.first, &payees)?;
    let mut is_paid = false;
    for ((index, (_, to, owner)), amount) in (args.first..).zip(&payees).zip(due) {
        if amount > 0 {
            accounts.pay(index, to, owner.key, amount)?;
            is_paid = true;
        }
    }
    require!(is_paid, BulkheadError::NothingPaid);
    Ok(())
}

impl<'info> Claim<'info> {
    /// The leaves with their accounts.
    fn payees<'a>(&'a self, args: &'a ClaimBatchArgs, rest: &'a [AccountInfo<'info>]) -> Result<Vec<Payee<'a, 'info>>> {
        let (first, others) = args.leaves.split_first().ok_or(BulkheadError::BatchMismatch)?;
        let (pairs, odd) = rest.as_chunks::<2>();
        require!(
            odd.is_empty() && pairs.len() == others.len(),
            BulkheadError::BatchMismatch
        );
        let mut payees: Vec<Payee> = Vec::with_capacity(args.leaves.len());
        payees.push((first, &self.destination, &self.owner));
        for (leaf, [destination, owner]) in others.iter().zip(pairs) {
            payees.push((leaf, destination, owner));
        }
        Ok(payees)
    }

    /// Checks that the owners have these leaves in the sealed shard.
    fn require_range(&self, args: &ClaimBatchArgs, payees: &[Payee]) -> Result<()> {
        let shard = self.shard.current()?;
        require_keys_eq!(
            shard.snapshot,
            *self.snapshot.as_ref().key,
            BulkheadError::ForeignAccount
        );
        let leaves = payees
            .iter()
            .map(|(leaf, _, owner)| (&leaf.key, owner.key, leaf.amount));
        let seals = self.snapshot.current()?.seals;
        verify_range(&shard, seals, args.first, leaves, &args.proof).map_err(|_| BulkheadError::InvalidProof.into())
    }

    /// Records what each leaf receives now, and returns it: nothing for those that are left out.
    fn book_range(&self, first: u32, payees: &[Payee]) -> Result<Vec<u64>> {
        let place = locate(&self.snapshot.current()?.shards, first).ok_or(BulkheadError::InvalidProof)?;
        let mut restoration = self.restoration.current_mut()?;
        require_page(&*self.claims.current()?, &restoration.book, place)?;
        require_claims_run(&restoration)?;
        require!(
            restoration.flags & restoration_flag::AFTER_INTERIM == 0,
            BulkheadError::InterimBookMissing
        );
        let mut due = Vec::with_capacity(payees.len());
        for (at, (leaf, to, owner)) in (place.at..).zip(payees) {
            if !self.takes(to, owner.key, leaf.destination_bump)? {
                due.push(0);
                continue;
            }
            let place = ClaimPlace { at, ..place };
            let mut entry = entry(self.claims.as_ref(), place)?;
            let mut got = u64::from_le_bytes(*entry);
            due.push(acts::claim_in_batch(&mut restoration, leaf.amount, &mut got).map_err(core_error)?);
            *entry = got.to_le_bytes();
        }
        Ok(due)
    }

    /// Can the owner's associated token account be paid now? Another address than that is refused.
    fn takes(&self, destination: &AccountInfo, owner: &Pubkey, bump: u8) -> Result<bool> {
        let (mint, token_program) = (self.mint.key, self.token_program.key);
        require!(
            token_address(owner, token_program, mint, bump) == destination.key.to_bytes(),
            BulkheadError::OwnerMustSign
        );
        require_keys_neq!(*destination.key, *self.pool.key, BulkheadError::WrongDestination);
        require!(destination.is_writable, BulkheadError::BatchMismatch);
        let is_its = destination.owner == token_program;
        Ok(is_its && acts::takes_claims(&destination.try_borrow_data()?, owner, mint))
    }
}
