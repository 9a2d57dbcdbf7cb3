//! The outflow window: how much may leave, and the latch when more is tried.
//!
//! A window of `W` seconds is cut into `k` sub-windows of `s = ceil(W / k)` seconds, and every
//! outflow is counted in the bucket of its sub-window. A bucket is counted while it is the newest
//! or one of the `k` before it.
//!
//! **Bound.** Take any two outflows at most `W` apart, at `a <= b <= a + W`. As `W <= k * s`, the
//! bucket of `b` is at most `k` after the bucket of `a`, so `a` is still counted when `b` is
//! metered. Hence all outflow of any window of length `W`, wherever it starts, was counted together
//! when its last outflow was let through, and is at most what was allowed then: exactly `T` without
//! inflow credit, where forgetting one bucket earlier would give `(1 + 1/k) T` and the designs of
//! other programs give `2 T`. The price is honest throughput: what left is forgotten after between
//! `W` and `W + s` seconds, so a steady flow gets `T` per `W (1 + 1/k)`.
//!
//! **Inflow credit.** What came in during the window may leave again on top of `T`, up to `C`, which
//! is at most `T / k`. Gross outflow of any window is at most `T + C <= (1 + 1/k) T`, whatever a host
//! claims to have received: one that lies gains `T / k` and no more.
//!
//! **Reference.** `T` and the slot limit may also be bps of a token account's balance, and then of
//! the lowest one seen in the window. A sample can only lower it. Time alone raises it, and only
//! when every one of the `k` sub-windows that have passed was looked at and seen higher: one that
//! nobody looked at counts as the minimum that was in force. A deposit that does not last does not
//! raise a limit, and neither does silence. Before the first sample only the native limits hold.
//!
//! **Shards.** Hosts that spread their flow over `n` breakers give each the whole's limits and `n`;
//! each lets `floor(1/n)` of every limit through, so together they let through no more than one.
//!
//! **Slot.** `slot_limit` bounds what leaves in one slot. A transaction runs within one slot, so
//! it is the cap per transaction too, and splitting over instructions, transactions or accounts of
//! one slot gains nothing. Going over it latches like the window does, for a one-transaction drain
//! must pause the protocol: hosts set it above their largest honest withdrawal, or let users
//! withdraw in parts. Inflow adds nothing to it.
//!
//! **Clock.** The window is measured on the running maximum of the clock: a clock that steps back
//! counts in the newest bucket, so turning it back frees nothing.

use bulkhead_interface::{
    Pubkey,
    constants::{BPS, BUCKETS, MAX_DELAY_SECONDS, MAX_SUB_WINDOWS, MIN_SUB_WINDOWS},
    layout::OutflowBreaker,
};

use crate::{
    latch::{self, LatchError},
    verdict::Verdict,
};

/// A balance that nobody has looked at yet.
pub const UNSEEN: u64 = u64::MAX;

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

/// What a proposal sets and a guardian lowers, for all shards together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// T: most in a window. Native units.
    pub limit: u64,
    /// Most in a slot. Native units.
    pub slot_limit: u64,
    /// Most in a window, in bps of the reference; 0 is not used.
    pub limit_bps: u16,
    /// Most in a slot, in bps of the reference; 0 is not used.
    pub slot_bps: u16,
    /// C: most that inflow adds in a window. Native units.
    pub inflow_credit: u64,
}

impl Limits {
    /// Those of a breaker.
    #[must_use]
    pub const fn of(breaker: &OutflowBreaker) -> Self {
        Self {
            limit: breaker.limit,
            slot_limit: breaker.slot_limit,
            limit_bps: breaker.limit_bps,
            slot_bps: breaker.slot_bps,
            inflow_credit: breaker.inflow_credit,
        }
    }

    /// Makes them a breaker's. What has left stays counted, so they never come with a fresh burst.
    pub const fn put(self, breaker: &mut OutflowBreaker) {
        breaker.limit = self.limit;
        breaker.slot_limit = self.slot_limit;
        breaker.limit_bps = self.limit_bps;
        breaker.slot_bps = self.slot_bps;
        breaker.inflow_credit = self.inflow_credit;
    }

    /// Is none of them above the other's? Bps that are not used are above all that are.
    #[must_use]
    pub const fn are_at_most(&self, other: &Self) -> bool {
        const fn rank(bps: u16) -> u16 {
            if bps == 0 { u16::MAX } else { bps }
        }
        self.limit <= other.limit
            && self.slot_limit <= other.slot_limit
            && rank(self.limit_bps) <= rank(other.limit_bps)
            && rank(self.slot_bps) <= rank(other.slot_bps)
            && self.inflow_credit <= other.inflow_credit
    }
}

