//! From the first alarm to the end of an incident.

use bulkhead_guard::board::SCOPE_DOMAIN;
use bulkhead_interface::{
    Pubkey,
    constants::{
        BPS, MAX_GRACE_SECONDS, cause, domain_flag, incident_state, latch_state, migration_state, phase, role, step,
    },
    layout::{Council, Domain, Incident, Latch, Migration, PauseBoard},
};

use crate::{
    CoreError,
    acts::At,
    detectors::latch,
    domain::{
        council::{guardian_pause, member_index},
        phase::{Event, after},
    },
    escape::clock,
    pause::{
        board,
        confirmation::confirm,
        incident::{Alarm, begin, follow, has_happened, is_known, is_next_due, mark, precede},
    },
};

/// The result of a guardian's pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Actions closed.
    pub mask: u32,
    /// When it lapses. Unix seconds.
    pub until: i64,
    /// Pause rights that the guardian has left.
    pub rights_left: u8,
}

/// One guardian closes actions immediately; `mask` 0 means the council's default. A silent guardian may do so too:
/// tightening is never refused for silence.
///
/// # Errors
/// A named [`CoreError`].
pub fn pause(
    council: &mut Council,
    board: &mut PauseBoard,
    guardian: &Pubkey,
    scope: u8,
    mask: u32,
    at: At,
) -> Result<Paused, CoreError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    let rights_left = guardian_pause(council, index, at.now)?;
    let mask = if mask == 0 { council.default_mask } else { mask };
    let until = at
        .now
        .checked_add(council.guardian_pause_seconds)
        .ok_or(CoreError::Overflow)?;
    board::guardian_pause(board, scope, mask, until, at)?;
    Ok(Paused {
        mask,
        until,
        rights_left,
    })
}

/// The account of an incident to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewIncident {
    /// Its address.
    pub key: Pubkey,
    /// Bump of its PDA.
    pub bump: u8,
    /// The domain's address.
    pub domain: Pubkey,
}

/// One guardian raises the alarm: pauses the domain and opens the incident. Allowed only while the domain operates, or
/// when the open incident was decided and something newer is still in force.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_incident(
    domain: &mut Domain,
    council: &mut Council,
    board: &mut PauseBoard,
    incident: &mut Incident,
    new: &NewIncident,
    guardian: &Pubkey,
    at: At,
) -> Result<(), CoreError> {
    pause(council, board, guardian, SCOPE_DOMAIN, 0, at)?;
    domain.state = alarmed(domain)?;
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
    incident.alarm_slot = at.slot;
    mark(incident, step::PAUSE, at.slot, at.now);
    Ok(())
}

/// The phase after an alarm that opens its own incident.
fn alarmed(domain: &Domain) -> Result<u8, CoreError> {
    let is_decided = domain.flags & domain_flag::DECIDED != 0;
    let event = if is_decided {
        Event::OpenNextIncident
    } else {
        Event::OpenIncident
    };
    after(domain.state, event)
}

/// The result of propagating a detector's trip to the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Propagated {
    /// Whether it opened the incident.
    pub is_opened: bool,
    /// When it lapses. Unix seconds.
    pub until: i64,
}

/// Anyone propagates a latch to the board, once, and opens the incident if none is open. `incident` is the new incident
/// or the open one. The trip lasts from the time of the latch. In an open incident, a latch whose episode began before
/// the breach moves the breach back, even if it is too late for its own trip. A latch that was propagated into an
/// incident which was then decided without it, because the latch was newer, is propagated once more and gets its own
/// incident.
///
/// `source` is the detector, of `cause`.
///
/// # Errors
/// A named [`CoreError`].
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
) -> Result<Propagated, CoreError> {
    let is_decided = domain.flags & domain_flag::DECIDED != 0;
    if !latch::is_news(latch, board.unpaused_slot, at.now, is_decided) {
        return Err(CoreError::NotLatched);
    }
    let alarm = Alarm {
        bump: new.bump,
        cause,
        source: *source,
        amount: latch.seen,
        limit: latch.allowed,
        slot: latch::breach_slot(latch, board.unpaused_slot),
        ts: latch.ts,
    };
    let until = latch::trip_until(latch, council);
    let is_opened = is_next_due(domain);
    let is_trip = at.now < until;
    if is_opened && is_trip {
        domain.state = alarmed(domain)?;
        begin(incident, domain, new.key, new.domain, &alarm)?;
        // An unpause of the trip is compared with this value: `board::trip` below receives the same.
        incident.alarm_slot = latch.slot;
        mark(incident, step::PAUSE, at.slot, at.now);
    } else if is_opened || !(precede(incident, &alarm) || is_trip) {
        return Err(CoreError::NotLatched);
    }
    if is_trip {
        board::trip(board, latch.scope, council.default_mask, until, latch.slot, at.now)?;
    }
    latch.state = latch_state::PROPAGATED;
    Ok(Propagated { is_opened, until })
}

