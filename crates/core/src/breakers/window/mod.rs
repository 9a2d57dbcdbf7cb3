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
//! **Graded response.** Over a limit a release waits, and no more. What was asked for in the window and had to wait, above
//! the trip limit, latches: a theft asks for that in its first transactions, an honest whale waits and stops nobody. What
//! was paid at once is not of it: who fills a window may be anybody with the same tokens twice. Whatever is queued is
//! debited by the host, so that it takes capital of the trip limit to latch a breaker of custody; what is denied is not, so
//! it is neither added up nor judged. Each request counts once, when it is made. What only could wait because the limits fell, by a
//! guardian, a ramp or a reference, meets the trip limit as it was; where a proposal lowers the trip limit itself, what was
//! asked before is forgotten. Where nothing is queued, for the host keeps its tokens, what was paid (up to what may be) and
//! one request together latch.
//!
//! **What returns.** What custody has seen an owner bring in leaves again to that owner within the window and is counted
//! nowhere: see `returns`.
//!
//! **The queue gets on.** Who has capital of `T` can fill every window. So when a queued release has matured and finds too
//! little room in the window, the turn of all that have matured by then begins: half of the window is kept for them. It ends
//! a window after the last time one of them took all there was and lacked more. Those that mature later, and what is asked
//! for now, get the other half meanwhile; so whose turn it is is finite, and was debited. *Claim*: let somebody try a
//! release once in a sub-window, in a slot that has room. In `k + 1` sub-windows of its turn, all whose turn it is get half
//! of `T` together, or it is paid in full. For what is kept from the others is what these take: whenever anybody else was
//! paid, half was left. And whoever has a turn last longer has taken all there was, so half was theirs. Hence a release
//! waits for the turn of those before it to end and for its own: `(k + 1) (ceil(2 Q / T) + 2)` sub-windows each, where `Q`
//! is what those whose turn it is are owed when it begins. Nobody keeps it waiting by what is asked for later.
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
pub use returns::{Asker, is_over, left_of, note_deposit};
pub use ring::is_added_up;

use bulkhead_interface::{constants::BUCKETS, layout::OutflowBreaker};
use returns::{Cover, cover, use_up};
use ring::{add, advance, lasts, place};

use crate::{
    acts::At,
    breakers::verdict::Verdict,
    detectors::latch::{self, Evidence},
};

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
    pub ramp_bps: u16,
    /// Slot the newest executed unpause was proposed in; latches from before it are void.
    pub unpaused_slot: u64,
}

/// What a breaker says without being asked for anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The most that may leave now of what is asked for now.
    pub remaining: u64,
    /// Room in the window, latched or not.
    pub in_window: u64,
    /// Room in the slot, latched or not.
    pub in_slot: u64,
    /// T as it is in force through this shard: after reference, shards and ramp.
    pub limit: u64,
    /// When the latch in force ends; 0 without one.
    pub latched_until: i64,
}

/// What may leave now and why. Changes nothing.
#[must_use]
pub fn view(breaker: &OutflowBreaker, at: &Moment) -> View {
    let mut breaker = *breaker;
    advance(&mut breaker, at.slot, at.now);
    let limits = in_force(&breaker, at.ramp_bps);
    let (in_window, in_slot) = (window_room(&breaker, &limits), slot_room(&breaker, &limits));
    let is_latched = latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now);
    View {
        remaining: if is_latched {
            0
        } else {
            in_slot.min(unkept_room(&breaker, &limits))
        },
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
/// with what has left within the limit, it is above the trip limit. A latch in force is not renewed by further attempts, so
/// nobody can keep it up by trying.
#[must_use]
pub fn meter(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    if latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now) {
        return Verdict::Queued;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.ramp_bps);
    if amount <= room(breaker, &limits) {
        count(breaker, amount);
        return Verdict::Allowed;
    }
    // What left when the limit was higher was within it, and what a breaker begins with has not left through it.
    let paid = if is_first_window(breaker) {
        0
    } else {
        breaker.outflow.min(limits.window)
    };
    let _ = judge(breaker, paid.saturating_add(amount), at);
    Verdict::Queued
}

