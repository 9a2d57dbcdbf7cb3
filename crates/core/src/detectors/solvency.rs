//! Do the reserves cover the liabilities that the host itself reports?
//!
//! The gap is the liabilities minus the reserves. A gap beyond the tolerance is a shortfall. It latches once it has
//! lasted: when it is seen at two times at least `min_age_seconds` and at most that plus one hour apart, and the
//! reserves are not seen whole in between. An unpause by a matured proposal accepts the gap that had latched before it
//! was proposed, until the reserves are whole again.
//!
//! The recorded size of a shortfall is the smallest gap seen since it latched: a gap that was partly filled and drained
//! again is a new finding. So is a gap that has grown by more than the tolerance for long enough; a gap that grows by
//! its interest is not new to a proposal. With a tolerance of zero any unit is. See [`crate::detectors::latch`].
//!
//! A deposit moves reserves and liabilities alike: the gap stays, but a tolerance in bps grows. So that nobody hides a
//! shortfall with capital that is there for one observation, a shortfall or a suspicion is cleared only by a gap within
//! the tolerance of the smallest liabilities seen since; it is created by a gap beyond the tolerance of the current
//! ones.
//!
//! Liabilities that can no longer be read, because their account was closed, truncated or given away, are a breach that
//! must last like any other, and at least for [`LOST_SECONDS`]: whoever can close an account cannot blind the breaker
//! that way. A required duration must pass in slots as well as by the clock: hours in which a cluster stood still do
//! not count.

use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MAX_DELAY_SECONDS, MAX_RESERVES},
    ids::{TOKEN, TOKEN_2022},
    layout::{Reserve, SolvencyBreaker},
};

use crate::{
    CoreError,
    acts::At,
    clock,
    detectors::{
        latch::{self, Effect, Evidence, Found, LatchStatus},
        oracle,
    },
    snapshots::layout::MAX_DATA_LEN,
    token,
};

/// Maximum duration that a shortfall may be required to last.
pub const MAX_MIN_AGE_SECONDS: i64 = 86_400;
/// A suspicion that nobody confirms for this long after it could have latched is forgotten: two moments between two
/// transactions of a host, one day apart, are no lasting shortfall.
pub const SUSPICION_SECONDS: i64 = 3_600;
const _: () = assert!(MAX_MIN_AGE_SECONDS < MAX_DELAY_SECONDS);
/// Minimum duration for which liabilities must be unreadable.
pub const LOST_SECONDS: i64 = 60;
/// The gap where the liabilities cannot be read.
const LOST: u128 = u128::MAX;