/// May a detector be closed by a matured proposal from `proposed_slot`, `None` during set-up? Its latch must be
/// propagated to the board first: a pause is unpaused by its own proposal, not by removing its cause. A propagated
/// latch does not prevent the close, so nobody can preserve a detector by making it latch.
///
/// # Errors
/// [`CoreError::LatchInForce`].
pub fn check_closable(
    latch: &Latch,
    council: &Council,
    board: &PauseBoard,
    proposed_slot: Option<u64>,
    now: i64,
) -> Result<(), CoreError> {
    if latch::is_closable(latch, council, board.unpaused_slot, proposed_slot.unwrap_or(0), now) {
        Ok(())
    } else {
        Err(CoreError::LatchInForce)
    }
}

/// Confirmations after another one was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// Bit i: member i has confirmed.
    pub confirmations: u16,
    /// Whether this confirmation reached the threshold.
    pub is_reached: bool,
}

/// A guardian confirms the open incident; at the threshold the domain is frozen.
///
/// # Errors
/// A named [`CoreError`].
pub fn confirm_incident(
    domain: &mut Domain,
    council: &Council,
    board: &mut PauseBoard,
    incident: &mut Incident,
    guardian: &Pubkey,
    at: At,
) -> Result<Confirmed, CoreError> {
    let held = after(domain.state, Event::Confirm)?;
    if incident.state != incident_state::OPEN {
        return Err(CoreError::IncidentNotOpen);
    }
    let index = member_index(council, guardian, role::GUARDIAN)?;
    let (mut confirmations, mut epoch) = (incident.confirmations, incident.config_epoch);
    let is_reached = confirm(&mut confirmations, &mut epoch, council, index, at.now)?;
    (incident.confirmations, incident.config_epoch) = (confirmations, epoch);
    if is_reached {
        domain.state = held;
        board::freeze(board, at.slot);
        clock::begin(domain, board, at.now);
        domain.confirmed_slot = at.slot;
        mark(incident, step::FREEZE, at.slot, at.now);
    }
    Ok(Confirmed {
        confirmations,
        is_reached,
    })
}

/// A guardian confirms that the vaults are to be evacuated. At the threshold anyone may evacuate them, to their
/// existing routes or to a route that is proposed after that.
///
/// # Errors
/// A named [`CoreError`].
pub fn confirm_evacuation(
    domain: &mut Domain,
    council: &Council,
    incident: &mut Incident,
    migration: &mut Migration,
    guardian: &Pubkey,
    at: At,
) -> Result<Confirmed, CoreError> {
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    let index = member_index(council, guardian, role::GUARDIAN)?;
    let (mut confirmations, mut epoch) = (migration.confirmations, migration.config_epoch);
    let is_enough = confirm(&mut confirmations, &mut epoch, council, index, at.now)?;
    let is_news = (confirmations, epoch) != (migration.confirmations, migration.config_epoch);
    let is_reached = is_enough && migration.state == migration_state::PENDING;
    if !is_news && !is_reached {
        return Err(CoreError::AlreadyConfirmed);
    }
    (migration.confirmations, migration.config_epoch) = (confirmations, epoch);
    if is_reached {
        migration.state = migration_state::ACTIVE;
        domain.confirmed_slot = at.slot;
        mark(incident, step::EVACUATION, at.slot, at.now);
    }
    Ok(Confirmed {
        confirmations,
        is_reached,
    })
}

