//! What an evacuation does to a queue: a restoration pays it, or the vault once it pays again.

use bulkhead_interface::{
    Pubkey,
    constants::{release_state, snapshot_flag, step},
    layout::{Incident, Ledger, Release, Snapshot, Vault},
};

use crate::{
    CoreError,
    custody::{is_active, is_stopped, migration::has_moved, queue_ledger},
    pause::incident::has_happened,
};

use super::Queue;

/// An evacuation stops the queue: its releases become positions, and what they are owed is kept for them out of what is
/// moved. `evacuations` of the vault count this one already.
///
/// # Errors
/// A named [`CoreError`].
pub(super) fn stop(queue: Queue) -> Result<(), CoreError> {
    let Queue { key, vault, ledger } = queue;
    if let Some(ledger) = queue_ledger::of((key, vault), ledger)? {
        ledger.queue_until = vault.evacuations;
        ledger.queue_reserve = vault.queued;
    }
    Ok(())
}

/// The chosen state is a queue's: from now on its claims pay the releases, and nothing else does. Does nothing for any other
/// ledger.
///
/// Only a queue that stands still is restored, whole: the vault was evacuated in this incident, and what it owes is what the
/// snapshot adds up to.
///
/// # Errors
/// A named [`CoreError`].
pub fn restore_queue(snapshot: &Snapshot, queue: Option<Queue>) -> Result<(), CoreError> {
    if snapshot.flags & snapshot_flag::QUEUE == 0 {
        return Ok(());
    }
    let Queue { key, vault, ledger } = queue.ok_or(CoreError::QueueLedgerMissing)?;
    let ledger = queue_ledger::of((key, vault), ledger)?.ok_or(CoreError::ForeignAccount)?;
    if ledger.domain != snapshot.domain || ledger.index != snapshot.ledger_index {
        return Err(CoreError::ForeignAccount);
    }
    if vault.evacuation.incident != snapshot.incident {
        return Err(CoreError::QueueNotEvacuated);
    }
    if vault.queued != snapshot.total {
        return Err(CoreError::QueueChanged);
    }
    ledger.queue_from = vault.evacuations;
    vault.queued = 0;
    Ok(())
}

/// Anyone brings a queued release that an evacuation has stopped back to the queue of a vault that pays again: an unpause
/// was executed that was proposed after the evacuation. No restoration pays it, and the vault holds all that its queue is
/// owed. It keeps its place.
///
/// Only if nothing was restored in the incident that moved the vault's tokens: then they came back for everybody. Where
/// others were paid their claims, what the vault holds now is of those who came later. A queue that was left out then is
/// still a ledger: what was kept for it is carried to the next incident, whose restoration pays it. Where the tokens never
/// left, custody has kept what the queue is owed, and pays it: whoever stops a queue, by the escape or by an evacuation that
/// moves nothing, locks nobody out.
///
/// # Errors
/// A named [`CoreError`].
pub fn requeue_release(
    (vault_key, vault): (&Pubkey, &Vault),
    (incident_key, incident): (&Pubkey, &Incident),
    ledger: Option<&Ledger>,
    release: &mut Release,
    balance: u64,
    unpaused_slot: u64,
) -> Result<(), CoreError> {
    if release.vault != *vault_key {
        return Err(CoreError::ForeignAccount);
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued);
    }
    if !is_stopped(vault, release) {
        return Err(CoreError::ReleaseInQueue);
    }
    let ledger = queue_ledger::of((vault_key, vault), ledger)?;
    if ledger.is_some_and(|ledger| release.evacuations < ledger.queue_from) {
        return Err(CoreError::ReleaseRestored);
    }
    if !is_active(vault, unpaused_slot) {
        return Err(CoreError::VaultEvacuated);
    }
    if vault.evacuation.incident != *incident_key {
        return Err(CoreError::ForeignAccount);
    }
    if has_happened(incident, step::RESTORATION) && has_moved(&vault.evacuation) {
        return Err(CoreError::OthersRestored);
    }
    if balance < vault.queued {
        return Err(CoreError::QueueNotCovered);
    }
    release.evacuations = vault.evacuations;
    Ok(())
}
