//! The ring of sub-windows: what is counted where, and when it is forgotten.

use bulkhead_interface::{constants::BUCKETS, layout::OutflowBreaker};

use super::{UNSEEN, put_back};

/// Number of the newest sub-window: the clock's, unless the clock stepped back.
#[inline]
pub(super) fn newest_bucket(breaker: &OutflowBreaker, now: i64) -> u64 {
    let k = u64::from(breaker.sub_windows).max(1);
    let length = breaker.window_seconds.unsigned_abs().div_ceil(k).max(1);
    let now = u64::try_from(now).unwrap_or(0);
    now.checked_div(length).unwrap_or(0).max(breaker.bucket)
}

/// Moves to the newest bucket and slot.
#[inline]
pub(super) fn advance(breaker: &mut OutflowBreaker, slot: u64, now: i64) {
    put_back(breaker, now);
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
        breaker.queues.fill(0);
        (breaker.outflow, breaker.inflow) = (0, 0);
        breaker.queued = 0;
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
    let mut queued = 0u64;
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
        queued = queued.saturating_add(put(&mut breaker.queues, at, 0));
        lowest = lowest.min(put(&mut breaker.samples, at, UNSEEN));
    }
    breaker.outflow = less(breaker.outflow, outflow, &breaker.buckets, ring);
    breaker.inflow = less(breaker.inflow, inflow, &breaker.inflows, ring);
    breaker.queued = less(breaker.queued, queued, &breaker.queues, ring);
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
pub(super) fn add(ring: &mut [u64; BUCKETS], place: usize, amount: u64) {
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
        && breaker.queued == sum(&breaker.queues, ring)
        && breaker.samples.iter().take(ring).min() == Some(&breaker.reference_min)
}

fn sum(buckets: &[u64; BUCKETS], ring: usize) -> u64 {
    let buckets = buckets.iter().take(ring);
    buckets.fold(0, |sum, bucket| sum.saturating_add(*bucket))
}

/// Counts `amount` in the newest bucket.
#[inline]
pub(super) fn count_outflow(breaker: &mut OutflowBreaker, amount: u64) {
    let place = place(breaker, breaker.bucket);
    add(&mut breaker.buckets, place, amount);
    breaker.outflow = breaker.outflow.saturating_add(amount);
}

/// The highest that was seen of the reference in any sub-window of the window; 0 where nobody has looked.
pub(super) fn highest_seen(breaker: &OutflowBreaker) -> u64 {
    let samples = breaker.samples.iter().take(ring(breaker));
    samples.copied().filter(|sample| *sample != UNSEEN).max().unwrap_or(0)
}

/// Is what was written down in a sub-window still of the window?
#[inline]
pub(super) const fn lasts(breaker: &OutflowBreaker, bucket: u64) -> bool {
    breaker.bucket <= bucket.saturating_add(breaker.sub_windows as u64)
}

/// Buckets in use: k + 1.
#[inline]
fn ring(breaker: &OutflowBreaker) -> usize {
    usize::from(breaker.sub_windows).saturating_add(1)
}

/// Where the bucket of a sub-window lies.
#[inline]
pub(super) fn place(breaker: &OutflowBreaker, number: u64) -> usize {
    let ring = u64::from(breaker.sub_windows).saturating_add(1);
    // Below 256, so the fallback is never taken; it would be out of every ring.
    number
        .checked_rem(ring)
        .and_then(|place| usize::try_from(place).ok())
        .unwrap_or(usize::MAX)
}
