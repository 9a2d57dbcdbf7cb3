//! The rules fixed in peace, and what anyone may do once the escape is due.

use bulkhead_interface::{
    Pubkey,
    constants::{
        ESCAPE_SEAL_SECONDS, MAX_ESCAPE_SECONDS, MAX_RESTART_CHECK_SECONDS, MIN_ESCAPE_SECONDS,
        MIN_RESTART_CHECK_SECONDS, NO_LEDGER, phase, restoration_flag, snapshot_flag, snapshot_source, snapshot_state,
    },
    layout::{CheckpointLog, Domain, Incident, Ledger, Restoration, Snapshot, Vault},
};

use super::clock;
use crate::{
    CoreError,
    acts::{At, NewRestoration, Plan, begin_restoration, breach_slot, decide, require_claims_run, require_settled},
    checkpoints::checkpoint::{is_published, require_usable},
    custody::queue_ledger,
    restoration::share,
};

/// The rules of a domain's recovery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryRules {
    /// How long a freeze may last before anyone opens the escape, or 0 for never.
    pub escape_seconds: i64,
    /// How old the check of a restored ledger may be when the domain reopens, or 0 if no check is required.
    pub restart_check_seconds: i64,
}

impl RecoveryRules {
    /// Are the times in range?
    fn check(&self) -> Result<(), CoreError> {
        let is_escape = (MIN_ESCAPE_SECONDS..=MAX_ESCAPE_SECONDS).contains(&self.escape_seconds);
        let is_check = (MIN_RESTART_CHECK_SECONDS..=MAX_RESTART_CHECK_SECONDS).contains(&self.restart_check_seconds);
        if (is_escape || self.escape_seconds == 0) && (is_check || self.restart_check_seconds == 0) {
            Ok(())
        } else {
            Err(CoreError::ArgumentOutOfRange)
        }
    }
}

/// Can these rules be set in this domain? Only in peace, and a proposal for them can only be made in peace: nobody
/// changes them with an incident in view, nor in the moment between two.
///
/// # Errors
/// [`CoreError::WrongPhase`], [`CoreError::ArgumentOutOfRange`]
pub fn check_recovery_rules(domain: &Domain, rules: &RecoveryRules) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::SETUP | phase::OPERATING) {
        return Err(CoreError::WrongPhase);
    }
    rules.check()
}

/// Sets the rules of a domain's recovery, in peace. Requires the setup authority or a matured proposal.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_recovery_rules(
    domain: &mut Domain,
    rules: &RecoveryRules,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    check_recovery_rules(domain, rules)?;
    decide(&mut domain.rules_decided_slot, proposed_slot)?;
    domain.escape_seconds = rules.escape_seconds;
    domain.restart_check_seconds = rules.restart_check_seconds;
    Ok(())
}

/// The accounts that decide which state the escape pays by.
#[derive(Clone, Copy)]
pub struct EscapeState<'a> {
    /// The snapshot to pay by.
    pub snapshot: &'a Snapshot,
    /// The snapshot read in the incident itself, if there is one.
    pub own: Option<&'a Snapshot>,
    /// The ledger's checkpoint log, if it has one.
    pub log: Option<&'a CheckpointLog>,
}

/// Anyone restores a ledger without a vote once the escape is due: to the state that was read in the incident and agrees
/// with the host's total. Where none was sealed in a further fixed time: to the newest checkpoint that can be used and
/// whose leaves are published. Where there is none either: to the state that an override sealed. It opens nothing: the
/// board stays as it is.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_escape(
    domain: &mut Domain,
    incident: &mut Incident,
    restoration: &mut Restoration,
    state: &EscapeState<'_>,
    (plan, new): (&Plan, &NewRestoration),
    at: At,
) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    if domain.open_incident != plan.incident {
        return Err(CoreError::IncidentNotOpen);
    }
    clock::require_due(domain, at.now)?;
    let snapshot = state.snapshot;
    if snapshot.incident != plan.incident || snapshot.ledger_index != plan.ledger_index || snapshot.mint != new.mint {
        return Err(CoreError::ForeignAccount);
    }
    if snapshot.state != snapshot_state::SEALED {
        return Err(CoreError::SnapshotNotSealed);
    }
    if is_read(snapshot) {
        require_settled(snapshot, at.now)?;
    } else {
        require_next_best(domain, incident, state, at.now)?;
    }
    begin_restoration(domain, incident, restoration, snapshot, (plan, new), at)?;
    restoration.flags |= restoration_flag::ESCAPE;
    Ok(())
}

