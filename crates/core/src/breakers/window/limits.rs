//! Limits: what may be configured, what a guardian may lower them to and for how long, and what is in force of them.

use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MAX_DELAY_SECONDS, MAX_SUB_WINDOWS, MIN_SUB_WINDOWS},
    layout::OutflowBreaker,
};

use super::{UNSEEN, ring::highest_seen};
use crate::{CoreError, detectors::latch};

/// The trip limit that stands where none is given: so many times the limit.
const TRIP_FACTOR: u8 = 2;

/// Bps of the reference that come to less than this part of the native trip limit latch nothing: so little is in there
/// that whoever looks at it could close a domain with the first unit that is asked for.
const TRIP_PART: u8 = 100;

/// What a proposal sets and a guardian lowers for a while, for all shards together.
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
    /// Those of a breaker, as they stand in its account.
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

    /// Those that a proposal set: what a guardian has lowered comes back to them by itself.
    #[must_use]
    pub const fn set_for(breaker: &OutflowBreaker) -> Self {
        if breaker.lowered_until == 0 {
            return Self::of(breaker);
        }
        Self {
            limit: breaker.base_limit,
            slot_limit: breaker.base_slot_limit,
            limit_bps: breaker.base_limit_bps,
            slot_bps: breaker.base_slot_bps,
            inflow_credit: breaker.base_inflow_credit,
        }
    }

    /// Makes them a breaker's, for good. What has left stays counted, so they never come with a fresh burst.
    pub const fn put(self, breaker: &mut OutflowBreaker) {
        self.write(breaker);
        breaker.lowered_until = 0;
        breaker.base_limit = 0;
        breaker.base_slot_limit = 0;
        breaker.base_limit_bps = 0;
        breaker.base_slot_bps = 0;
        breaker.base_inflow_credit = 0;
    }

    /// Makes them a breaker's until then. Those that a proposal set are kept.
    pub const fn lower(self, breaker: &mut OutflowBreaker, until: i64) {
        let base = Self::set_for(breaker);
        self.write(breaker);
        breaker.lowered_until = until;
        breaker.base_limit = base.limit;
        breaker.base_slot_limit = base.slot_limit;
        breaker.base_limit_bps = base.limit_bps;
        breaker.base_slot_bps = base.slot_bps;
        breaker.base_inflow_credit = base.inflow_credit;
    }

    const fn write(&self, breaker: &mut OutflowBreaker) {
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

/// What was asked for in a window and had to wait, above which it latches. A proposal alone sets it: a guardian who lowers
/// a limit makes releases wait and cannot make anything latch, and neither can the ramp of a reopening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TripLimits {
    /// Native units, all shards together.
    pub limit: u64,
    /// In bps of the highest reference of the window; 0 is not used.
    pub bps: u16,
}

impl TripLimits {
    /// Those of a breaker.
    #[must_use]
    pub const fn of(breaker: &OutflowBreaker) -> Self {
        Self {
            limit: breaker.trip_limit,
            bps: breaker.trip_bps,
        }
    }

    /// Twice the limits where nothing is said.
    #[must_use]
    pub fn or_twice(self, limits: &Limits) -> Self {
        Self {
            limit: match self.limit {
                0 => limits.limit.saturating_mul(TRIP_FACTOR.into()),
                given => given,
            },
            bps: match self.bps {
                0 => limits.limit_bps.saturating_mul(TRIP_FACTOR.into()),
                given => given,
            },
        }
    }

    /// Makes them a breaker's.
    pub const fn put(self, breaker: &mut OutflowBreaker) {
        breaker.trip_limit = self.limit;
        breaker.trip_bps = self.bps;
    }

    /// Is none of them above the other's? What is not used is above all that is.
    #[must_use]
    pub const fn are_at_most(&self, other: &Self) -> bool {
        self.limit <= other.limit && (other.bps == 0 || (self.bps != 0 && self.bps <= other.bps))
    }
}

/// Checks everything that is fixed when a breaker is opened, and its first limits.
///
/// # Errors
/// [`CoreError`] when the window could not be kept as configured.
pub fn check_config(breaker: &OutflowBreaker) -> Result<(), CoreError> {
    latch::check(&breaker.latch, breaker.compartment)?;
    let k = breaker.sub_windows;
    let in_range = k >= MIN_SUB_WINDOWS
        && usize::from(k) <= MAX_SUB_WINDOWS
        && (i64::from(k)..=MAX_DELAY_SECONDS).contains(&breaker.window_seconds)
        && breaker.shard < breaker.shards;
    if !in_range {
        return Err(CoreError::ArgumentOutOfRange);
    }
    check_limits(breaker, &Limits::of(breaker))?;
    check_trip(&Limits::of(breaker), &TripLimits::of(breaker))
}