/// Checks everything that is fixed when a breaker is opened, and its first limits.
///
/// # Errors
/// [`WindowError`] when the window could not be kept as configured.
pub fn check_config(breaker: &OutflowBreaker) -> Result<(), WindowError> {
    latch::check(&breaker.latch, breaker.compartment)?;
    let k = breaker.sub_windows;
    let in_range = k >= MIN_SUB_WINDOWS
        && usize::from(k) <= MAX_SUB_WINDOWS
        && (i64::from(k)..=MAX_DELAY_SECONDS).contains(&breaker.window_seconds)
        && breaker.shard < breaker.shards;
    if !in_range {
        return Err(WindowError::OutOfRange);
    }
    check_limits(breaker, &Limits::of(breaker))
}

/// Checks limits for a breaker: something may leave through every shard, no slot is allowed more
/// than a window, bps are of something, and inflow adds no more than a sub-window's share.
///
/// # Errors
/// [`WindowError::OutOfRange`].
pub fn check_limits(breaker: &OutflowBreaker, limits: &Limits) -> Result<(), WindowError> {
    let Limits {
        limit,
        slot_limit,
        limit_bps,
        slot_bps,
        inflow_credit,
    } = *limits;
    let is_referred = limit_bps != 0 || slot_bps != 0;
    let is_sound = slot_limit >= u64::from(breaker.shards).max(1)
        && slot_limit <= limit
        && limit_bps <= BPS
        && slot_bps <= if limit_bps == 0 { BPS } else { limit_bps }
        && (!is_referred || breaker.reference != Pubkey::default())
        && inflow_credit <= per_sub_window(breaker, limit);
    if is_sound { Ok(()) } else { Err(WindowError::OutOfRange) }
}

/// Checks what one guardian may lower the limits to: never up, and at most by half at a time. Bps
/// that are not used stay so. The credit may fall to nothing, for all of T still leaves without it.
/// Each lowering burns a pause right, so a stolen guardian key cannot close a protocol with it.
///
/// # Errors
/// [`WindowError::OutOfRange`].
pub fn check_lowered(breaker: &OutflowBreaker, new: &Limits) -> Result<(), WindowError> {
    let old = Limits::of(breaker);
    let halves_at_most = new.limit >= old.limit.div_ceil(2)
        && new.slot_limit >= old.slot_limit.div_ceil(2)
        && new.limit_bps >= old.limit_bps.div_ceil(2)
        && new.slot_bps >= old.slot_bps.div_ceil(2);
    let starts_bps = (old.limit_bps == 0 && new.limit_bps != 0) || (old.slot_bps == 0 && new.slot_bps != 0);
    if !halves_at_most || starts_bps || !new.are_at_most(&old) {
        return Err(WindowError::OutOfRange);
    }
    check_limits(breaker, new)
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

/// What a breaker says without being asked for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The most that may leave now.
    pub remaining: u64,
    /// Room in the window, latched or not.
    pub in_window: u64,
    /// Room in the slot, latched or not.
    pub in_slot: u64,
    /// T as it is in force through this shard: after reference, shards and stage.
    pub limit: u64,
    /// When the latch in force ends; 0 without one.
    pub latched_until: i64,
}

/// What may leave now and why. Changes nothing.
#[must_use]
pub fn view(breaker: &OutflowBreaker, at: &Moment) -> View {
    let mut breaker = *breaker;
    advance(&mut breaker, at.slot, at.now);
    let limits = in_force(&breaker, at.stage_bps);
    let (in_window, in_slot) = (window_room(&breaker, &limits), slot_room(&breaker, &limits));
    let is_latched = latch::is_in_force(&breaker.latch, at.lifted_slot, at.now);
    View {
        remaining: if is_latched { 0 } else { in_window.min(in_slot) },
        in_window,
        in_slot,
        limit: limits.window,
        latched_until: if is_latched { breaker.latch.until } else { 0 },
    }
}

/// The most that may leave now: room in the window and in the slot, nothing while latched.
#[must_use]
pub fn remaining(breaker: &OutflowBreaker, at: &Moment) -> u64 {
    view(breaker, at).remaining
}

/// [`remaining`] if everything that could come in had come in: no host's word can add to it.
#[must_use]
pub fn most(breaker: &OutflowBreaker, at: &Moment) -> u64 {
    let mut breaker = *breaker;
    advance(&mut breaker, at.slot, at.now);
    breaker.inflow = u64::MAX;
    remaining(&breaker, at)
}

