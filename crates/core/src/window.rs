//! The outflow window: how much may leave, and the latch when more is tried.
//!
//! A window of `W` seconds is cut into `k` sub-windows of `s = ceil(W / k)` seconds, and every
//! outflow is counted in the bucket of its sub-window. A bucket is counted while it is the newest
//! or one of the `k` before it.
//!
//! **Bound.** Take any two outflows at most `W` apart, at `a <= b <= a + W`. As `W <= k * s`, the
//! bucket of `b` is at most `k` after the bucket of `a`, so `a` is still counted when `b` is
//! metered. Hence all outflow of any window of length `W`, wherever it starts, was counted together
//! when its last outflow was let through, and is at most `limit`: exactly `T`, where forgetting one
//! bucket earlier would give `(1 + 1/k) T` and the designs of other programs give `2 T`.
//! The price is honest throughput: what left is forgotten after between `W` and `W + s` seconds,
//! so a steady flow gets `T` per `W (1 + 1/k)`.
//!
//! **Slot.** `slot_limit` bounds what leaves in one slot. A transaction runs within one slot, so
//! it is the cap per transaction too, and splitting over instructions, transactions or accounts of
//! one slot gains nothing. Going over it latches like the window does, for a one-transaction drain
//! must pause the protocol: hosts set it above their largest honest withdrawal, or let users
//! withdraw in parts.
//!
//! **Clock.** The window is measured on the running maximum of the clock: a clock that steps back
//! counts in the newest bucket, so turning it back frees nothing.

use bulkhead_interface::{
    constants::{BPS, BUCKETS, MAX_DELAY_SECONDS, MAX_SUB_WINDOWS, MIN_SUB_WINDOWS},
    layout::OutflowBreaker,
};

use crate::{
    latch::{self, LatchError},
    verdict::Verdict,
};

/// Why a window cannot be configured so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowError {
    /// A number is outside its limits.
    OutOfRange,
    /// There is no such compartment.
    NoSuchCompartment,
}

impl From<LatchError> for WindowError {
    fn from(error: LatchError) -> Self {
        match error {
            LatchError::OutOfRange => Self::OutOfRange,
            LatchError::NoSuchCompartment => Self::NoSuchCompartment,
        }
    }
}

/// Checks everything that is fixed when a breaker is opened.
///
/// # Errors
/// [`WindowError`] when the window could not be kept as configured.
pub fn check_config(breaker: &OutflowBreaker) -> Result<(), WindowError> {
    latch::check(&breaker.latch, breaker.compartment)?;
    let k = breaker.sub_windows;
    let in_range = k >= MIN_SUB_WINDOWS
        && usize::from(k) <= MAX_SUB_WINDOWS
        && (i64::from(k)..=MAX_DELAY_SECONDS).contains(&breaker.window_seconds);
    if !in_range {
        return Err(WindowError::OutOfRange);
    }
    check_limits(breaker.limit, breaker.slot_limit)
}

/// Checks a pair of limits: something may leave, and no slot is allowed more than a window.
///
/// # Errors
/// [`WindowError::OutOfRange`].
pub const fn check_limits(limit: u64, slot_limit: u64) -> Result<(), WindowError> {
    if slot_limit == 0 || slot_limit > limit {
        return Err(WindowError::OutOfRange);
    }
    Ok(())
}

/// Checks what one guardian may lower the limits to: never up, and at most by half at a time.
/// Each lowering burns a pause right, so a stolen guardian key cannot close a protocol with it.
///
/// # Errors
/// [`WindowError::OutOfRange`].
pub fn check_lowered(breaker: &OutflowBreaker, limit: u64, slot_limit: u64) -> Result<(), WindowError> {
    let lower = |new: u64, old: u64| new <= old && new >= old.div_ceil(2);
    if !lower(limit, breaker.limit) || !lower(slot_limit, breaker.slot_limit) {
        return Err(WindowError::OutOfRange);
    }
    check_limits(limit, slot_limit)
}

/// What a breaker is asked under: the time, and what the board says of its compartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Current slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
    /// Share of the limits in force.
    pub stage_bps: u16,
    /// Slot a proposal last lifted the pause in; latches from before it are void.
    pub lifted_slot: u64,
}

/// The most that may leave now: room in the window and in the slot, nothing while latched.
#[must_use]
pub fn remaining(breaker: &OutflowBreaker, at: &Moment) -> u64 {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return 0;
    }
    let newest = newest_bucket(breaker, at.now);
    room(breaker, counted(breaker, newest), at)
}

/// Counts an outflow that is within limits; latches on one that is not and counts nothing.
/// A latch in force is not renewed by further attempts, so nobody can keep it up by trying.
#[must_use]
pub fn meter(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return Verdict::Queued;
    }
    advance(breaker, at.slot, at.now);
    if amount > room(breaker, kept(breaker), at) {
        let allowed = breaker.limit;
        latch::set(&mut breaker.latch, amount, allowed, at.slot, at.now);
        return Verdict::Queued;
    }
    count(breaker, amount);
    Verdict::Allowed
}