/// Was it read in the incident, and sealed by crank against the host's total?
fn is_read(snapshot: &Snapshot) -> bool {
    let is_overridden = snapshot.flags & snapshot_flag::OVERRIDDEN != 0;
    snapshot.source == snapshot_source::FROZEN && snapshot.state == snapshot_state::SEALED && !is_overridden
}

/// May the escape pay by this checkpoint, or by what an override sealed? Nobody votes on it, so everyone must have had
/// time to examine it and to have it voided. A checkpoint's leaves must be published, and the newest one of that kind
/// pays; whoever withholds the leaves of a checkpoint blocks nothing, because it does not count. An override pays only
/// where there is no such checkpoint: without a vote, approvers do not choose whose positions are paid.
fn require_next_best(domain: &Domain, incident: &Incident, state: &EscapeState<'_>, now: i64) -> Result<(), CoreError> {
    if state.own.is_some_and(is_read) {
        return Err(CoreError::OwnStateSealed);
    }
    let opened = state.snapshot.sealed_ts.saturating_add(ESCAPE_SEAL_SECONDS);
    let is_time = clock::checkpoint_due(domain, incident).is_some_and(|due| now >= due.max(opened));
    if !is_time {
        return Err(CoreError::EscapeNotDue);
    }
    let (slot, breach) = (state.snapshot.checkpoint_slot, breach_slot(incident));
    if state.snapshot.source != snapshot_source::FROZEN {
        let log = state.log.ok_or(CoreError::NoSuchCheckpoint)?;
        if !is_published(require_usable(log, slot, breach)?) {
            return Err(CoreError::CheckpointNotPublished);
        }
    }
    // A snapshot that was read in the incident has slot 0: any such checkpoint precedes it.
    let precedes = |log: &CheckpointLog| {
        let mut entries = log.entries.iter();
        entries.any(|entry| entry.slot > slot && is_published(entry) && require_usable(log, entry.slot, breach).is_ok())
    };
    if state.log.is_some_and(precedes) {
        return Err(CoreError::NewerCheckpoint);
    }
    Ok(())
}

/// A vault, and what its custody holds.
#[derive(Clone, Copy)]
pub struct InCustody<'a> {
    /// Address of the vault.
    pub vault_key: &'a Pubkey,
    /// The vault.
    pub vault: &'a Vault,
    /// The ledger of the vault's queue, if it has one.
    pub queue: Option<&'a Ledger>,
    /// What its token account holds.
    pub held: u64,
}

/// The part of a vault's tokens that anyone moves to the claims of the ledger it backs, once the escape is due: at most
/// what the claims lack, and nothing that is kept for the vault's queue, which goes to the claims of the queue alone. Also where a vote chose the state: a council that never evacuates keeps nothing from them.
/// When the incident is over, custody belongs to the host's operation again.
///
/// # Errors
/// A named [`CoreError`].
pub fn custody_due(
    domain: &Domain,
    restoration: &Restoration,
    custody: InCustody<'_>,
    balance: u64,
    now: i64,
) -> Result<u64, CoreError> {
    let InCustody {
        vault_key,
        vault,
        queue,
        held,
    } = custody;
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    if domain.open_incident != restoration.incident {
        return Err(CoreError::IncidentNotOpen);
    }
    clock::require_due(domain, now)?;
    if vault.domain != restoration.domain {
        return Err(CoreError::ForeignAccount);
    }
    let is_of_queue = queue_ledger::is_of(vault, restoration.ledger_index);
    let backs = vault.ledger == restoration.ledger_index && vault.ledger != NO_LEDGER;
    if !is_of_queue && !backs {
        return Err(CoreError::WrongDestination);
    }
    require_claims_run(restoration, now)?;
    let kept = queue_ledger::kept((vault_key, vault), queue, &restoration.incident)?;
    let due = if is_of_queue {
        held.min(kept)
    } else {
        held.saturating_sub(kept)
    };
    match due.min(share::lacking(restoration, balance)) {
        0 => Err(CoreError::NothingToMove),
        amount => Ok(amount),
    }
}

/// May a vault be evacuated? Once the escape is due, a vault that backs a ledger can be evacuated only to a recovery
/// account of the domain's own, from which anyone moves it on: its tokens belong to the claims.
///
/// # Errors
/// [`CoreError::EscapeDue`]
pub fn require_evacuable(domain: &Domain, vault: &Vault, now: i64) -> Result<(), CoreError> {
    let is_kept = vault.route == Pubkey::default() || vault.route_holder == vault.domain;
    if vault.ledger != NO_LEDGER && !is_kept && clock::is_due(domain, now) {
        return Err(CoreError::EscapeDue);
    }
    Ok(())
}