/// Anyone closes an incident that nobody confirmed, once every timed pause has lapsed. It opens nothing.
///
/// # Errors
/// A named [`CoreError`].
pub fn lapse(domain: &mut Domain, board: &PauseBoard, incident: &mut Incident, at: At) -> Result<(), CoreError> {
    let next = after(domain.state, Event::Lapse)?;
    if board::is_timed_pause_in_force(board, at.now) {
        return Err(CoreError::PauseInForce);
    }
    domain.state = next;
    close(domain, incident, at);
    Ok(())
}

/// Unpauses what a matured proposal, created in `proposed_slot`, knew of at its creation. Ends the incident `named`, or
/// the incident that a detector has opened since by an earlier latch, because anyone can choose when that latch is
/// propagated.
///
/// An alarm, a freeze or an evacuation that was decided since voids it. Anything else that was closed since stays
/// closed, and the domain then stays in alert. See [`Unpaused`].
///
/// # Errors
/// A named [`CoreError`].
pub fn resume(
    domain: &mut Domain,
    board: &mut PauseBoard,
    incident: &mut Incident,
    named: &Pubkey,
    proposed_slot: u64,
    at: At,
) -> Result<Unpaused, CoreError> {
    let next = check_resume(domain, board, incident, named, proposed_slot)?;
    board::unpause(board, proposed_slot);
    end(domain, board, incident, next, at)
}

/// How a domain reopens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reopening {
    /// The incident whose restoration was paid. While the domain operates: the incident last closed, or none if it
    /// never had one.
    pub incident: Pubkey,
    /// Share of the limits in force, in bps.
    pub ramp_bps: u16,
    /// How long liquidations stay closed.
    pub grace_seconds: i64,
}

impl Reopening {
    /// Checks that the ramp is more than zero and that the grace period ends.
    pub(crate) fn check(&self) -> Result<(), CoreError> {
        if (1..=BPS).contains(&self.ramp_bps) && (0..=MAX_GRACE_SECONDS).contains(&self.grace_seconds) {
            Ok(())
        } else {
            Err(CoreError::ArgumentOutOfRange)
        }
    }
}

/// The state after an unpause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpaused {
    /// Nothing is left in force: the domain operates.
    All,
    /// Something newer than the proposal is in force, and the domain is in alert. An incident that was never frozen
    /// stays open for it, without its earlier confirmations. An incident that was frozen is over, because its snapshots
    /// and evacuations belong to a state that has now been left: the next alarm, or propagating the newer latch again,
    /// opens another.
    InPart,
}

/// Reopens after a restoration, or, while the domain operates, raises the ramp of a reopening or ends a guardian's
/// pause. Requires a matured proposal, and unpauses what [`resume`] would. `incident` is the one it names; none in a
/// domain that never had one.
///
/// Returns the end of the grace period, and what stayed closed.
///
/// # Errors
/// A named [`CoreError`].
pub fn reopen(
    domain: &mut Domain,
    board: &mut PauseBoard,
    incident: Option<&mut Incident>,
    how: &Reopening,
    proposed_slot: u64,
    at: At,
) -> Result<(i64, Unpaused), CoreError> {
    how.check()?;
    let grace_until = at.now.checked_add(how.grace_seconds).ok_or(CoreError::Overflow)?;
    let was_operating = domain.state == phase::OPERATING;
    let next = check_reopen(domain, board, incident.as_deref(), &how.incident, proposed_slot)?;
    board::reopen(board, proposed_slot, how.ramp_bps, grace_until);
    if was_operating {
        // A guardian's pause in peace opens no incident.
        return Ok((grace_until, Unpaused::All));
    }
    let incident = incident.ok_or(CoreError::IncidentNotOpen)?;
    Ok((grace_until, end(domain, board, incident, next, at)?))
}

