//! Premiums are earned over time: who stakes just before a premium and leaves just after it gains nothing of it.

use bulkhead_interface::{constants::PREMIUM_SECONDS, layout::InsurancePool};

use crate::CoreError;

/// Adds to the assets what was earned of the premium until `now`: what is left, by the part of its time that passed,
/// rounded down. While nothing is staked nothing is earned, and the rest waits.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn earn(pool: &mut InsurancePool, now: i64) -> Result<(), CoreError> {
    let passed = now.saturating_sub(pool.premium_ts).max(0);
    if pool.shares == 0 {
        pool.premium_end_ts = pool.premium_end_ts.saturating_add(passed);
    } else {
        let earned = earned_floor(
            pool.premium,
            passed,
            pool.premium_end_ts.saturating_sub(pool.premium_ts),
        )
        .ok_or(CoreError::Overflow)?;
        pool.premium = pool.premium.saturating_sub(earned);
        pool.assets = pool.assets.checked_add(earned).ok_or(CoreError::Overflow)?;
    }
    pool.premium_ts = pool.premium_ts.max(now);
    Ok(())
}

/// Adds to the premium what arrived. The time that is left becomes the average of both, weighted by amount: a small
/// premium does not defer a large one.
///
/// # Errors
/// [`CoreError::ZeroAmount`], [`CoreError::Overflow`].
pub fn pay(pool: &mut InsurancePool, arrived: u64, now: i64) -> Result<(), CoreError> {
    if arrived == 0 {
        return Err(CoreError::ZeroAmount);
    }
    earn(pool, now)?;
    let sum = pool.premium.checked_add(arrived).ok_or(CoreError::Overflow)?;
    let left = pool.premium_end_ts.saturating_sub(now);
    let seconds = average_ceil((pool.premium, left), (arrived, PREMIUM_SECONDS)).ok_or(CoreError::Overflow)?;
    pool.premium = sum;
    pool.premium_end_ts = now.checked_add(seconds).ok_or(CoreError::Overflow)?;
    Ok(())
}

/// `⌊premium · passed / seconds⌋`, and all of it once the time has passed.
fn earned_floor(premium: u64, passed: i64, seconds: i64) -> Option<u64> {
    if passed >= seconds {
        return Some(premium);
    }
    let product = u128::from(premium).checked_mul(u128::try_from(passed).ok()?)?;
    u64::try_from(product.checked_div(u128::try_from(seconds).ok()?)?).ok()
}

/// The average of two times, weighted by amount, rounded up.
fn average_ceil(one: (u64, i64), other: (u64, i64)) -> Option<i64> {
    let weigh = |(amount, seconds): (u64, i64)| u128::from(amount).checked_mul(u128::try_from(seconds.max(0)).ok()?);
    let weighed = weigh(one)?.checked_add(weigh(other)?)?;
    let amount = u128::from(one.0).checked_add(u128::from(other.0))?;
    let quotient = weighed.checked_div(amount)?;
    let rest = weighed.checked_rem(amount)?;
    i64::try_from(quotient.checked_add(u128::from(rest != 0))?).ok()
}
