//! Cancelling queued releases, and what becomes of a cancelled one.

use bulkhead_interface::{
    Pubkey,
    constants::{CANCEL_SECONDS, VERSION, incident_state, release_state, role, step},
    layout::{CancelList, Council, Incident, Ledger, Release, Vault},
};

use crate::{
    CoreError,
    acts::{At, decide},
    custody::{is_stopped, queue_ledger, release_list},
    domain::council::{burn, member_index},
    pause::incident::{covers, has_happened},
};

/// The vault of a queued release, with its address, and the ledger of its queue if it has one.
pub struct Queue<'a> {
    /// Address of the vault.
    pub key: &'a Pubkey,
    /// The vault.
    pub vault: &'a mut Vault,
    /// The ledger of its queue.
    pub ledger: Option<&'a mut Ledger>,
}

/// Can guardians cancel no more of what this incident has evacuated? From a day after they confirmed the evacuation; or the
/// freeze, where they never did, and the escape stops the queue.
#[must_use]
pub fn is_cancellation_over(incident: &Incident, now: i64) -> bool {
    let decided = if has_happened(incident, step::EVACUATION) {
        step::EVACUATION
    } else {
        step::FREEZE
    };
    let since = incident.steps.get(decided);
    has_happened(incident, decided) && since.is_some_and(|since| now >= since.ts.saturating_add(CANCEL_SECONDS))
}

/// May a guardian cancel this release in this incident? It was requested in the incident, or was not payable yet at the
/// breach, so that nobody was too late to stop it. Once it stands still, for a day.
fn may_cancel(incident: &Incident, vault: &Vault, release: &Release, now: i64) -> Result<(), CoreError> {
    let breach = incident.steps.get(step::BREACH).map_or(0, |breach| breach.ts);
    if !covers(incident, release.requested_slot) && release.payable_ts <= breach {
        return Err(CoreError::ReleaseBeforeBreach);
    }
    if is_stopped(vault, release) && is_cancellation_over(incident, now) {
        return Err(CoreError::CancellationOver);
    }
    Ok(())
}

/// One guardian cancels a queued release of the open incident. Burns a pause right.
///
/// Returns the unpaid amount, which stays in the vault and which the host can take back, and the rights left.
///
/// # Errors
/// A named [`CoreError`].
pub fn cancel_release(
    council: &mut Council,
    incident: &Incident,
    queue: Queue,
    release: &mut Release,
    guardian: &Pubkey,
    now: i64,
) -> Result<(u64, u8), CoreError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    check_queued(&queue, release)?;
    may_cancel(incident, queue.vault, release, now)?;
    let rights_left = burn(council, index)?;
    Ok((call_off(queue, release)?, rights_left))
}

fn check_queued(queue: &Queue, release: &Release) -> Result<(), CoreError> {
    if release.vault != *queue.key {
        return Err(CoreError::ForeignAccount);
    }
    if release.state != release_state::QUEUED {
        return Err(CoreError::ReleaseNotQueued);
    }
    let ledger = queue.ledger.as_deref();
    if ledger.is_some_and(|ledger| release.evacuations < ledger.queue_from) {
        return Err(CoreError::ReleaseRestored);
    }
    Ok(())
}

/// Ends a queued release: nobody is owed it by the queue any more, and what was kept for it is kept no longer. Returns the
/// unpaid amount.
fn call_off(queue: Queue, release: &mut Release) -> Result<u64, CoreError> {
    let Queue { key, vault, ledger } = queue;
    let unpaid = release.amount.checked_sub(release.paid).ok_or(CoreError::Overflow)?;
    if is_stopped(vault, release)
        && let Some(ledger) = queue_ledger::of((key, vault), ledger)?
    {
        if release.evacuations < ledger.queue_from {
            return Err(CoreError::ReleaseRestored);
        }
        ledger.queue_reserve = ledger.queue_reserve.saturating_sub(unpaid);
    }
    vault.queued = vault.queued.checked_sub(unpaid).ok_or(CoreError::Overflow)?;
    release.state = release_state::CANCELLED;
    Ok(unpaid)
}

/// A matured proposal names the queued releases to cancel, by the root of their list; zero ends an earlier list. A
/// guardian can cancel only releases that an alarm was in time for. Governance can cancel any: a theft that waits
/// within the limits triggers no detector.
///
/// # Errors
/// [`CoreError::DecidedSince`].
pub fn cancel_releases(vault: &mut Vault, root: [u8; 32], proposed_slot: u64) -> Result<(), CoreError> {
    decide(&mut vault.cancel_decided_slot, Some(proposed_slot))?;
    vault.cancel_root = root;
    Ok(())
}