/// Counts an outflow that is within limits; latches on one that is not and counts nothing.
/// A latch in force is not renewed by further attempts, so nobody can keep it up by trying.
#[must_use]
pub fn meter(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return Verdict::Queued;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.stage_bps);
    if amount > room(breaker, &limits) {
        latch::set(&mut breaker.latch, amount, limits.window, at.slot, at.now);
        return Verdict::Queued;
    }
    count(breaker, amount);
    Verdict::Allowed
}

/// Counts as much of `amount` as may leave now, and says how much. Never latches: what is paid by
/// instalments is not an attempt to take more.
#[must_use]
pub fn take(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> u64 {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return 0;
    }
    advance(breaker, at.slot, at.now);
    let taken = amount.min(room(breaker, &in_force(breaker, at.stage_bps)));
    count(breaker, taken);
    taken
}

/// Counts what came in. It adds to the room of this window, up to the credit, and to nothing else.
pub fn record_inflow(breaker: &mut OutflowBreaker, amount: u64, slot: u64, now: i64) {
    advance(breaker, slot, now);
    let place = place(breaker, breaker.bucket);
    add(&mut breaker.inflows, place, amount);
    breaker.inflow = breaker.inflow.saturating_add(amount);
}

/// Starts a breaker that nobody has looked at the reference of.
pub const fn open_reference(breaker: &mut OutflowBreaker) {
    breaker.samples = [UNSEEN; BUCKETS];
    breaker.reference_min = UNSEEN;
}

/// Takes a sample of the reference. It lowers the minimum or leaves it.
pub fn observe(breaker: &mut OutflowBreaker, balance: u64, slot: u64, now: i64) {
    advance(breaker, slot, now);
    let seen = balance.min(UNSEEN.saturating_sub(1));
    let place = place(breaker, breaker.bucket);
    if let Some(sample) = breaker.samples.get_mut(place) {
        *sample = seen.min(*sample);
    }
    breaker.reference_min = seen.min(breaker.reference_min);
}

/// `floor(whole * bps / 10,000)`, without leaving 64 bits.
#[inline]
fn scaled(whole: u64, bps: u16) -> u64 {
    if bps >= BPS {
        return whole;
    }
    let (parts, bps) = (u64::from(BPS), u64::from(bps));
    // Neither product overflows: the quotient is at most u64::MAX / 10,000, the rest below 10,000.
    let of = |part: u64| part.saturating_mul(bps);
    of(whole.div_euclid(parts)).saturating_add(of(whole.rem_euclid(parts)).div_euclid(parts))
}

/// Limits as they are in force through one shard.
struct InForce {
    window: u64,
    slot: u64,
    credit: u64,
}

/// The native limits or the reference's, whichever is lower; of that a shard's share, and of that
/// the stage's. Every step rounds down.
#[inline]
fn in_force(breaker: &OutflowBreaker, stage_bps: u16) -> InForce {
    let (mut window, mut slot, mut credit) = (breaker.limit, breaker.slot_limit, breaker.inflow_credit);
    let reference = breaker.reference_min;
    if reference != UNSEEN {
        if breaker.limit_bps != 0 {
            window = window.min(scaled(reference, breaker.limit_bps));
        }
        if breaker.slot_bps != 0 {
            slot = slot.min(scaled(reference, breaker.slot_bps));
        }
    }
    if breaker.shards > 1 {
        let share = |whole: u64| whole.checked_div(u64::from(breaker.shards)).unwrap_or(0);
        (window, slot, credit) = (share(window), share(slot), share(credit));
    }
    if stage_bps < BPS {
        let staged = |whole| scaled(whole, stage_bps);
        (window, slot, credit) = (staged(window), staged(slot), staged(credit));
    }
    if credit != 0 {
        credit = credit.min(per_sub_window(breaker, window));
    }
    InForce { window, slot, credit }
}

/// `floor(amount / k)`.
#[inline]
fn per_sub_window(breaker: &OutflowBreaker, amount: u64) -> u64 {
    amount.checked_div(u64::from(breaker.sub_windows)).unwrap_or(0)
}

/// Room in window and slot of a breaker that has advanced.
#[inline]
fn room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    window_room(breaker, limits).min(slot_room(breaker, limits))
}

#[inline]
fn window_room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    let credit = limits.credit.min(breaker.inflow);
    // The credit counts once, also where T and the credit together leave 64 bits.
    let over = breaker.outflow.saturating_sub(limits.window);
    let within = limits.window.saturating_sub(breaker.outflow);
    within.saturating_add(credit.saturating_sub(over))
}

#[inline]
const fn slot_room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    limits.slot.saturating_sub(breaker.slot_outflow)
}

