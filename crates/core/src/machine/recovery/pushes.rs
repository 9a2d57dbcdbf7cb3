//! Batches, wishes and successors in the machine of one ledger's way back.

use bulkhead_interface::{
    Pubkey,
    constants::{claim_wish, restoration_flag},
    layout::ClaimRedirect,
};
use bytemuck::Zeroable;

use super::{Recovery, interim};
use crate::{
    CoreError,
    acts::{self, Consent, NewWish},
};

impl Recovery {
    /// Who cannot be paid is left out, and who was paid before.
    pub(super) fn claim_batch(&mut self, first: usize, last: usize) -> Result<(), CoreError> {
        let plan = self.restoration.as_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let leaves = self
            .leaves
            .get_mut(first..=last)
            .filter(|leaves| !leaves.is_empty())
            .ok_or(CoreError::ArgumentOutOfRange)?;
        acts::require_claims_run(plan, self.at.now)?;
        if plan.flags & restoration_flag::AFTER_INTERIM != 0 {
            return Err(CoreError::InterimBookMissing);
        }
        let mut is_paid = false;
        for leaf in leaves.iter_mut().filter(|leaf| !leaf.is_shut) {
            let amount = interim::amount_in(leaf, &self.snapshots, &plan.snapshot);
            let of_interim = self.interim.as_deref().map(|interim| interim.checkpoint);
            let [of_snapshot, of_checkpoint] = &mut leaf.books;
            let paid = match of_interim {
                Some(_) if plan.book == self.keys.interim.0 => of_snapshot,
                Some(checkpoint) if plan.book == checkpoint => of_checkpoint,
                _ => &mut leaf.paid,
            };
            let due = acts::claim_in_batch(plan, amount, paid)?;
            self.pool = self.pool.checked_sub(due).ok_or(CoreError::Overflow)?;
            leaf.received = leaf.received.checked_add(due).ok_or(CoreError::Overflow)?;
            is_paid |= due > 0;
        }
        if is_paid { Ok(()) } else { Err(CoreError::NothingPaid) }
    }

    pub(super) fn wish(&mut self, owner: &Pubkey, wish: u8, to: Pubkey) -> Result<(), CoreError> {
        let mut account = self.wish_of(owner).copied().unwrap_or_else(ClaimRedirect::zeroed);
        let new = NewWish {
            domain: self.keys.domain,
            owner: *owner,
            // Where the account is does not matter here.
            bump: 0,
        };
        acts::wish_claims(&mut account, &new, (wish, to), self.at.slot)?;
        self.wishes.retain(|wish| wish.owner != *owner);
        if wish != claim_wish::NONE {
            self.wishes.push(account);
        }
        Ok(())
    }

    /// What an owner wishes, if anything.
    #[must_use]
    pub fn wish_of(&self, owner: &Pubkey) -> Option<&ClaimRedirect> {
        self.wishes.iter().find(|wish| wish.owner == *owner)
    }

    pub(super) fn consume(&mut self, consumer: &Pubkey, number: usize, signs: bool) -> Result<(), CoreError> {
        let plan = self.restoration.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let leaf = self.leaves.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        if interim::amount_in(leaf, &self.snapshots, &plan.snapshot) == 0 {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let consent = Consent {
            owner: (&leaf.owner, signs),
            wish: self.wish_of(&leaf.owner),
            terms: self.terms.as_ref(),
        };
        acts::may_consume(plan, consumer, consent, self.at.now)?;
        let due = self.book_claim(number)?;
        let leaf = self.leaves.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        leaf.consumed = leaf.consumed.checked_add(due).ok_or(CoreError::Overflow)?;
        Ok(())
    }
}
