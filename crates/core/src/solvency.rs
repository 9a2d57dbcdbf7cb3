//! Are the reserves worth the liabilities that the host itself reports?
//!
//! What is missing beyond the tolerance is a shortfall. It latches once it has lasted: when it is seen at two times at
//! least `min_age_seconds` apart and at most an hour more, and not seen whole in between. A lift by a matured proposal
//! accepts the shortfall that had latched before it was proposed, until the reserves are whole again; only a larger one
//! latches after that. What nobody has accepted latches again when the latch has run out, for the hole is still there,
//! and keeps the slot of the first time: the same hole is no news to a proposal that was made in between.
//!
//! Liabilities that cannot be read any more, for their account was closed, cut or given away, are a breach that has to
//! last like any other, and for [`LOST_SECONDS`] at least: whoever can close an account cannot blind the breaker with
//! it. What has to last has to last by slots as well as by the clock: hours in which a cluster stood still are none.

use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MAX_DELAY_SECONDS, MAX_RESERVES},
    ids::{TOKEN, TOKEN_2022},
    layout::{Reserve, SolvencyBreaker},
};

use crate::{acts::At, clock, latch, layout::MAX_DATA_LEN, oracle, price::OutOfRange, token};

/// Longest a shortfall may have to last.
pub const MAX_MIN_AGE_SECONDS: i64 = 86_400;
/// A suspicion that nobody confirms for so long after it was ripe is forgotten: two moments that a host is between two
/// transactions, a day apart, are no shortfall that lasts.
pub const SUSPICION_SECONDS: i64 = 3_600;
const _: () = assert!(MAX_MIN_AGE_SECONDS < MAX_DELAY_SECONDS);
/// Shortest time for which liabilities have to be unreadable.
pub const LOST_SECONDS: i64 = 60;
/// The shortfall where the liabilities cannot be read.
const LOST: u128 = u128::MAX;

/// Can this breaker be registered?
///
/// # Errors
/// [`OutOfRange`]
pub fn check(breaker: &SolvencyBreaker) -> Result<(), OutOfRange> {
    let end = breaker.offset.checked_add(breaker.width.into());
    let is_sound = matches!(breaker.width, 8 | 16)
        && end.is_some_and(|end| end <= MAX_DATA_LEN)
        && breaker.tolerance_bps < u32::from(BPS)
        && (0..=MAX_MIN_AGE_SECONDS).contains(&breaker.min_age_seconds)
        && (1..=MAX_RESERVES).contains(&breaker.reserve_count.into())
        && breaker.liabilities != Pubkey::default();
    if is_sound { Ok(()) } else { Err(OutOfRange) }
}

/// The reserves that count.
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

/// What a reserve holds of its token. An account that is gone, or is something else by now, holds nothing: otherwise
/// whoever can close an account could keep its loss from being seen.
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

/// What is missing beyond the tolerance.
#[must_use]
pub fn shortfall(breaker: &SolvencyBreaker, liabilities: u128, reserves: u128) -> u128 {
    liabilities.saturating_sub(covered(breaker, liabilities, reserves))
}

/// Liabilities that `reserves` and the tolerance, rounded down, are enough for.
fn covered(breaker: &SolvencyBreaker, liabilities: u128, reserves: u128) -> u128 {
    let bps = u128::from(BPS);
    let part = u128::from(breaker.tolerance_bps);
    let (whole, rest) = (liabilities.checked_div(bps), liabilities.checked_rem(bps));
    let share = whole.unwrap_or(0).saturating_mul(part);
    let share = share.saturating_add(rest.unwrap_or(0).saturating_mul(part).checked_div(bps).unwrap_or(0));
    reserves.saturating_add(share).saturating_add(breaker.tolerance.into())
}

/// What came of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Whole, or short by no more than was accepted.
    Solvent,
    /// Short, and not for long enough, or latched already.
    Short,
    /// Short for long enough: it has latched.
    Latched,
}

/// Looks at both sums, and latches if it has to. Liabilities are none where they cannot be read. `lifted_slot` is when the
/// newest executed lift was proposed.
pub fn observe(
    breaker: &mut SolvencyBreaker,
    liabilities: Option<u128>,
    reserves: u128,
    lifted_slot: u64,
    at: At,
) -> Sight {
    let (slot, now) = (at.slot, at.now);
    let shortfall = liabilities.map_or(LOST, |liabilities| shortfall(breaker, liabilities, reserves));
    let min_age = match liabilities {
        Some(_) => breaker.min_age_seconds,
        None => breaker.min_age_seconds.max(LOST_SECONDS),
    };
    if shortfall == 0 {
        (breaker.suspect_ts, breaker.latched_low, breaker.latched_high) = (0, 0, 0);
        return Sight::Solvent;
    }
    if is_accepted(breaker, shortfall, lifted_slot) {
        breaker.suspect_ts = 0;
        return Sight::Solvent;
    }
    let age = now.saturating_sub(breaker.suspect_ts);
    let forgotten = min_age.saturating_add(SUSPICION_SECONDS);
    if breaker.suspect_ts == 0 || age > forgotten {
        (breaker.suspect_ts, breaker.suspect_slot) = (now, slot);
    }
    let is_old =
        now.saturating_sub(breaker.suspect_ts) >= min_age && clock::has_lasted(breaker.suspect_slot, slot, min_age);
    if !is_old || latch::is_in_force(&breaker.latch, lifted_slot, now) {
        return Sight::Short;
    }
    // No larger than what had latched before: the same hole, and no news to a proposal that was made in between.
    let first_slot = if is_known(breaker, shortfall) {
        breaker.latch.slot
    } else {
        (breaker.latched_low, breaker.latched_high) = halves(shortfall);
        slot
    };
    let amount = |sum: u128| u64::try_from(sum).unwrap_or(u64::MAX);
    let allowed = liabilities.map_or(0, |liabilities| covered(breaker, liabilities, reserves));
    let seen = liabilities.unwrap_or(LOST);
    latch::set(&mut breaker.latch, amount(seen), amount(allowed), first_slot, now);
    Sight::Latched
}

/// Has a lift accepted this shortfall?
fn is_accepted(breaker: &SolvencyBreaker, shortfall: u128, lifted_slot: u64) -> bool {
    latch::is_accepted(&breaker.latch, lifted_slot) && is_known(breaker, shortfall)
}

/// Has as much latched before? Unreadable liabilities are known as nothing else.
fn is_known(breaker: &SolvencyBreaker, shortfall: u128) -> bool {
    let latched = latched(breaker);
    shortfall <= latched && (latched != LOST || shortfall == LOST)
}

/// The largest shortfall that has latched since the reserves were whole.
fn latched(breaker: &SolvencyBreaker) -> u128 {
    u128::from(breaker.latched_high) << 64 | u128::from(breaker.latched_low)
}

fn halves(number: u128) -> (u64, u64) {
    let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    (half(number), half(number >> 64))
}
