//! Latches: a detector that exceeds its limit records that in its own account, and anyone propagates it to the board.
//!
//! A reverted instruction stores nothing, so a breach never fails; it latches. One table, [`effect`], defines for every
//! detector what an observation does to a latch:
//!
//! | found, against what is noted | armed | in force | run out | unpaused |
//! |---|---|---|---|---|
//! | in order | forget | forget | forget | forget |
//! | the same, and no worse | latch | stand | again | accept |
//! | another, or worse | latch | latch | latch | latch |
//!
//! An unpause voids every latch over something first seen before its proposal was created, and nothing later. So every
//! finding is recorded with the slot it was first seen in, whether or not a latch is in force. Another finding, or one
//! that has grown, is newer than every existing proposal. The same finding keeps its slot, so that nobody can turn it
//! into a new finding by observing it or by letting it last. A finding that was seen in order again is forgotten: if it
//! returns, it is another finding. An outflow breaker lets nothing out while its latch is in force, so it finds nothing
//! then.
//!
//! An incident's breach is a separate question: it is not when the same finding was first seen, but when this episode
//! of it began ([`breach_slot`]). What was harmless for weeks does not back-date a theft.

use crate::CoreError;
use bulkhead_interface::{
    constants::{MAX_COMPARTMENTS, MAX_TRIP_SECONDS, SCOPE_DOMAIN, latch_state},
    layout::{Council, Latch},
};

use crate::{acts::At, clock};

/// Creates an open latch of a detector of `compartment` whose trip pauses `scope` (a compartment, or 255 for the
/// domain).
///
/// # Errors
/// [`CoreError`]
pub fn armed(compartment: u8, scope: u8, seconds: i64) -> Result<Latch, CoreError> {
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
/// [`CoreError`]
pub fn check(latch: &Latch, compartment: u8) -> Result<(), CoreError> {
    let numbered = |compartment: u8| usize::from(compartment) < MAX_COMPARTMENTS;
    if !numbered(compartment) || !(numbered(latch.scope) || latch.scope == SCOPE_DOMAIN) {
        return Err(CoreError::CompartmentOutOfRange);
    }
    if !(1..=MAX_TRIP_SECONDS).contains(&latch.seconds) {
        return Err(CoreError::ArgumentOutOfRange);
    }
    Ok(())
}

/// Is it in force? `unpaused_slot` is when the newest executed unpause was proposed.
#[inline]
#[must_use]
pub const fn is_in_force(latch: &Latch, unpaused_slot: u64, now: i64) -> bool {
    now < latch.until && latch.slot >= unpaused_slot
}

/// What an observation has found, compared with what earlier ones recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    InOrder,
    /// The recorded finding, and no worse.
    Same,
    /// Another finding, or a worse one.
    News,
}

/// State of a latch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatchStatus {
    /// It has never latched.
    Armed,
    /// It is in force.
    InForce,
    /// It has run out, and nobody has unpaused it.
    RunOut,
    /// An unpause knew of its finding and thereby accepted it.
    Unpaused,
}

/// Effect of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The recorded finding is over. A latch in force stays until it runs out.
    Forget,
    /// Nothing: the latch is in force.
    Stand,
    /// Nothing: an unpause has accepted the finding.
    Accept,
    /// It latches over the current finding, which is recorded.
    Latch,
    /// It latches over the finding recorded earlier, and keeps the slot in which that was first seen.
    Again,
}

/// Observed value and limit, in the detector's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Observed value.
    pub seen: u64,
    /// Value at which it would not have latched.
    pub allowed: u64,
}

/// State of the latch. `unpaused_slot` is when the newest executed unpause was proposed.
#[must_use]
pub const fn status(latch: &Latch, unpaused_slot: u64, now: i64) -> LatchStatus {
    if latch.state == latch_state::ARMED {
        LatchStatus::Armed
    } else if latch.slot < unpaused_slot {
        LatchStatus::Unpaused
    } else if is_in_force(latch, unpaused_slot, now) {
        LatchStatus::InForce
    } else {
        LatchStatus::RunOut
    }
}

