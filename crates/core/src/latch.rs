//! Latches: a detector that saw too much says so in its own account, and anyone carries that to the board.
//!
//! A reverted instruction stores nothing, so a breach never fails; it latches. A latch is not renewed while it is in
//! force, so nobody can keep it up by trying. A lift voids every latch from before its proposal was made and nothing
//! later. A detector that sees the same thing again when its latch has run out keeps the slot of the first time, so that
//! what a proposal knew of does not become news by lasting.

use bulkhead_interface::{
    constants::{MAX_COMPARTMENTS, MAX_TRIP_SECONDS, SCOPE_DOMAIN, latch_state},
    layout::{Council, Latch},
};

/// Why a latch cannot be configured so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatchError {
    /// It would last for ever, or not at all.
    OutOfRange,
    /// There is no such compartment.
    NoSuchCompartment,
}

/// A latch that is open, of a detector of `compartment` whose trip pauses `scope` (a compartment, or 255 for the domain).
///
/// # Errors
/// [`LatchError`]
pub fn armed(compartment: u8, scope: u8, seconds: i64) -> Result<Latch, LatchError> {
    let latch = Latch {
        state: latch_state::ARMED,
        scope,
        seconds,
        ..bytemuck::Zeroable::zeroed()
    };
    check(&latch, compartment)?;
    Ok(latch)
}

/// Checks what is fixed when a detector is opened.
///
/// # Errors
/// [`LatchError`]
pub fn check(latch: &Latch, compartment: u8) -> Result<(), LatchError> {
    let numbered = |compartment: u8| usize::from(compartment) < MAX_COMPARTMENTS;
    if !numbered(compartment) || !(numbered(latch.scope) || latch.scope == SCOPE_DOMAIN) {
        return Err(LatchError::NoSuchCompartment);
    }
    if !(1..=MAX_TRIP_SECONDS).contains(&latch.seconds) {
        return Err(LatchError::OutOfRange);
    }
    Ok(())
}

/// Is it in force? `lifted_slot` is when the newest executed lift was proposed.
#[inline]
#[must_use]
pub const fn is_in_force(latch: &Latch, lifted_slot: u64, now: i64) -> bool {
    now < latch.until && latch.slot >= lifted_slot
}

/// Was what it is about known when the newest executed lift was proposed? Then that lift accepted it.
#[must_use]
pub const fn is_accepted(latch: &Latch, lifted_slot: u64) -> bool {
    latch.state != latch_state::ARMED && latch.slot < lifted_slot
}

/// Latches. The caller has seen that no latch is in force. `slot` is when what was seen was first seen.
pub const fn set(latch: &mut Latch, seen: u64, allowed: u64, slot: u64, now: i64) {
    latch.state = latch_state::LATCHED;
    latch.ts = now;
    latch.until = now.saturating_add(latch.seconds);
    latch.slot = slot;
    latch.seen = seen;
    latch.allowed = allowed;
}

/// What it latched for is over, and nobody has carried it to the board.
pub const fn disarm(latch: &mut Latch) {
    (latch.state, latch.until) = (latch_state::ARMED, 0);
}

/// Is there something to carry to the board: in force, and not carried yet? `again`: what was carried counts too, for the
/// incident it was carried into was decided without it.
#[must_use]
pub const fn is_news(latch: &Latch, lifted_slot: u64, now: i64, again: bool) -> bool {
    let is_new = latch.state == latch_state::LATCHED || (again && latch.state == latch_state::PROPAGATED);
    is_new && is_in_force(latch, lifted_slot, now)
}

/// When its trip ends on the board. It counts from the latch, so propagating late gains nothing.
#[must_use]
pub const fn trip_until(latch: &Latch, council: &Council) -> i64 {
    latch.ts.saturating_add(council.trip_seconds)
}

/// May a matured proposal from `proposed_slot` close its detector? Not while it has something to carry to the board
/// that is news to the proposal, or that can still be carried: whoever closes it carries it first, in the same
/// transaction if need be, so nobody can stop the closing by latching again. The trip on the board stays.
#[must_use]
pub const fn is_closable(latch: &Latch, council: &Council, lifted_slot: u64, proposed_slot: u64, now: i64) -> bool {
    let is_carriable = now < trip_until(latch, council);
    !is_news(latch, lifted_slot, now, false) || (latch.slot < proposed_slot && !is_carriable)
}