/// Checks limits for a breaker: something may leave through every shard, no slot is allowed more
/// than a window, bps are of something, and inflow adds no more than a sub-window's share.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`].
pub fn check_limits(breaker: &OutflowBreaker, limits: &Limits) -> Result<(), CoreError> {
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
    if is_sound {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Checks a trip limit: what may leave never latches.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`].
pub const fn check_trip(limits: &Limits, trip: &TripLimits) -> Result<(), CoreError> {
    let is_sound =
        trip.limit >= limits.limit && trip.bps >= limits.limit_bps && (trip.bps == 0) == (limits.limit_bps == 0);
    if is_sound {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Checks what one guardian may lower the limits to: never up, and at most by half at a time. Bps
/// that are not used stay so. The credit may fall to nothing, for all of T still leaves without it.
/// Each lowering counts as a pause, so a stolen guardian key cannot close a protocol with it.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`].
pub fn check_lowered(breaker: &OutflowBreaker, new: &Limits) -> Result<(), CoreError> {
    let old = Limits::of(breaker);
    let halves_at_most = new.limit >= old.limit.div_ceil(2)
        && new.slot_limit >= old.slot_limit.div_ceil(2)
        && new.limit_bps >= old.limit_bps.div_ceil(2)
        && new.slot_bps >= old.slot_bps.div_ceil(2);
    let starts_bps = (old.limit_bps == 0 && new.limit_bps != 0) || (old.slot_bps == 0 && new.slot_bps != 0);
    if !halves_at_most || starts_bps || !new.are_at_most(&old) {
        return Err(CoreError::ArgumentOutOfRange);
    }
    check_limits(breaker, new)
}

/// Puts back what a guardian has lowered, once its time is over.
#[inline]
pub fn put_back(breaker: &mut OutflowBreaker, now: i64) {
    if breaker.lowered_until != 0 && now >= breaker.lowered_until {
        Limits::set_for(breaker).put(breaker);
    }
}

/// `floor(whole * bps / 10,000)`, up to what 64 bits hold.
#[inline]
pub(super) fn scaled(whole: u64, bps: u16) -> u64 {
    if bps == BPS {
        return whole;
    }
    let (parts, bps) = (u64::from(BPS), u64::from(bps));
    // Below 10,000 neither product overflows: the quotient is at most u64::MAX / 10,000, the rest below 10,000.
    let of = |part: u64| part.saturating_mul(bps);
    of(whole.div_euclid(parts)).saturating_add(of(whole.rem_euclid(parts)).div_euclid(parts))
}

/// Limits as they are in force through one shard.
pub(super) struct InForce {
    pub window: u64,
    pub slot: u64,
    pub credit: u64,
}

/// The native limits or the reference's, whichever is lower; of that a shard's share, and of that
/// the ramp's. Every step rounds down.
#[inline]
pub(super) fn in_force(breaker: &OutflowBreaker, ramp_bps: u16) -> InForce {
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
    if ramp_bps < BPS {
        let staged = |whole| scaled(whole, ramp_bps);
        (window, slot, credit) = (staged(window), staged(slot), staged(credit));
    }
    if credit != 0 {
        credit = credit.min(per_sub_window(breaker, window));
    }
    InForce { window, slot, credit }
}

/// The trip limit in force through one shard: the native one or the reference's, whichever is lower. Whatever lowers the
/// limits makes more wait, so nothing of that lowers this one as well: of the reference it takes the highest seen in the
/// window, and no ramp scales it. Looked at only when something has to wait.
#[inline(never)]
pub(super) fn trip_in_force(breaker: &OutflowBreaker) -> u64 {
    let mut trip = breaker.trip_limit;
    if breaker.trip_bps != 0 {
        let of_reference = scaled(highest_seen(breaker), breaker.trip_bps);
        let least = trip.checked_div(TRIP_PART.into()).unwrap_or(0).max(1);
        if of_reference >= least {
            trip = trip.min(of_reference);
        }
    }
    trip.checked_div(u64::from(breaker.shards).max(1)).unwrap_or(0)
}

/// `floor(amount / k)`.
#[inline]
fn per_sub_window(breaker: &OutflowBreaker, amount: u64) -> u64 {
    amount.checked_div(u64::from(breaker.sub_windows)).unwrap_or(0)
}
