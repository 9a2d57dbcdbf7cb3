//! Are the reserves worth the liabilities that the host itself reports?
//!
//! What is missing beyond the tolerance is a shortfall. It latches once it has lasted: when it is seen at two times at
//! least `min_age_seconds` apart, and not seen whole in between. A lift by a matured proposal accepts the shortfall that
//! latched, until the reserves are whole again; only a larger one latches after that. What nobody has accepted latches
//! again when the latch has run out, for the hole is still there.

use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MAX_DELAY_SECONDS, MAX_RESERVES, latch_state},
    ids::{TOKEN, TOKEN_2022},
    layout::{Reserve, SolvencyBreaker},
};

use crate::{latch, layout::MAX_DATA_LEN, oracle, price::OutOfRange, token};

/// Longest a shortfall may have to last.
pub const MAX_MIN_AGE_SECONDS: i64 = 86_400;
const _: () = assert!(MAX_MIN_AGE_SECONDS < MAX_DELAY_SECONDS);

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

/// The liabilities, from the data of the host's account.
#[must_use]
pub fn liabilities(breaker: &SolvencyBreaker, data: &[u8]) -> Option<u128> {
    oracle::unsigned(data, breaker.offset, breaker.width)
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

/// Looks at both sums, and latches if it has to. `lifted_slot` is when a proposal last lifted the pause.
pub fn observe(
    breaker: &mut SolvencyBreaker,
    liabilities: u128,
    reserves: u128,
    slot: u64,
    lifted_slot: u64,
    now: i64,
) -> Sight {
    let shortfall = shortfall(breaker, liabilities, reserves);
    if shortfall == 0 {
        (breaker.suspect_ts, breaker.latched_low, breaker.latched_high) = (0, 0, 0);
        return Sight::Solvent;
    }
    if shortfall <= accepted(breaker, lifted_slot) {
        breaker.suspect_ts = 0;
        return Sight::Solvent;
    }
    if breaker.suspect_ts == 0 {
        breaker.suspect_ts = now;
    }
    let is_old = now.saturating_sub(breaker.suspect_ts) >= breaker.min_age_seconds;
    if !is_old || latch::is_in_force(&breaker.latch, lifted_slot, now) {
        return Sight::Short;
    }
    (breaker.latched_low, breaker.latched_high) = halves(shortfall);
    let amount = |sum: u128| u64::try_from(sum).unwrap_or(u64::MAX);
    let allowed = covered(breaker, liabilities, reserves);
    latch::set(&mut breaker.latch, amount(liabilities), amount(allowed), slot, now);
    Sight::Latched
}

/// The shortfall that a lift has accepted.
fn accepted(breaker: &SolvencyBreaker, lifted_slot: u64) -> u128 {
    let is_lifted = breaker.latch.state != latch_state::ARMED && breaker.latch.slot < lifted_slot;
    if is_lifted {
        u128::from(breaker.latched_high) << 64 | u128::from(breaker.latched_low)
    } else {
        0
    }
}

fn halves(number: u128) -> (u64, u64) {
    let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX);
    (half(number), half(number >> 64))
}
