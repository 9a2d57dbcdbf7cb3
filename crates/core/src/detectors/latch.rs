//! Latches: a detector that saw too much says so in its own account, and anyone carries that to the board.
//!
//! A reverted instruction stores nothing, so a breach never fails; it latches. What a look does to a latch is one table for
//! every detector, [`effect`]:
//!
//! | found, against what is noted | armed | in force | run out | unpaused |
//! |---|---|---|---|---|
//! | in order | forget | forget | forget | forget |
//! | the same, and no worse | latch | stand | again | accept |
//! | another, or worse | latch | latch | latch | latch |
//!
//! An unpause voids every latch over what was first seen before its proposal was made, and nothing later. So whatever is found
//! is noted with the slot it was first seen in, in force or not: what is another finding, or has grown, is newer than every
//! proposal there is; what is the same keeps its slot, so that nobody makes it news by looking, or by letting it last. What
//! was seen in order is forgotten: should it come back, it is another finding. An outflow breaker lets nothing out while its
//! latch is in force, so it finds nothing then.
//!
//! Where an incident's breach is, is another question: not when the same was first seen, but when this episode of it began
//! ([`breach_slot`]). What was harmless for weeks does not date a theft back.

use crate::CoreError;
use bulkhead_interface::{
    constants::{MAX_COMPARTMENTS, MAX_TRIP_SECONDS, SCOPE_DOMAIN, latch_state},
    layout::{Council, Latch},
};

use crate::{acts::At, clock};

/// A latch that is open, of a detector of `compartment` whose trip pauses `scope` (a compartment, or 255 for the domain).
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

/// What a look has found, against what is noted of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    InOrder,
    /// What is noted, and no worse.
    Same,
    /// Something else, or worse.
    News,
}

/// Where a latch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatchStatus {
    /// It has never latched.
    Armed,
    /// It counts.
    InForce,
    /// It has run out, and nobody has unpaused it.
    RunOut,
    /// An unpause knew of what it is about, and so accepts that.
    Unpaused,
}

/// What a look does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What was noted is not any more. A latch in force stays until it runs out.
    Forget,
    /// Nothing: it is in force.
    Stand,
    /// Nothing: an unpause has accepted it.
    Accept,
    /// It latches over what is found now, which is noted.
    Latch,
    /// It latches over what is noted since long, and keeps the slot that was first seen in.
    Again,
}

/// What was seen, in the detector's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What was seen.
    pub seen: u64,
    /// What would have been in order.
    pub allowed: u64,
}

/// Where it stands. `unpaused_slot` is when the newest executed unpause was proposed.
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

/// Does to a latch what a look does. What is noted is the detector's to keep.
pub const fn look(latch: &mut Latch, found: Found, evidence: Evidence, unpaused_slot: u64, at: At) -> Effect {
    let (status, first_slot) = (status(latch, unpaused_slot, at.now), latch.slot);
    let effect = effect(found, status);
    if matches!(effect, Effect::Latch | Effect::Again) {
        // What is not carried yet is carried together with what is newer.
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

/// What a finding that has a size is to the smallest size of what is noted, if anything is: worse if it has grown by more
/// than `margin`. Also the smallest size now. A finding that grows by less, as debts do by interest, is no news by it.
#[must_use]
pub fn compare(noted: Option<u128>, size: u128, margin: u128) -> (Found, u128) {
    match noted {
        Some(noted) if size <= noted.saturating_add(margin) => (Found::Same, noted.min(size)),
        _ => (Found::News, size),
    }
}

/// Latches over something that is found now, and was not before.
pub const fn set(latch: &mut Latch, evidence: Evidence, at: At) {
    latch.state = latch_state::LATCHED;
    latch.ts = at.now;
    latch.until = at.now.saturating_add(latch.seconds);
    latch.slot = at.slot;
    latch.begun_slot = clock::short(at.slot);
    latch.seen = evidence.seen;
    latch.allowed = evidence.allowed;
}

/// Where the breach is, if this latch tells of it: where the episode began that is to be carried, and not before the
/// proposal of the newest unpause, which has dealt with what came earlier.
#[must_use]
pub const fn breach_slot(latch: &Latch, unpaused_slot: u64) -> u64 {
    let begun_slot = clock::long(latch.begun_slot);
    if begun_slot < unpaused_slot {
        unpaused_slot
    } else {
        begun_slot
    }
}

/// What it latched for is over, and nobody has carried it to the board.
pub const fn disarm(latch: &mut Latch) {
    (latch.state, latch.until) = (latch_state::ARMED, 0);
}

/// Is there something to carry to the board: in force, and not carried yet? `again`: what was carried counts too, for the
/// incident it was carried into was decided without it.
#[must_use]
pub const fn is_news(latch: &Latch, unpaused_slot: u64, now: i64, again: bool) -> bool {
    let is_new = latch.state == latch_state::LATCHED || (again && latch.state == latch_state::PROPAGATED);
    is_new && is_in_force(latch, unpaused_slot, now)
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
pub const fn is_closable(latch: &Latch, council: &Council, unpaused_slot: u64, proposed_slot: u64, now: i64) -> bool {
    let is_carriable = now < trip_until(latch, council);
    !is_news(latch, unpaused_slot, now, false) || (latch.slot < proposed_slot && !is_carriable)
}