/// Number of the newest sub-window: the clock's, unless the clock stepped back.
#[inline]
fn newest_bucket(breaker: &OutflowBreaker, now: i64) -> u64 {
    let k = u64::from(breaker.sub_windows).max(1);
    let length = breaker.window_seconds.unsigned_abs().div_ceil(k).max(1);
    let now = u64::try_from(now).unwrap_or(0);
    now.checked_div(length).unwrap_or(0).max(breaker.bucket)
}

/// Moves to the newest bucket and slot.
#[inline]
fn advance(breaker: &mut OutflowBreaker, slot: u64, now: i64) {
    let newest = newest_bucket(breaker, now);
    if newest != breaker.bucket {
        turn(breaker, newest);
    }
    if breaker.last_slot != slot {
        breaker.last_slot = slot;
        breaker.slot_outflow = 0;
    }
}

/// Turns the ring to a later bucket and forgets what falls out of it. Once in a sub-window; in between
/// the sums are kept.
#[inline(never)]
fn turn(breaker: &mut OutflowBreaker, newest: u64) {
    let passed = newest.saturating_sub(breaker.bucket);
    let mut at = place(breaker, breaker.bucket);
    breaker.bucket = newest;
    let carried = breaker.reference_min;
    if passed > u64::from(breaker.sub_windows) {
        breaker.buckets.fill(0);
        breaker.inflows.fill(0);
        (breaker.outflow, breaker.inflow) = (0, 0);
        if carried != UNSEEN {
            // Nobody looked for a whole window: the minimum goes on.
            breaker.samples.fill(carried);
            let at = place(breaker, newest);
            put(&mut breaker.samples, at, UNSEEN);
        }
        return;
    }
    let ring = ring(breaker);
    let (mut outflow, mut inflow, mut lowest) = (0u64, 0u64, UNSEEN);
    for _ in 0..passed {
        // A sub-window that nobody looked at counts as the minimum of then. The newest can still be looked at.
        if breaker.samples.get(at) == Some(&UNSEEN) {
            put(&mut breaker.samples, at, carried);
        }
        at = at.saturating_add(1);
        if at >= ring {
            at = 0;
        }
        outflow = outflow.saturating_add(put(&mut breaker.buckets, at, 0));
        inflow = inflow.saturating_add(put(&mut breaker.inflows, at, 0));
        lowest = lowest.min(put(&mut breaker.samples, at, UNSEEN));
    }
    breaker.outflow = less(breaker.outflow, outflow, &breaker.buckets, ring);
    breaker.inflow = less(breaker.inflow, inflow, &breaker.inflows, ring);
    if carried != UNSEEN && lowest <= carried {
        let samples = breaker.samples.iter().take(ring);
        breaker.reference_min = samples.copied().min().unwrap_or(UNSEEN);
    }
}

/// Puts `value` in a place of a ring, and gives what was there.
#[inline]
fn put(ring: &mut [u64; BUCKETS], place: usize, value: u64) -> u64 {
    ring.get_mut(place)
        .map_or(0, |bucket| core::mem::replace(bucket, value))
}

/// A sum without what fell out of it. One that has left 64 bits is added up again.
#[inline]
fn less(whole: u64, fallen: u64, buckets: &[u64; BUCKETS], ring: usize) -> u64 {
    if whole == u64::MAX {
        sum(buckets, ring)
    } else {
        whole.saturating_sub(fallen)
    }
}

#[inline]
fn add(ring: &mut [u64; BUCKETS], place: usize, amount: u64) {
    if let Some(bucket) = ring.get_mut(place) {
        *bucket = bucket.saturating_add(amount);
    }
}

/// Do the sums that are kept agree with what they are of?
#[must_use]
pub fn is_added_up(breaker: &OutflowBreaker) -> bool {
    let ring = ring(breaker);
    breaker.outflow == sum(&breaker.buckets, ring)
        && breaker.inflow == sum(&breaker.inflows, ring)
        && breaker.samples.iter().take(ring).min() == Some(&breaker.reference_min)
}

fn sum(buckets: &[u64; BUCKETS], ring: usize) -> u64 {
    let buckets = buckets.iter().take(ring);
    buckets.fold(0, |sum, bucket| sum.saturating_add(*bucket))
}

/// Counts `amount`, which is within limits, in the newest bucket and slot.
#[inline]
fn count(breaker: &mut OutflowBreaker, amount: u64) {
    let place = place(breaker, breaker.bucket);
    add(&mut breaker.buckets, place, amount);
    breaker.outflow = breaker.outflow.saturating_add(amount);
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
