//! Latches: a detector that saw too much says so in its own account, and anyone carries that to the board.
//!
//! A reverted instruction stores nothing, so a breach never fails; it latches. A latch is not renewed while it is in
//! force, so nobody can keep it up by trying, and a lift voids every latch from before it.

use bulkhead_interface::{
    constants::{MAX_COMPARTMENTS, MAX_TRIP_SECONDS, SCOPE_DOMAIN, latch_state},
    layout::Latch,
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

/// Is it in force? `lifted_slot` is when a proposal last lifted the pause.
#[inline]
#[must_use]
pub const fn is_in_force(latch: &Latch, lifted_slot: u64, now: i64) -> bool {
    now < latch.until && latch.slot >= lifted_slot
}

/// Latches. The caller has seen that no latch is in force.
pub const fn set(latch: &mut Latch, seen: u64, allowed: u64, slot: u64, now: i64) {
    latch.state = latch_state::LATCHED;
    latch.ts = now;
    latch.until = now.saturating_add(latch.seconds);
    latch.slot = slot;
    latch.seen = seen;
    latch.allowed = allowed;
}

/// The time its trip lasts to on the board, if there is one to propagate: in force, not on the board yet, and its trip
/// not over. It counts from the latch, so propagating late gains nothing, and propagating again is not possible.
#[must_use]
pub fn trip_until(latch: &Latch, trip_seconds: i64, lifted_slot: u64, now: i64) -> Option<i64> {
    let until = latch.ts.saturating_add(trip_seconds);
    let is_news = latch.state == latch_state::LATCHED && is_in_force(latch, lifted_slot, now);
    (is_news && now < until).then_some(until)
}