/// Can this breaker be registered?
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn check(breaker: &SolvencyBreaker) -> Result<(), CoreError> {
    let end = breaker.offset.checked_add(breaker.width.into());
    let is_sound = matches!(breaker.width, 8 | 16)
        && end.is_some_and(|end| end <= MAX_DATA_LEN)
        && breaker.tolerance_bps < u32::from(BPS)
        && (0..=MAX_MIN_AGE_SECONDS).contains(&breaker.min_age_seconds)
        && (1..=MAX_RESERVES).contains(&breaker.reserve_count.into())
        && breaker.liabilities != Pubkey::default();
    if is_sound {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// The reserves in use.
#[must_use]
pub fn reserves(breaker: &SolvencyBreaker) -> &[Reserve] {
    breaker.reserves.get(..breaker.reserve_count.into()).unwrap_or_default()
}

/// Is any reserve registered twice? Its tokens would count twice.
#[must_use]
pub fn has_duplicates(breaker: &SolvencyBreaker) -> bool {
    let mut rest = reserves(breaker);
    while let Some((first, others)) = rest.split_first() {
        if others.iter().any(|other| other.account == first.account) {
            return true;
        }
        rest = others;
    }
    false
}

/// Balance of a reserve. An account that is gone, or is something else by now, counts as zero; otherwise whoever can
/// close an account could hide its loss.
#[must_use]
pub fn held(reserve: &Reserve, owner: &Pubkey, data: &[u8]) -> u64 {
    match mint_of(owner, data) {
        Some(mint) if mint == reserve.mint => token::amount(data).unwrap_or(0),
        _ => 0,
    }
}

/// The token of an account that can be a reserve.
#[must_use]
pub fn mint_of(owner: &Pubkey, data: &[u8]) -> Option<Pubkey> {
    let is_token_account = (*owner == TOKEN || *owner == TOKEN_2022) && token::is_initialized(data);
    is_token_account
        .then(|| token::mint(data))
        .flatten()
        .map(Pubkey::new_from_array)
}

/// The liabilities, from the host's account, which `owner` owns.
#[must_use]
pub fn liabilities(breaker: &SolvencyBreaker, owner: &Pubkey, data: &[u8]) -> Option<u128> {
    (*owner == breaker.program).then(|| oracle::unsigned(data, breaker.offset, breaker.width))?
}

/// The gap beyond the tolerance.
#[must_use]
pub fn shortfall(breaker: &SolvencyBreaker, liabilities: u128, reserves: u128) -> u128 {
    liabilities.saturating_sub(covered(breaker, liabilities, reserves))
}

/// Liabilities that `reserves` and the tolerance cover.
fn covered(breaker: &SolvencyBreaker, liabilities: u128, reserves: u128) -> u128 {
    reserves.saturating_add(tolerance(breaker, liabilities))
}

/// The tolerance for these liabilities, rounded down.
fn tolerance(breaker: &SolvencyBreaker, liabilities: u128) -> u128 {
    let bps = u128::from(BPS);
    let part = u128::from(breaker.tolerance_bps);
    let (whole, rest) = (liabilities.checked_div(bps), liabilities.checked_rem(bps));
    let share = whole.unwrap_or(0).saturating_mul(part);
    let share = share.saturating_add(rest.unwrap_or(0).saturating_mul(part).checked_div(bps).unwrap_or(0));
    share.saturating_add(breaker.tolerance.into())
}

/// The gap, tolerated or not.
fn gap(liabilities: Option<u128>, reserves: u128) -> u128 {
    // All that can be owed, and nothing held, is one less than lost.
    liabilities.map_or(LOST, |liabilities| {
        liabilities.saturating_sub(reserves).min(LOST.saturating_sub(1))
    })
}

/// Result of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// Within the tolerance, or short by no more than was accepted.
    Solvent,
    /// Short, and not for long enough, or latched already.
    Short,
    /// Short for long enough: it has latched.
    Latched,
}

/// Compares both sums, and latches if necessary. `None` for liabilities that cannot be read. `unpaused_slot` is when
/// the newest executed unpause was proposed.
pub fn observe(
    breaker: &mut SolvencyBreaker,
    liabilities: Option<u128>,
    reserves: u128,
    unpaused_slot: u64,
    at: At,
) -> Observation {
    let gap = gap(liabilities, reserves);
    if let Some(liabilities) = liabilities {
        let least = least(breaker, liabilities, at.now);
        if gap <= tolerance(breaker, least) {
            return whole(breaker, unpaused_slot, at);
        }
        (breaker.least_low, breaker.least_high) = halves(least);
    }
    let (found, smallest) = compare(breaker, gap);
    if found == Found::Same {
        (breaker.latched_low, breaker.latched_high) = halves(smallest);
        (breaker.grown_ts, breaker.grown_slot) = (0, 0);
    }
    if liabilities.is_some_and(|liabilities| gap <= tolerance(breaker, liabilities)) {
        // Within the tolerance by what has come since: no shortfall, and no observation that clears one.
        return Observation::Solvent;
    }
    let is_accepted = latch::status(&breaker.latch, unpaused_slot, at.now) == LatchStatus::Unpaused;
    if found == Found::Same && is_accepted {
        (breaker.suspect_ts, breaker.suspect_slot) = (0, 0);
        return Observation::Solvent;
    }
    let Some(found) = lasting(breaker, found, liabilities.is_none(), is_accepted, at) else {
        return Observation::Short;
    };
    let amount = |sum: u128| u64::try_from(sum).unwrap_or(u64::MAX);
    let allowed = liabilities.map_or(0, |liabilities| covered(breaker, liabilities, reserves));
    let evidence = Evidence {
        seen: amount(liabilities.unwrap_or(LOST)),
        allowed: amount(allowed),
    };
    match latch::look(&mut breaker.latch, found, evidence, unpaused_slot, at) {
        Effect::Latch => {
            (breaker.latched_low, breaker.latched_high) = halves(gap);
            (breaker.grown_ts, breaker.grown_slot) = (0, 0);
            Observation::Latched
        }
        Effect::Again => Observation::Latched,
        Effect::Forget | Effect::Stand | Effect::Accept => Observation::Short,
    }
}

/// The reserves are whole: everything recorded is cleared.
fn whole(breaker: &mut SolvencyBreaker, unpaused_slot: u64, at: At) -> Observation {
    let nothing = Evidence { seen: 0, allowed: 0 };
    latch::look(&mut breaker.latch, Found::InOrder, nothing, unpaused_slot, at);
    (breaker.suspect_ts, breaker.suspect_slot) = (0, 0);
    (breaker.grown_ts, breaker.grown_slot) = (0, 0);
    (breaker.latched_low, breaker.latched_high) = (0, 0);
    (breaker.least_low, breaker.least_high) = (0, 0);
    Observation::Solvent
}

/// What has lasted of a shortfall, if anything has: that it has grown beyond what is noted, or that there is one at all.
fn lasting(breaker: &mut SolvencyBreaker, found: Found, is_lost: bool, is_accepted: bool, at: At) -> Option<Found> {
    let min_age = if is_lost {
        breaker.min_age_seconds.max(LOST_SECONDS)
    } else {
        breaker.min_age_seconds
    };
    let has_lasted = has_lasted((&mut breaker.suspect_ts, &mut breaker.suspect_slot), min_age, at);
    if noted(breaker).is_none() || found == Found::Same {
        return has_lasted.then_some(found);
    }
    if self::has_lasted((&mut breaker.grown_ts, &mut breaker.grown_slot), min_age, at) {
        return Some(Found::News);
    }
    // It may be too large for a moment. That it is as large as what is noted has lasted.
    (has_lasted && !is_accepted).then_some(Found::Same)
}

/// Has what is suspected since then lasted for so long? Begins to suspect it where nobody did, or all have forgotten.
fn has_lasted((since_ts, since_slot): (&mut i64, &mut u64), min_age: i64, at: At) -> bool {
    if *since_ts == 0 || is_forgotten(*since_ts, min_age, at.now) {
        (*since_ts, *since_slot) = (at.now, at.slot);
    }
    at.now.saturating_sub(*since_ts) >= min_age && clock::has_lasted(*since_slot, at.slot, min_age)
}

/// The smallest liabilities seen while something is recorded or suspected, including the current ones.
fn least(breaker: &SolvencyBreaker, liabilities: u128, now: i64) -> u128 {
    let is_suspected = breaker.suspect_ts != 0 && !is_forgotten(breaker.suspect_ts, breaker.min_age_seconds, now);
    match joined(breaker.least_low, breaker.least_high) {
        least if least != 0 && (is_suspected || noted(breaker).is_some()) => least.min(liabilities),
        _ => liabilities,
    }
}

const fn is_forgotten(since_ts: i64, min_age: i64, now: i64) -> bool {
    now.saturating_sub(since_ts) > min_age.saturating_add(SUSPICION_SECONDS)
}

/// What a gap is to what is noted, and the smallest of both. Unreadable liabilities are the same as nothing else.
fn compare(breaker: &SolvencyBreaker, gap: u128) -> (Found, u128) {
    match noted(breaker) {
        Some(LOST) if gap == LOST => (Found::Same, LOST),
        Some(LOST) => (Found::News, gap),
        noted => {
            let margin = tolerance(breaker, joined(breaker.least_low, breaker.least_high));
            let (found, smallest) = latch::compare(noted, gap, margin);
            if gap == LOST {
                (Found::News, gap)
            } else {
                (found, smallest)
            }
        }
    }
}

/// The smallest gap since one has latched, until the reserves are whole.
fn noted(breaker: &SolvencyBreaker) -> Option<u128> {
    Some(joined(breaker.latched_low, breaker.latched_high)).filter(|gap| *gap != 0)
}

fn joined(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

fn halves(number: u128) -> (u64, u64) {
    let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    (half(number), half(number >> 64))
}
