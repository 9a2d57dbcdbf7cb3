//! From the first alarm to the end of an incident.

use bulkhead_guard::board::SCOPE_DOMAIN;
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MAX_GRACE_SECONDS, cause, incident_state, migration_state, phase, role, step},
    layout::{Council, Domain, Incident, Latch, Migration, PauseBoard},
};

use super::{ActError, At};
use crate::{
    board,
    confirmation::confirm,
    council::{contain, member_index},
    incident::{Alarm, begin, is_evacuation_news, mark},
    latch,
    phase::{Event, after},
};

/// What one guardian has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Actions closed.
    pub mask: u32,
    /// It lapses then. Unix seconds.
    pub until: i64,
    /// Pause rights the guardian still has.
    pub rights_left: u8,
}

/// One guardian closes actions, at once; `mask` 0 stands for the council's default. A silent guardian may as well:
/// tightening is never refused for silence.
///
/// # Errors
/// [`ActError`] by name.
pub fn pause(
    council: &mut Council,
    board: &mut PauseBoard,
    guardian: &Pubkey,
    scope: u8,
    mask: u32,
    now: i64,
) -> Result<Paused, ActError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    let rights_left = contain(council, index, now)?;
    let mask = if mask == 0 { council.default_mask } else { mask };
    let until = now.checked_add(council.contain_seconds).ok_or(ActError::Overflow)?;
    board::contain(board, scope, mask, until, now)?;
    Ok(Paused {
        mask,
        until,
        rights_left,
    })
}

/// The account of an incident that is being opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewIncident {
    /// Its address.
    pub key: Pubkey,
    /// Bump of its PDA.
    pub bump: u8,
    /// The domain's address.
    pub domain: Pubkey,
}

/// One guardian raises the alarm: pauses the domain and opens the incident. Only while the domain operates.
///
/// # Errors
/// [`ActError`] by name.
pub fn open_incident(
    domain: &mut Domain,
    council: &mut Council,
    board: &mut PauseBoard,
    incident: &mut Incident,
    new: &NewIncident,
    guardian: &Pubkey,
    at: At,
) -> Result<(), ActError> {
    pause(council, board, guardian, SCOPE_DOMAIN, 0, at.now)?;
    domain.state = after(domain.state, Event::OpenIncident)?;
    let alarm = Alarm {
        bump: new.bump,
        cause: cause::GUARDIAN,
        source: *guardian,
        amount: 0,
        limit: 0,
        slot: at.slot,
        ts: at.now,
    };
    begin(incident, domain, new.key, new.domain, &alarm)?;
    mark(incident, step::PAUSE, at.slot, at.now);
    Ok(())
}

/// A detector's trip on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Propagated {
    /// It opened the incident.
    pub is_opened: bool,
    /// It lapses then. Unix seconds.
    pub until: i64,
}

/// Anyone carries a latch to the board, once, and opens the incident if none is open. The trip lasts from the latch.
///
/// `source` is the detector, of `cause`.
///
/// # Errors
/// [`ActError`] by name.
#[allow(clippy::too_many_arguments)]
pub fn propagate(
    domain: &mut Domain,
    council: &Council,
    board: &mut PauseBoard,
    latch: &mut Latch,
    (source, cause): (&Pubkey, u8),
    incident: &mut Incident,
    new: &NewIncident,
    at: At,
) -> Result<Propagated, ActError> {
    let until =
        latch::trip_until(latch, council.trip_seconds, board.lifted_slot, at.now).ok_or(ActError::NotLatched)?;
    let is_opened = domain.open_incident == Pubkey::default();
    if is_opened {
        domain.state = after(domain.state, Event::OpenIncident)?;
        let alarm = Alarm {
            bump: new.bump,
            cause,
            source: *source,
            amount: latch.seen,
            limit: latch.allowed,
            slot: latch.slot,
            ts: latch.ts,
        };
        begin(incident, domain, new.key, new.domain, &alarm)?;
        mark(incident, step::PAUSE, at.slot, at.now);
    }
    board::trip(board, latch.scope, council.default_mask, until, at.now)?;
    latch.state = bulkhead_interface::constants::latch_state::PROPAGATED;
    Ok(Propagated { is_opened, until })
}

/// Where confirmations stand after another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Bit i: member i confirms.
    pub confirmations: u16,
    /// This one reached the threshold.
    pub is_reached: bool,
}

/// A guardian confirms the open incident; at the threshold the domain is held.
///
/// # Errors
/// [`ActError`] by name.
pub fn confirm_incident(
    domain: &mut Domain,
    council: &Council,
    board: &mut PauseBoard,
    incident: &mut Incident,
    guardian: &Pubkey,
    at: At,
) -> Result<Confirmed, ActError> {
    let held = after(domain.state, Event::Confirm)?;
    let index = member_index(council, guardian, role::GUARDIAN)?;
    let (mut confirmations, mut epoch) = (incident.confirmations, incident.config_epoch);
    let is_reached = confirm(&mut confirmations, &mut epoch, council, index, at.now)?;
    (incident.confirmations, incident.config_epoch) = (confirmations, epoch);
    if is_reached {
        domain.state = held;
        board::hold(board);
        mark(incident, step::HOLD, at.slot, at.now);
    }
    Ok(Confirmed {
        confirmations,
        is_reached,
    })
}

