//! Limits of what may leave.

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

/// Configuration that an outflow breaker is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBreaker {
    /// Shard number.
    pub shard: u8,
    /// Number of shards that the limits are divided among.
    pub shards: u8,
    /// k: number of sub-windows per window.
    pub sub_windows: u8,
    /// W: length of the window.
    pub window_seconds: i64,
    /// Token that it meters.
    pub mint: Pubkey,
    /// Authority that may meter.
    pub authority: Pubkey,
    /// Token account whose balance is the reference for bps; the default key means none.
    pub reference: Pubkey,
    /// Its first limits.
    pub limits: Limits,
    /// Trip limits; 0 means twice the limits.
    pub trip: TripLimits,
}

/// Opens an outflow breaker in an empty account. After set-up this requires a matured proposal. A breaker may have
/// existed at this address a moment ago, so the first window starts full.
///
/// # Errors
/// A named [`CoreError`].
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

/// The previous limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Per window.
    pub limit: u64,
    /// Per slot.
    pub slot_limit: u64,
    /// Trip limit: requested in a window.
    pub trip_limit: u64,
}

/// One guardian lowers the limits immediately, to no less than half, and for as long as their pause would last. Burns a
/// pause right and counts as a pause, so that one measure limits everything a single guardian can cause. The trip limit
/// stays, so that nothing latches that would not have latched before.
///
/// Returns the previous limits and the pause rights left.
///
/// # Errors
/// A named [`CoreError`].
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

/// Sets the limits; a trip limit of 0 means twice the limit. `proposed_slot` is the creation slot of the matured
/// proposal, `None` during set-up. A proposal from before a guardian lowered the limits cannot undo that. A proposal
/// from before the newest latch raises nothing, because it did not know of the breach. If the trip limit falls, earlier
/// requests are dropped: they were evaluated when they were made.
///
/// # Errors
/// A named [`CoreError`].
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

/// Does a decision about a breaker's limits know of everything that has happened to the breaker since?
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

/// Checks that a decision which undoes a guardian's lowering of limits in `lowered_slot` was proposed after it.
///
/// # Errors
/// [`CoreError::TightenedSince`].
pub fn check_lowering_known(lowered_slot: u64, proposed_slot: Option<u64>) -> Result<(), CoreError> {
    if proposed_slot.is_some_and(|slot| slot <= lowered_slot) {
        return Err(CoreError::TightenedSince);
    }
    Ok(())
}

/// The breaker's authority asks whether an outflow may leave. `is_closed`: the board closes withdrawals.
///
/// # Errors
/// A named [`CoreError`].
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

/// A host reports an inflow, signed by the breaker's authority or by the operator of the vault that owns the breaker.
///
/// # Errors
/// A named [`CoreError`].
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