/// May custody pay now? If so, it is counted. `asker` is the note of who asks, if there is one: what it covers does not
/// count. It is paid to that owner alone; while it has any left, what is to go elsewhere waits. What has to wait is not
/// counted yet: the caller says by [`wait`] that it is owed from now on. What is not owed by anybody is not counted and
/// latches nothing.
#[must_use]
pub fn release(breaker: &mut OutflowBreaker, asker: Option<&mut Asker>, amount: u64, at: &Moment) -> Verdict {
    if latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now) {
        return Verdict::Queued;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.ramp_bps);
    let Cover { covered, is_diverted } = cover(breaker, asker.as_deref(), amount);
    let others = amount.saturating_sub(covered);
    if is_diverted || others > unkept_room(breaker, &limits).min(slot_room(breaker, &limits)) {
        return Verdict::Queued;
    }
    if let Some(asker) = asker.filter(|_| covered != 0) {
        use_up(breaker, asker.note, covered);
    }
    count(breaker, others);
    Verdict::Allowed
}

/// Counts what has to wait and is owed from now on. Latches if all that had to wait in the window is above the trip limit;
/// what latched is not counted again, so that one piece of evidence latches once.
pub fn wait(breaker: &mut OutflowBreaker, asker: Option<&mut Asker>, amount: u64, at: &Moment) {
    if latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now) {
        return;
    }
    advance(breaker, at.slot, at.now);
    let Cover { covered, .. } = cover(breaker, asker.as_deref(), amount);
    if let Some(asker) = asker {
        use_up(breaker, asker.note, covered);
    }
    let others = amount.saturating_sub(covered);
    if others == 0 {
        return;
    }
    if breaker.queued > trip_in_force(breaker) {
        // It latched nothing when it was asked for, so the trip limit has fallen since.
        forget_asked(breaker);
    }
    if judge(breaker, breaker.queued.saturating_add(others), at) {
        forget_asked(breaker);
    } else {
        let place = place(breaker, breaker.bucket);
        add(&mut breaker.queues, place, others);
        breaker.queued = breaker.queued.saturating_add(others);
    }
}

/// Latches if what was asked for is above the trip limit.
#[inline(never)]
fn judge(breaker: &mut OutflowBreaker, asked: u64, at: &Moment) -> bool {
    let trip = trip_in_force(breaker);
    let is_above = asked > trip;
    if is_above {
        let evidence = Evidence {
            seen: asked,
            allowed: trip,
        };
        let at = At {
            slot: at.slot,
            now: at.now,
        };
        latch::set(&mut breaker.latch, evidence, at);
    }
    is_above
}

/// What had to wait adds up to nothing from now on.
pub const fn forget_asked(breaker: &mut OutflowBreaker) {
    breaker.queues = [0; BUCKETS];
    breaker.queued = 0;
}

/// Brings a breaker to the evacuations of its vault: each stops what is queued, so that it is asked for no more, and nothing
/// is kept for whose turn it was.
#[inline]
pub fn renew(breaker: &mut OutflowBreaker, evacuations: u32) {
    if breaker.evacuations != evacuations {
        breaker.evacuations = evacuations;
        breaker.turn_bucket = 0;
        forget_asked(breaker);
    }
}

/// Counts as much as may leave now of a queued release that matured at `payable_ts`, and says how much. Never latches: what
/// is paid by instalments is not an attempt to take more, and was asked for when it was queued. Where the window has too
/// little room, a turn begins or goes on.
#[must_use]
pub fn take(breaker: &mut OutflowBreaker, amount: u64, payable_ts: i64, at: &Moment) -> u64 {
    if latch::is_in_force(&breaker.latch, at.unpaused_slot, at.now) {
        return 0;
    }
    advance(breaker, at.slot, at.now);
    let limits = in_force(breaker, at.ramp_bps);
    let whole = window_room(breaker, &limits);
    let is_turn = lasts(breaker, breaker.turn_bucket);
    let is_behind = is_turn && payable_ts > breaker.turn_ts;
    let space = if is_behind {
        unkept_room(breaker, &limits)
    } else {
        whole
    };
    let taken = amount.min(space).min(slot_room(breaker, &limits));
    count(breaker, taken);
    if taken < amount && taken == whole && !is_behind {
        if !is_turn {
            breaker.turn_ts = at.now;
        }
        breaker.turn_bucket = breaker.bucket;
    }
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
    // The credit counts once, also where T and the credit together leave 64 bits.
    let over = breaker.outflow.saturating_sub(limits.window);
    let within = limits.window.saturating_sub(breaker.outflow);
    if breaker.outflow == u64::MAX {
        // A sum that has left 64 bits is not known any more.
        return 0;
    }
    within.saturating_add(credit.saturating_sub(over))
}

/// Room in the window for what has no turn: without the half that is kept while others have.
#[inline]
fn unkept_room(breaker: &OutflowBreaker, limits: &InForce) -> u64 {
    let room = window_room(breaker, limits);
    if lasts(breaker, breaker.turn_bucket) {
        room.saturating_sub(limits.window.div_ceil(2))
    } else {
        room
    }
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
