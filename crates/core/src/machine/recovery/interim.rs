//! Interim claims in the machine of one ledger's way back.

use alloc::boxed::Box;

use bulkhead_interface::{
    Pubkey,
    constants::{proved, restoration_flag},
    layout::{Interim, ProvedLeaf, Restoration, Snapshot},
};
use bytemuck::Zeroable;

use super::{Leaf, Purse, Recovery};
use crate::{
    CoreError,
    acts::{self, InterimClaim, InterimStates, NewInterim, VaultTokens},
};

/// The amount that a position has in a state.
pub(super) fn amount_in(leaf: &Leaf, snapshots: &[(Pubkey, Snapshot)], state: &Pubkey) -> u64 {
    let number = snapshots.iter().position(|(key, _)| key == state);
    match (leaf.others, number) {
        (Some([second, _]), Some(1)) => second,
        (Some([_, third]), Some(2)) => third,
        _ => leaf.amount,
    }
}

/// A final claim, in whichever book the restoration continues.
pub(super) fn pay(
    plan: &mut Restoration,
    interim: Option<&Interim>,
    interim_key: &Pubkey,
    leaf: &mut Leaf,
    amount: u64,
) -> Result<u64, CoreError> {
    let [of_snapshot, of_checkpoint] = &mut leaf.books;
    let Some(interim) = interim else {
        return acts::claim(plan, amount, &mut leaf.paid);
    };
    if plan.book == *interim_key {
        acts::claim(plan, amount, of_snapshot)
    } else if plan.book == interim.checkpoint {
        acts::claim(plan, amount, of_checkpoint)
    } else if plan.flags & restoration_flag::AFTER_INTERIM != 0 {
        acts::claim_after_interim(plan, amount, &mut leaf.paid, of_snapshot)
    } else {
        acts::claim(plan, amount, &mut leaf.paid)
    }
}

impl Recovery {
    pub(super) fn open_interim(&mut self) -> Result<(), CoreError> {
        if self.interim.is_some() {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let ledger = self.ledger.as_ref().ok_or(CoreError::ArgumentOutOfRange)?;
        let [(snapshot_key, snapshot), (checkpoint_key, checkpoint), ..] = self.snapshots.as_slice() else {
            return Err(CoreError::ArgumentOutOfRange);
        };
        let states = InterimStates {
            ledger,
            log: self.log.as_deref().ok_or(CoreError::NoSuchCheckpoint)?,
            snapshot: (snapshot_key, snapshot),
            checkpoint: (checkpoint_key, checkpoint),
            is_restored: self.restoration.is_some(),
        };
        let new = NewInterim {
            bump: self.keys.interim.1,
            domain: self.keys.domain,
            restoration: self.keys.restoration,
            mint: self.keys.mint,
            decimals: self.keys.decimals,
            pool: self.keys.pool,
            token_program: self.keys.token_program,
        };
        let mut interim = Box::new(Interim::zeroed());
        let incident = (&self.incident.0, &mut self.incident.1);
        acts::open_interim(&self.domain, incident, &mut interim, &states, &new, self.at)?;
        self.interim = Some(interim);
        Ok(())
    }

    pub(super) fn fund_interim(&mut self, purse: Purse) -> Result<(), CoreError> {
        let interim = self.interim.as_deref_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let (account, held) = match purse {
            Purse::Custody => (self.vault.custody, &mut self.custody),
            Purse::RecoveryAccount => (self.recovery_account.0, &mut self.recovery_account.1),
            Purse::Pool => return acts::share_out_interim(&self.domain, interim, self.pool).map(|_| ()),
        };
        let from = VaultTokens {
            vault: (&self.keys.vault, &self.vault),
            account: &account,
            held: *held,
            queue: self.queue.as_ref(),
        };
        let amount = acts::interim_due(&self.domain, interim, from, self.pool)?;
        *held = held.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.pool = self.pool.checked_add(amount).ok_or(CoreError::Overflow)?;
        acts::book_interim_drawn(interim, (&self.keys.vault, &mut self.vault), &account, amount)?;
        acts::share_out_interim(&self.domain, interim, self.pool).map(|_| ())
    }

    pub(super) fn claim_interim(&mut self, number: usize) -> Result<(), CoreError> {
        let interim = self.interim.as_deref_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let leaf = self.leaves.get_mut(number).ok_or(CoreError::ArgumentOutOfRange)?;
        let [(_, snapshot), (checkpoint_key, checkpoint), ..] = self.snapshots.as_slice() else {
            return Err(CoreError::ArgumentOutOfRange);
        };
        let in_checkpoint = amount_in(leaf, &self.snapshots, checkpoint_key);
        // A leaf that one of the trees does not have cannot be proved.
        if leaf.amount == 0 || in_checkpoint == 0 {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let proved = ProvedLeaf {
            of: proved::CHECKPOINT,
            amount: in_checkpoint,
            key: leaf.key,
            owner: leaf.owner,
            ..ProvedLeaf::zeroed()
        };
        let claim = InterimClaim {
            key: &leaf.key,
            owner: &leaf.owner,
            amount: leaf.amount,
            proved: &proved,
        };
        let [of_snapshot, of_checkpoint] = &mut leaf.books;
        let books = (of_snapshot, of_checkpoint);
        let due = acts::claim_interim(&self.domain, interim, (snapshot, checkpoint), &claim, books)?;
        self.pool = self.pool.checked_sub(due).ok_or(CoreError::Overflow)?;
        leaf.received = leaf.received.checked_add(due).ok_or(CoreError::Overflow)?;
        Ok(())
    }

    pub(super) fn stop_interim(&mut self, signer: &Pubkey, number: usize) -> Result<(), CoreError> {
        let interim = self.interim.as_deref_mut().ok_or(CoreError::ArgumentOutOfRange)?;
        let leaf = self.leaves.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        acts::stop_interim_claim(&self.domain, &mut self.council, interim, signer, &leaf.key).map(|_| ())
    }

    pub(super) fn return_interim(&mut self) -> Result<(), CoreError> {
        let interim = self.interim.as_deref().ok_or(CoreError::ArgumentOutOfRange)?;
        let amount = acts::return_interim(interim, &self.incident.1, self.pool)?;
        self.pool = self.pool.checked_sub(amount).ok_or(CoreError::Overflow)?;
        self.treasury = self.treasury.checked_add(amount).ok_or(CoreError::Overflow)?;
        Ok(())
    }
}