/// The table.
#[must_use]
pub const fn effect(found: Found, status: LatchStatus) -> Effect {
    match (found, status) {
        (Found::InOrder, _) => Effect::Forget,
        (Found::News, _) | (Found::Same, LatchStatus::Armed) => Effect::Latch,
        (Found::Same, LatchStatus::InForce) => Effect::Stand,
        (Found::Same, LatchStatus::RunOut) => Effect::Again,
        (Found::Same, LatchStatus::Unpaused) => Effect::Accept,
    }
}

/// Applies an observation to a latch. The detector itself stores what is recorded.
pub const fn look(latch: &mut Latch, found: Found, evidence: Evidence, unpaused_slot: u64, at: At) -> Effect {
    let (status, first_slot) = (status(latch, unpaused_slot, at.now), latch.slot);
    let effect = effect(found, status);
    if matches!(effect, Effect::Latch | Effect::Again) {
        // A latch that is not propagated yet is propagated together with the newer one.
        let is_waiting = matches!(status, LatchStatus::InForce) && latch.state == latch_state::LATCHED;
        let begun_slot = latch.begun_slot;
        set(latch, evidence, at);
        if is_waiting {
            latch.begun_slot = begun_slot;
        }
        if matches!(effect, Effect::Again) {
            latch.slot = first_slot;
        }
    }
    effect
}

/// Compares a finding that has a size with the smallest recorded size, if there is one: it is worse if it has grown by
/// more than `margin`. Also returns the smallest size now. A finding that grows by less, as debts do by interest, is
/// not a new finding.
#[must_use]
pub fn compare(noted: Option<u128>, size: u128, margin: u128) -> (Found, u128) {
    match noted {
        Some(noted) if size <= noted.saturating_add(margin) => (Found::Same, noted.min(size)),
        _ => (Found::News, size),
    }
}

/// Latches over something that was found now and not before.
pub const fn set(latch: &mut Latch, evidence: Evidence, at: At) {
    latch.state = latch_state::LATCHED;
    latch.ts = at.now;
    latch.until = at.now.saturating_add(latch.seconds);
    latch.slot = at.slot;
    latch.begun_slot = clock::short(at.slot);
    latch.seen = evidence.seen;
    latch.allowed = evidence.allowed;
}

/// Slot of the breach, if this latch reports it: where the episode to be propagated began, and not before the proposal
/// of the newest unpause, which has dealt with what came earlier.
#[must_use]
pub const fn breach_slot(latch: &Latch, unpaused_slot: u64) -> u64 {
    let begun_slot = clock::long(latch.begun_slot);
    if begun_slot < unpaused_slot {
        unpaused_slot
    } else {
        begun_slot
    }
}

/// The cause of the latch is over, and nobody has propagated it to the board.
pub const fn disarm(latch: &mut Latch) {
    (latch.state, latch.until) = (latch_state::ARMED, 0);
}

/// Is there something to propagate to the board: in force, and not propagated yet? `again`: a propagated latch counts
/// too, because its incident was decided without it.
#[must_use]
pub const fn is_news(latch: &Latch, unpaused_slot: u64, now: i64, again: bool) -> bool {
    let is_new = latch.state == latch_state::LATCHED || (again && latch.state == latch_state::PROPAGATED);
    is_new && is_in_force(latch, unpaused_slot, now)
}

/// When its trip ends on the board. Counted from the latch, so propagating late gains nothing.
#[must_use]
pub const fn trip_until(latch: &Latch, council: &Council) -> i64 {
    latch.ts.saturating_add(council.trip_seconds)
}

/// May a matured proposal from `proposed_slot` close its detector? Not while the latch is newer than the proposal or
/// can still be propagated to the board. Whoever closes the detector propagates the latch first, in the same
/// transaction if necessary, so nobody can prevent the close by latching again. The trip on the board stays.
#[must_use]
pub const fn is_closable(latch: &Latch, council: &Council, unpaused_slot: u64, proposed_slot: u64, now: i64) -> bool {
    let is_carriable = now < trip_until(latch, council);
    !is_news(latch, unpaused_slot, now, false) || (latch.slot < proposed_slot && !is_carriable)
}
