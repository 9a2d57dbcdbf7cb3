//! How interim claims end: in a restoration, or without one.

use bulkhead_interface::{
    Pubkey,
    constants::{incident_state, interim_state, restoration_flag},
    layout::{Incident, Interim, InterimProof, Restoration, Snapshot},
};

use crate::{
    CoreError,
    interim::places,
    restoration::{claims::ClaimPlace, share::pay},
};

/// A state is chosen: the restoration continues where the interim share-out stopped. Under one of its two states it
/// takes over that state's books, with what was shared out and paid. Under a third state it begins anew, and each claim
/// shows what its position was paid ([`claim_after_interim`]). `None` when there was no interim share-out.
///
/// # Errors
/// A named [`CoreError`].
pub fn end_interim(
    interim: Option<(&Pubkey, &mut Interim)>,
    (key, restoration): (&Pubkey, &mut Restoration),
    snapshot: &Snapshot,
) -> Result<(), CoreError> {
    restoration.book = *key;
    let Some((interim_key, interim)) = interim else {
        return Ok(());
    };
    if interim.restoration != *key || interim.pool != restoration.pool {
        return Err(CoreError::ForeignAccount);
    }
    interim.state = interim_state::ENDED;
    let is_read = restoration.snapshot == interim.snapshot && snapshot.root == interim.snapshot_root;
    let is_checkpoint = restoration.snapshot == interim.checkpoint;
    if is_read {
        restoration.book = *interim_key;
    } else if is_checkpoint {
        restoration.book = interim.checkpoint;
    } else {
        if interim.paid > 0 {
            restoration.flags |= restoration_flag::AFTER_INTERIM;
        }
        return Ok(());
    }
    restoration.paid = interim.paid;
    // Two totals may be far apart: more than the claims is never shared out.
    restoration.shared = interim.shared.min(restoration.total);
    Ok(())
}

/// Where it is recorded what the owner of this leaf of a third state was paid for the position, if anything was.
///
/// # Errors
/// A named [`CoreError`].
pub fn paid_before(
    (interim_key, interim): (&Pubkey, &Interim),
    proof: &InterimProof,
    restoration: &Pubkey,
    (key, owner): (&Pubkey, &Pubkey),
) -> Result<Option<ClaimPlace>, CoreError> {
    if interim.restoration != *restoration || proof.interim != *interim_key {
        return Err(CoreError::ForeignAccount);
    }
    places::find(interim, &proof.leaves, key, owner)
}

/// Records the payment that a leaf of a third state receives now, and returns what has to be transferred: its share,
/// minus what it was paid before the vote. `before` is the part of that which no share covered yet. What it saves stays
/// in the pool, free to be shared out again.
///
/// # Errors
/// A named [`CoreError`].
pub fn claim_after_interim(
    restoration: &mut Restoration,
    amount: u64,
    paid: &mut u64,
    before: &mut u64,
) -> Result<u64, CoreError> {
    let due = pay(restoration, amount, paid)?;
    let covered = due.min(*before);
    *before = before.saturating_sub(covered);
    Ok(due.saturating_sub(covered))
}

/// The incident ended without a state for this ledger: what is left in the pool goes back to the domain. Returns the
/// amount.
///
/// # Errors
/// A named [`CoreError`].
pub fn return_interim(interim: &Interim, incident: &Incident, balance: u64) -> Result<u64, CoreError> {
    if interim.state != interim_state::OPEN || incident.state != incident_state::CLOSED {
        return Err(CoreError::InterimNotOver);
    }
    match balance {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}
