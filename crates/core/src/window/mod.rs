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
//! one slot gains nothing. Inflow adds nothing to it.
//!
//! **Graded response.** Over a limit a release waits, and no more. What was asked for in the window, paid and queued
//! together, above the trip limit latches: a theft asks for that in its first transactions, an honest whale waits and
//! stops nobody. Whatever is queued is debited by the host, so that it takes capital of the trip limit to latch a
//! breaker of custody. Where nothing is queued, for the host keeps its tokens, what was refused is not added up, and
//! only what was paid and one request together latch.
//!
//! **What returns.** What custody has seen an owner bring in leaves again to that owner within the window without
//! filling it: see [`returns`].
//!
//! **Beginning.** A breaker that a proposal opens begins as if everything there is had just left: one that was closed may
//! have paid T a moment ago, and its account and what it counted are gone. What is asked for in the first window waits.
//!
//! **Clock.** The window is measured on the running maximum of the clock: a clock that steps back
//! counts in the newest bucket, so turning it back frees nothing.

mod limits;
mod returns;
mod ring;

pub use limits::*;
pub use returns::*;
pub use ring::is_added_up;

use bulkhead_interface::{constants::BUCKETS, layout::OutflowBreaker};

use crate::{latch, verdict::Verdict};
use ring::{add, advance, place};

/// A balance that nobody has looked at yet.
pub const UNSEEN: u64 = u64::MAX;

/// What a breaker is asked under: the time, and what the board says of its compartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Current slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
    /// Share of the limits in force.
    pub stage_bps: u16,
    /// Slot the newest executed lift was proposed in; latches from before it are void.
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

/// Counts an outflow that is within limits. One that is not is counted nowhere, for the host keeps it: it latches if,
/// with what has left, it is above the trip limit. A latch in force is not renewed by further attempts, so nobody can
/// keep it up by trying.
#[must_use]
pub fn meter(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return Verdict::Queued;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.stage_bps);
    if amount <= room(breaker, &limits) {
        count(breaker, amount);
        return Verdict::Allowed;
    }
    refuse(breaker, amount, false, &limits, at);
    Verdict::Queued
}

/// The same for custody, which pays or queues. `asker` is the note of who asks, if there is one: what it covers does
/// not count. It is paid to that owner alone; while it has any left, what is to go elsewhere waits.
#[must_use]
pub fn release(breaker: &mut OutflowBreaker, asker: Option<Asker>, amount: u64, at: &Moment) -> Verdict {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return Verdict::Queued;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.stage_bps);
    let left = asker.as_ref().map_or(0, |asker| left_of(asker.note, breaker));
    let is_owner = asker.as_ref().is_none_or(|asker| asker.is_owner);
    let covered = if is_owner { left.min(amount) } else { 0 };
    let others = amount.saturating_sub(covered);
    // What is fresh and is to go elsewhere waits, whatever room there is.
    let is_fresh = left != 0 && !is_owner;
    if is_fresh || others > room(breaker, &limits) {
        refuse(breaker, others, true, &limits, at);
        return Verdict::Queued;
    }
    if let Some(asker) = asker {
        give_back(breaker, asker.note, covered);
    }
    count(breaker, others);
    Verdict::Allowed
}

/// What its receiver would not take now waits, whatever room there is. It was asked for like anything.
pub fn postpone(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.stage_bps);
    refuse(breaker, amount, true, &limits, at);
}

/// What has to wait. Latches if all that was asked for in the window is above the trip limit; what latched is not
/// counted again, so that one piece of evidence latches once.
#[inline(never)]
fn refuse(breaker: &mut OutflowBreaker, amount: u64, is_queued: bool, limits: &InForce, at: &Moment) {
    let paid = if is_first_window(breaker) {
        0
    } else {
        breaker.outflow.saturating_sub(breaker.returned)
    };
    let asked = paid.saturating_add(breaker.queued).saturating_add(amount);
    let trip = trip_in_force(breaker, limits);
    if asked > trip {
        latch::set(&mut breaker.latch, asked, trip, at.slot, at.now);
        breaker.queues = [0; BUCKETS];
        breaker.queued = 0;
    } else if is_queued {
        let place = place(breaker, breaker.bucket);
        add(&mut breaker.queues, place, amount);
        breaker.queued = breaker.queued.saturating_add(amount);
    }
}

/// Counts as much of `amount` as may leave now, and says how much. Never latches: what is paid by
/// instalments is not an attempt to take more. It was asked for when it was queued, and is not asked for twice.
#[must_use]
pub fn take(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> u64 {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        return 0;
    }
    advance(breaker, at.slot, at.now);
    let taken = amount.min(room(breaker, &in_force(breaker, at.stage_bps)));
    ring::unqueue(breaker, taken);
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

/// Starts a breaker as if everything there is had left at `now`, whatever its limits will be.
pub fn open_full(breaker: &mut OutflowBreaker, slot: u64, now: i64) {
    advance(breaker, slot, now);
    let place = place(breaker, breaker.bucket);
    add(&mut breaker.buckets, place, u64::MAX);
    breaker.outflow = u64::MAX;
    breaker.opened = breaker.bucket;
}

/// Does what a breaker was opened with fill its window? Nothing has really left then.
fn is_first_window(breaker: &OutflowBreaker) -> bool {
    breaker.opened != 0 && breaker.bucket <= breaker.opened.saturating_add(breaker.sub_windows.into())
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

/// Room in window and slot of a breaker that has advanced.
#[inline]
fn room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    window_room(breaker, limits).min(slot_room(breaker, limits))
}

#[inline]
fn window_room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    let credit = limits.credit.min(breaker.inflow);
    let outflow = breaker.outflow.saturating_sub(breaker.returned);
    // The credit counts once, also where T and the credit together leave 64 bits.
    let over = outflow.saturating_sub(limits.window);
    let within = limits.window.saturating_sub(outflow);
    within.saturating_add(credit.saturating_sub(over))
}

#[inline]
const fn slot_room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    limits.slot.saturating_sub(breaker.slot_outflow)
}

/// Counts `amount`, which is within limits, in the newest bucket and slot.
#[inline]
fn count(breaker: &mut OutflowBreaker, amount: u64) {
    ring::count_outflow(breaker, amount);
    breaker.slot_outflow = breaker.slot_outflow.saturating_add(amount);
}