/// A guardian confirms that the vaults shall be moved; at the threshold anyone may move them.
///
/// # Errors
/// [`ActError`] by name.
pub fn confirm_evacuation(
    domain: &Domain,
    council: &Council,
    incident: &mut Incident,
    migration: &mut Migration,
    guardian: &Pubkey,
    at: At,
) -> Result<Confirmed, ActError> {
    if !matches!(domain.state, phase::HELD | phase::RECOVERING) {
        return Err(ActError::WrongPhase);
    }
    let index = member_index(council, guardian, role::GUARDIAN)?;
    let (mut confirmations, mut epoch) = (migration.confirmations, migration.config_epoch);
    let is_enough = confirm(&mut confirmations, &mut epoch, council, index, at.now)?;
    let is_news = (confirmations, epoch) != (migration.confirmations, migration.config_epoch);
    let is_reached = is_enough && migration.state == migration_state::PENDING;
    if !is_news && !is_reached {
        return Err(ActError::AlreadyConfirmed);
    }
    (migration.confirmations, migration.config_epoch) = (confirmations, epoch);
    if is_reached {
        migration.state = migration_state::ACTIVE;
        mark(incident, step::EVACUATION, at.slot, at.now);
    }
    Ok(Confirmed {
        confirmations,
        is_reached,
    })
}

/// Anyone closes an incident that nobody confirmed, once every timed pause has run out. It opens nothing.
///
/// # Errors
/// [`ActError`] by name.
pub fn lapse(domain: &mut Domain, board: &PauseBoard, incident: &mut Incident, at: At) -> Result<(), ActError> {
    let next = after(domain.state, Event::Lapse)?;
    if board::is_timed_pause_in_force(board, at.now) {
        return Err(ActError::PauseInForce);
    }
    domain.state = next;
    close(domain, incident, at);
    Ok(())
}

/// Lifts the pause of the incident `named`, unless the board was touched since `board_epoch`. Only a matured proposal,
/// made in `proposed_slot`, says so: an upstream's pause that was carried here since stays.
///
/// # Errors
/// [`ActError`] by name.
pub fn resume(
    domain: &mut Domain,
    board: &mut PauseBoard,
    incident: &mut Incident,
    named: &Pubkey,
    board_epoch: u64,
    proposed_slot: u64,
    at: At,
) -> Result<(), ActError> {
    if domain.open_incident != *named {
        return Err(ActError::IncidentNotOpen);
    }
    require_epoch(board, board_epoch)?;
    require_known(incident, proposed_slot)?;
    domain.state = after(domain.state, Event::Resume)?;
    board::lift(board, proposed_slot, at.slot);
    close(domain, incident, at);
    Ok(())
}

/// How a domain reopens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reopening {
    /// The incident whose restoration was paid; when a stage is raised, the one last closed.
    pub incident: Pubkey,
    /// The board's epoch when it was proposed.
    pub board_epoch: u64,
    /// Share of the limits in force, in bps.
    pub stage_bps: u16,
    /// How long liquidations stay closed.
    pub grace_seconds: i64,
}

/// Reopens after a restoration, or raises the stage of a reopening. Only a matured proposal says so.
///
/// Returns the end of the grace.
///
/// # Errors
/// [`ActError`] by name.
pub fn reopen(
    domain: &mut Domain,
    board: &mut PauseBoard,
    incident: &mut Incident,
    how: &Reopening,
    proposed_slot: u64,
    at: At,
) -> Result<i64, ActError> {
    if !(1..=BPS).contains(&how.stage_bps) || !(0..=MAX_GRACE_SECONDS).contains(&how.grace_seconds) {
        return Err(ActError::ArgumentOutOfRange);
    }
    let grace_until = at.now.checked_add(how.grace_seconds).ok_or(ActError::Overflow)?;
    require_epoch(board, how.board_epoch)?;
    require_known(incident, proposed_slot)?;
    if domain.state != phase::OPERATING && domain.open_incident != how.incident {
        return Err(ActError::IncidentNotOpen);
    }
    domain.state = after(domain.state, Event::Reopen)?;
    board::reopen(board, proposed_slot, at.slot, how.stage_bps, grace_until);
    close(domain, incident, at);
    Ok(grace_until)
}

fn require_epoch(board: &PauseBoard, board_epoch: u64) -> Result<(), ActError> {
    if board.epoch == board_epoch {
        Ok(())
    } else {
        Err(ActError::TightenedSince)
    }
}

/// An evacuation that was confirmed since the proposal goes on: once in an incident, and by the guardians' threshold.
fn require_known(incident: &Incident, proposed_slot: u64) -> Result<(), ActError> {
    if is_evacuation_news(incident, proposed_slot) {
        return Err(ActError::TightenedSince);
    }
    Ok(())
}

fn close(domain: &mut Domain, incident: &mut Incident, at: At) {
    domain.open_incident = Pubkey::default();
    incident.state = incident_state::CLOSED;
    mark(incident, step::REOPEN, at.slot, at.now);
}