/// Would [`resume`] be refused? Clients that display a proposal use it too. `incident` is the open one. Returns the
/// resulting phase.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_resume(
    domain: &Domain,
    board: &PauseBoard,
    incident: &Incident,
    named: &Pubkey,
    proposed_slot: u64,
) -> Result<u8, CoreError> {
    let is_of_detector = incident.cause != cause::GUARDIAN;
    if domain.open_incident != *named && !(is_of_detector && incident.alarm_slot < proposed_slot) {
        return Err(CoreError::IncidentNotOpen);
    }
    let next = after(domain.state, Event::Resume)?;
    check_known(board, incident, proposed_slot)?;
    Ok(next)
}

/// The same for [`reopen`].
///
/// # Errors
/// A named [`CoreError`].
pub fn check_reopen(
    domain: &Domain,
    board: &PauseBoard,
    incident: Option<&Incident>,
    named: &Pubkey,
    proposed_slot: u64,
) -> Result<u8, CoreError> {
    check_named(domain, named)?;
    let next = after(domain.state, Event::Reopen)?;
    match incident {
        Some(incident) => check_known(board, incident, proposed_slot)?,
        None if *named == Pubkey::default() => check_known_of_board(board, proposed_slot)?,
        None => return Err(CoreError::IncidentNotOpen),
    }
    Ok(next)
}

/// Can [`reopen`] name this incident? It must be the open one. While the domain operates: any incident it ever had, or
/// none if it never had one.
pub(crate) fn check_named(domain: &Domain, named: &Pubkey) -> Result<(), CoreError> {
    let is_none = *named == Pubkey::default();
    let fits = if domain.state == phase::OPERATING {
        !is_none || domain.incident_count == 0
    } else {
        !is_none && domain.open_incident == *named
    };
    if fits { Ok(()) } else { Err(CoreError::IncidentNotOpen) }
}

/// A decision of members since `proposed_slot` voids an unpause: its approvers did not know of that decision. Such
/// decisions need rights or a threshold, so they cannot continue forever. So does an interim share-out that was opened
/// since, which happens once per ledger. An unpause that was proposed later and
/// executed earlier also voids it.
fn check_known(board: &PauseBoard, incident: &Incident, proposed_slot: u64) -> Result<(), CoreError> {
    let is_known = [step::EVACUATION, step::RESTORATION]
        .into_iter()
        .all(|step| is_known(incident, step, proposed_slot));
    // Claims that were paid before the vote are missing in custody, while the host still owes them.
    let knows_interim = incident.interim_slot == 0 || incident.interim_slot < proposed_slot;
    if is_known && knows_interim && incident.alarm_slot < proposed_slot {
        check_known_of_board(board, proposed_slot)
    } else {
        Err(CoreError::TightenedSince)
    }
}

fn check_known_of_board(board: &PauseBoard, proposed_slot: u64) -> Result<(), CoreError> {
    if board::knows_freeze(board, proposed_slot) && board.unpaused_slot <= proposed_slot {
        Ok(())
    } else {
        Err(CoreError::TightenedSince)
    }
}

/// Ends an incident, unless something newer than the unpause is in force.
fn end(
    domain: &mut Domain,
    board: &mut PauseBoard,
    incident: &mut Incident,
    next: u8,
    at: At,
) -> Result<Unpaused, CoreError> {
    clock::end(domain, board, at.now);
    if !board::is_timed_pause_in_force(board, at.now) {
        domain.state = next;
        close(domain, incident, at);
        return Ok(Unpaused::All);
    }
    domain.state = after(domain.state, Event::UnpauseInPart)?;
    if has_happened(incident, step::FREEZE) {
        domain.flags |= domain_flag::DECIDED;
        conclude(incident, at);
    } else {
        incident.confirmations = 0;
        follow(incident, board.unpaused_slot, at.now);
    }
    Ok(Unpaused::InPart)
}

fn close(domain: &mut Domain, incident: &mut Incident, at: At) {
    domain.open_incident = Pubkey::default();
    domain.flags &= !domain_flag::DECIDED;
    conclude(incident, at);
}

fn conclude(incident: &mut Incident, at: At) {
    incident.state = incident_state::CLOSED;
    mark(incident, step::REOPEN, at.slot, at.now);
}