/// Counts as much of `amount` as may leave now, and says how much. Never latches: what is paid by
/// instalments is not an attempt to take more.
#[must_use]
pub fn take(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> u64 {
    let taken = amount.min(remaining(breaker, at));
    if taken > 0 {
        advance(breaker, at.slot, at.now);
        count(breaker, taken);
    }
    taken
}

/// `floor(limit * bps / 10,000)`, without leaving 64 bits.
#[inline]
fn scaled(limit: u64, stage_bps: u16) -> u64 {
    if stage_bps >= BPS {
        return limit;
    }
    let (whole, bps) = (u64::from(BPS), u64::from(stage_bps));
    // Neither product overflows: the quotient is at most u64::MAX / 10,000, the rest below 10,000.
    let of = |part: u64| part.saturating_mul(bps);
    of(limit.div_euclid(whole)).saturating_add(of(limit.rem_euclid(whole)).div_euclid(whole))
}

/// Number of the newest sub-window: the clock's, unless the clock stepped back.
#[inline]
fn newest_bucket(breaker: &OutflowBreaker, now: i64) -> u64 {
    let k = u64::from(breaker.sub_windows).max(1);
    let length = breaker.window_seconds.unsigned_abs().div_ceil(k).max(1);
    let now = u64::try_from(now).unwrap_or(0);
    now.checked_div(length).unwrap_or(0).max(breaker.bucket)
}

/// Room in window and slot, when `counted` is what the window holds.
#[inline]
fn room(breaker: &OutflowBreaker, counted: u64, at: &Moment) -> u64 {
    let in_window = scaled(breaker.limit, at.stage_bps).saturating_sub(counted);
    let in_slot = scaled(breaker.slot_limit, at.stage_bps).saturating_sub(slot_outflow(breaker, at.slot));
    in_window.min(in_slot)
}

/// What is counted when `newest` is the newest bucket: it and the k before it.
fn counted(breaker: &OutflowBreaker, newest: u64) -> u64 {
    if newest == breaker.bucket {
        return kept(breaker);
    }
    let k = u64::from(breaker.sub_windows);
    let oldest = newest.saturating_sub(k);
    (breaker.bucket.saturating_sub(k)..=breaker.bucket)
        .filter(|number| *number >= oldest)
        .filter_map(|number| breaker.buckets.get(place(breaker, number)))
        .fold(0, |sum, bucket| sum.saturating_add(*bucket))
}

/// The sum of all buckets kept: what is counted once the ring has moved on to the newest.
#[inline]
fn kept(breaker: &OutflowBreaker) -> u64 {
    let buckets = breaker.buckets.get(..ring(breaker)).unwrap_or(&breaker.buckets);
    let (sum, bits) = buckets.iter().fold((0u64, 0), |(sum, bits), bucket| {
        (sum.wrapping_add(*bucket), bits | *bucket)
    });
    // So many numbers as there are buckets, all below this, add up without overflow: one check does for all.
    const SMALL: u64 = u64::MAX >> (usize::BITS - BUCKETS.leading_zeros());
    if bits <= SMALL {
        return sum;
    }
    buckets.iter().fold(0, |sum, bucket| sum.saturating_add(*bucket))
}

/// Outflow so far in `slot`.
#[inline]
const fn slot_outflow(breaker: &OutflowBreaker, slot: u64) -> u64 {
    if breaker.last_slot == slot {
        breaker.slot_outflow
    } else {
        0
    }
}

/// Moves to the newest bucket and slot, and forgets the buckets that fell out of the ring.
fn advance(breaker: &mut OutflowBreaker, slot: u64, now: i64) {
    let newest = newest_bucket(breaker, now);
    let passed = newest.saturating_sub(breaker.bucket);
    if passed > u64::from(breaker.sub_windows) {
        breaker.buckets.fill(0);
    } else {
        for number in breaker.bucket.saturating_add(1)..=newest {
            let place = place(breaker, number);
            if let Some(bucket) = breaker.buckets.get_mut(place) {
                *bucket = 0;
            }
        }
    }
    breaker.bucket = newest;
    breaker.slot_outflow = slot_outflow(breaker, slot);
    breaker.last_slot = slot;
}

/// Counts `amount`, which is within limits, in the newest bucket and slot.
fn count(breaker: &mut OutflowBreaker, amount: u64) {
    let place = place(breaker, breaker.bucket);
    if let Some(bucket) = breaker.buckets.get_mut(place) {
        *bucket = bucket.saturating_add(amount);
    }
    breaker.slot_outflow = breaker.slot_outflow.saturating_add(amount);
}

/// Buckets in use: k + 1.
#[inline]
fn ring(breaker: &OutflowBreaker) -> usize {
    usize::from(breaker.sub_windows).saturating_add(1)
}

/// Where the bucket of a sub-window lies.
#[inline]
fn place(breaker: &OutflowBreaker, number: u64) -> usize {
    let ring = u64::from(breaker.sub_windows).saturating_add(1);
    // Below 256, so the fallback is never taken; it would be out of every ring.
    number
        .checked_rem(ring)
        .and_then(|place| usize::try_from(place).ok())
        .unwrap_or(usize::MAX)
}
