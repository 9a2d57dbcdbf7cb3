//! What may leave.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, latch_state, role},
    layout::{Council, OutflowBreaker, Vault},
};

use crate::{
    CoreError,
    acts::{At, NewDetector, decide},
    breakers::{
        verdict::Verdict,
        window::{self, Limits, Moment, TripLimits},
    },
    detectors::latch,
    domain::council::{guardian_pause, member_index},
};

/// What an outflow breaker is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBreaker {
    /// Which shard of the limit it is.
    pub shard: u8,
    /// Shards the limits are cut into.
    pub shards: u8,
    /// k.
    pub sub_windows: u8,
    /// W.
    pub window_seconds: i64,
    /// Token it meters.
    pub mint: Pubkey,
    /// Who may meter.
    pub authority: Pubkey,
    /// Token account that bps are taken of; the default key is none.
    pub reference: Pubkey,
    /// Its first limits.
    pub limits: Limits,
    /// Above which it latches; 0 is twice the limits.
    pub trip: TripLimits,
}

/// Opens an outflow breaker in an empty account. After set-up a matured proposal does it: there may have been one at this
/// address a moment ago, so its first window is full.
///
/// # Errors
/// [`CoreError`] by name.
pub fn open_breaker(
    breaker: &mut OutflowBreaker,
    new: &NewDetector,
    with: &NewBreaker,
    at: At,
) -> Result<(), CoreError> {
    breaker.version = VERSION;
    breaker.bump = new.bump;
    breaker.compartment = new.compartment;
    breaker.domain = new.domain;
    breaker.board = new.board;
    breaker.opened_slot = at.slot;
    breaker.shard = with.shard;
    breaker.shards = with.shards;
    breaker.sub_windows = with.sub_windows;
    breaker.window_seconds = with.window_seconds;
    breaker.mint = with.mint;
    breaker.authority = with.authority;
    breaker.reference = with.reference;
    with.limits.put(breaker);
    with.trip.or_twice(&with.limits).put(breaker);
    window::open_reference(breaker);
    breaker.latch = latch::armed(new.compartment, new.trip_scope, new.latch_seconds)?;
    window::check_config(breaker)?;
    decide(&mut breaker.decided_slot, new.proposed_slot)?;
    if new.proposed_slot.is_some() {
        window::open_full(breaker, at.slot, at.now);
    }
    Ok(())
}

/// Limits, as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Per window.
    pub limit: u64,
    /// Per slot.
    pub slot_limit: u64,
    /// Asked for in a window.
    pub trip_limit: u64,
}

/// One guardian lowers the limits, at once, at most by half, and for as long as its pause would last. Burns a pause
/// right and counts as a pause: what one guardian brings about has one measure. The trip limit stays, so that nothing
/// latches that would not have latched before.
///
/// Returns what they were, and the pause rights left.
///
/// # Errors
/// [`CoreError`] by name.
pub fn lower_limit(
    council: &mut Council,
    breaker: &mut OutflowBreaker,
    guardian: &Pubkey,
    limits: &Limits,
    at: At,
) -> Result<(Previous, u8), CoreError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    window::put_back(breaker, at.now);
    window::check_lowered(breaker, limits)?;
    let rights_left = guardian_pause(council, index, at.now)?;
    let until = at
        .now
        .checked_add(council.guardian_pause_seconds)
        .ok_or(CoreError::Overflow)?;
    let previous = previous(breaker);
    limits.lower(breaker, until.max(breaker.lowered_until));
    breaker.lowered_slot = at.slot;
    Ok((previous, rights_left))
}

/// Sets the limits; a trip limit of 0 is twice the limit. `proposed_slot` is when the matured proposal was made, `None`
/// during set-up: one from before a guardian lowered the limits cannot undo that, and one from before the newest latch
/// raises nothing, for it knew nothing of the breach. Where the trip limit falls, what was asked before is forgotten: it was
/// judged when it was asked.
///
/// # Errors
/// [`CoreError`] by name.
pub fn set_limit(
    breaker: &mut OutflowBreaker,
    limits: &Limits,
    trip: &TripLimits,
    proposed_slot: Option<u64>,
) -> Result<Previous, CoreError> {
    let trip = trip.or_twice(limits);
    let old = TripLimits::of(breaker);
    check_new_limits(breaker, limits, &trip, proposed_slot)?;
    decide(&mut breaker.decided_slot, proposed_slot)?;
    window::check_limits(breaker, limits)?;
    window::check_trip(limits, &trip)?;
    if !old.are_at_most(&trip) {
        window::forget_asked(breaker);
    }
    let previous = previous(breaker);
    limits.put(breaker);
    trip.put(breaker);
    Ok(previous)
}

/// Does a decision about a breaker's limits know of what has happened to it since?
///
/// # Errors
/// [`CoreError::TightenedSince`], [`CoreError::DecidedSince`].
pub(crate) fn check_new_limits(
    breaker: &OutflowBreaker,
    limits: &Limits,
    trip: &TripLimits,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    check_lowering_known(breaker.lowered_slot, proposed_slot)?;
    decide(&mut { breaker.decided_slot }, proposed_slot)?;
    let raises = !limits.are_at_most(&Limits::set_for(breaker)) || !trip.are_at_most(&TripLimits::of(breaker));
    let has_latched = breaker.latch.state != latch_state::ARMED;
    if raises && has_latched && proposed_slot.is_some_and(|slot| slot <= breaker.latch.slot) {
        return Err(CoreError::TightenedSince);
    }
    Ok(())
}

/// Whatever undoes a guardian's lowering of limits, in `lowered_slot`, knew of it when it was proposed.
///
/// # Errors
/// [`CoreError::TightenedSince`].
pub fn check_lowering_known(lowered_slot: u64, proposed_slot: Option<u64>) -> Result<(), CoreError> {
    if proposed_slot.is_some_and(|slot| slot <= lowered_slot) {
        return Err(CoreError::TightenedSince);
    }
    Ok(())
}

/// Its authority asks a breaker whether an outflow may leave. `is_closed`: the board closes withdrawals.
///
/// # Errors
/// [`CoreError`] by name.
pub fn meter(
    breaker: &mut OutflowBreaker,
    authority: &Pubkey,
    amount: u64,
    is_closed: bool,
    at: &Moment,
) -> Result<Verdict, CoreError> {
    if amount == 0 {
        return Err(CoreError::ZeroAmount);
    }
    if breaker.authority != *authority {
        return Err(CoreError::NotMeterAuthority);
    }
    if is_closed {
        return Ok(Verdict::Denied);
    }
    Ok(window::meter(breaker, amount, at))
}

/// A host says what came in: the breaker's authority, or the operator of the vault it is of.
///
/// # Errors
/// [`CoreError`] by name.
pub fn record_inflow(
    breaker: &mut OutflowBreaker,
    vault: Option<&Vault>,
    authority: &Pubkey,
    amount: u64,
    at: At,
) -> Result<(), CoreError> {
    if amount == 0 {
        return Err(CoreError::ZeroAmount);
    }
    let expected = vault.map_or(breaker.authority, |vault| vault.operator);
    if expected != *authority {
        return Err(CoreError::NotMeterAuthority);
    }
    window::record_inflow(breaker, amount, at.slot, at.now);
    Ok(())
}

const fn previous(breaker: &OutflowBreaker) -> Previous {
    Previous {
        limit: breaker.limit,
        slot_limit: breaker.slot_limit,
        trip_limit: breaker.trip_limit,
    }
}