/// Anyone cancels a queued release that is on the governance's list for the vault. Returns the unpaid amount.
///
/// # Errors
/// A named [`CoreError`].
pub fn cancel_listed(
    queue: Queue,
    (release_key, release): (&Pubkey, &mut Release),
    proof: &[[u8; 32]],
) -> Result<u64, CoreError> {
    check_queued(&queue, release)?;
    check_listed(&queue.vault.cancel_root, (release_key, release), proof)?;
    call_off(queue, release)
}

/// Is this release on the list with this root?
fn check_listed(root: &[u8; 32], (key, release): (&Pubkey, &Release), proof: &[[u8; 32]]) -> Result<(), CoreError> {
    let leaf = release_list::leaf(key, release.requested_slot);
    if *root == [0; 32] || release_list::root_of(leaf, proof) != *root {
        return Err(CoreError::ReleaseNotListed);
    }
    Ok(())
}

/// What a guardian's list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewCancelList {
    /// Bump of its PDA.
    pub bump: u8,
    /// The vault.
    pub vault: Pubkey,
    /// The open incident.
    pub incident: Pubkey,
    /// Root of the list.
    pub root: [u8; 32],
}

/// One guardian names the queued releases of a vault to cancel in the open incident, by the root of their list. Burns one
/// pause right, whatever the length of the list. The guardian's next list replaces it; what was cancelled stays cancelled.
///
/// Returns the rights left.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_cancel_list(
    council: &mut Council,
    incident: &Incident,
    list: &mut CancelList,
    new: &NewCancelList,
    guardian: &Pubkey,
    at: At,
) -> Result<u8, CoreError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    if incident.state != incident_state::OPEN {
        return Err(CoreError::IncidentNotOpen);
    }
    // A right is spent on nothing otherwise.
    if new.root == [0; 32] || new.root == list.root {
        return Err(CoreError::ReleaseNotListed);
    }
    let rights_left = burn(council, index)?;
    *list = CancelList {
        version: VERSION,
        bump: new.bump,
        vault: new.vault,
        incident: new.incident,
        guardian: *guardian,
        root: new.root,
        slot: at.slot,
        ts: at.now,
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(rights_left)
}

/// Anyone cancels a queued release that is on a guardian's list. It must be one that the guardian could cancel alone.
/// Returns the unpaid amount.
///
/// # Errors
/// A named [`CoreError`].
pub fn cancel_listed_by_guardian(
    (incident_key, incident): (&Pubkey, &Incident),
    list: &CancelList,
    queue: Queue,
    (release_key, release): (&Pubkey, &mut Release),
    proof: &[[u8; 32]],
    now: i64,
) -> Result<u64, CoreError> {
    if list.incident != *incident_key || list.vault != *queue.key {
        return Err(CoreError::ForeignAccount);
    }
    if incident.state != incident_state::OPEN {
        return Err(CoreError::IncidentNotOpen);
    }
    check_queued(&queue, release)?;
    check_listed(&list.root, (release_key, release), proof)?;
    may_cancel(incident, queue.vault, release, now)?;
    call_off(queue, release)
}

/// The vault's operator takes a cancelled release back, and then owes its owner the unpaid amount again, which it returns.
/// The record ends: it can be taken back once.
///
/// # Errors
/// A named [`CoreError`].
pub fn take_back_release(
    (vault_key, vault): (&Pubkey, &Vault),
    release: &Release,
    operator: &Pubkey,
) -> Result<u64, CoreError> {
    if release.vault != *vault_key {
        return Err(CoreError::ForeignAccount);
    }
    if vault.operator != *operator {
        return Err(CoreError::NotOperator);
    }
    if release.state != release_state::CANCELLED {
        return Err(CoreError::ReleaseNotCancelled);
    }
    release.amount.checked_sub(release.paid).ok_or(CoreError::Overflow)
}

/// May the record of a release be closed? Once it was paid, by the vault or by the claims of a restoration, which takes the
/// ledger of its queue to tell. Any other record shows what somebody is owed: by the vault, or by the host.
///
/// # Errors
/// A named [`CoreError`].
pub fn close_release(release: &Release, ledger: Option<&Ledger>) -> Result<(), CoreError> {
    if ledger.is_some_and(|ledger| !queue_ledger::is_queue(ledger) || ledger.total_account != release.vault) {
        return Err(CoreError::ForeignAccount);
    }
    match release.state {
        release_state::PAID => Ok(()),
        release_state::CANCELLED => Err(CoreError::ReleaseNotTakenBack),
        _ if ledger.is_some_and(|ledger| release.evacuations < ledger.queue_from) => Ok(()),
        _ => Err(CoreError::ReleaseStillQueued),
    }
}
