//! When a price is not to be trusted: the rules of the price breaker.
//!
//! Everything is done with natural logarithms in Q32 ([`crate::fixed`]), so that a rise to the double and a fall to the
//! half are the same distance. A return is the difference of two of them; its variance is kept per second in Q64, and a
//! return over `dt` seconds is measured in standard deviations of √(variance · dt), so that updates may come at any
//! pace. Times are the source's own.
//!
//! - **Deviation**: too far from the time-weighted geometric mean of the past, in which a price counts until the next.
//! - **Return**: a z-score above a bound, against a moving average of the variance that weighs `dt / (τ + dt)`. During
//!   the first τ it is the plain average. A floor and a cap keep it where nobody can starve or inflate it.
//! - **Drift**: a two-sided CUSUM of the z-score, `S⁺ = max(0, S⁺ + z − k)` and `S⁻ = max(0, S⁻ − z − k)`, which trips
//!   at h. One update adds at most a clip, so that outliers are the return rule's business.
//! - **Stale**: an account that the host reads was not updated for too long.
//! - **Confidence**: the source says itself that it does not know.
//!
//! A price that trips never enters the statistics, which restart at it, so that one piece of evidence trips once.

use crate::CoreError;
use bulkhead_interface::{
    constants::{BPS, TWAP_POINTS, price_rule},
    layout::PricePoint,
};

pub use bulkhead_interface::layout::{PriceRules as Rules, PriceState as State};

use crate::fixed;

/// Longest age of an update, and longest time between two.
pub const MAX_AGE_SECONDS: u32 = 86_400;
/// Most that an update may be ahead of the cluster's clock without a word.
pub const MAX_AHEAD_SECONDS: u32 = 60;
/// Most that a cluster's clock lags behind the sources: what is ahead by no more is judged by its own time, and shown.
/// So a clock that is an hour late does not make a breaker blind.
pub const MAX_LAG_SECONDS: u32 = 7_200;
/// Longest window, time constant and staleness.
pub const MAX_WINDOW_SECONDS: u32 = 30 * 86_400;
/// Highest volatility that can be configured: a hundredfold in an hour.
pub const MAX_VOLATILITY_PPM: u32 = 10_000_000;
/// Most of any number in thousandths.
const MAX_MILLI: u32 = 1_000_000;
/// Fifteen intervals between sixteen points.
const INTERVALS: u32 = 15;
const _: () = assert!(TWAP_POINTS == INTERVALS as usize + 1);
/// A return counts as at most a factor of e^8 ≈ 2,981: more is beyond every rule anyway, and products fit.
const MAX_RETURN: u64 = 1 << 35;
/// Largest price and confidence, so that a hundred per cent in basis points fit.
pub const MAX_PRICE: u128 = 1 << 112;

/// What an oracle says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The price, a multiple of ten to the `exponent`. 1 to [`MAX_PRICE`].
    pub price: u128,
    /// Half the width of its confidence interval in the same unit; 0 when the source gives none.
    pub confidence: u128,
    /// Power of ten.
    pub exponent: i64,
    /// When it was true. Unix seconds.
    pub ts: i64,
}

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// One of `constants::price_rule`, which has the units.
    pub rule: u8,
    /// What was seen.
    pub seen: u64,
    /// What would have been in order.
    pub allowed: u64,
}

/// What came of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The rule it broke, if any.
    pub alarm: Option<Alarm>,
    /// The natural logarithm of the price, Q32; 0 when it was not looked at.
    pub log_price: i64,
    /// The mean it was compared with, Q32.
    pub mean: i64,
    /// Its return in millionths of a standard deviation.
    pub z: i64,
}

/// Rules in units that people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// An update older than this is refused. At least 1.
    pub max_age_seconds: u32,
    /// How far an update may be ahead of the cluster's clock, at most 60.
    pub max_ahead_seconds: u32,
    /// Least time between two updates. At least 1.
    pub min_interval_seconds: u32,
    /// Stale rule: trips above this age. 0 is off.
    pub stale_seconds: u32,
    /// Confidence rule: trips above this part of the price. 0 is off.
    pub max_confidence_bps: u32,
    /// Updates to learn from before deviation, return and drift act.
    pub warmup: u32,
    /// Deviation rule: the window of the mean.
    pub twap_seconds: u32,
    /// Deviation rule: trips above this distance, upwards; downwards above the same ratio. 0 is off.
    pub deviation_bps: u32,
    /// Return and drift: time constant of the variance.
    pub tau_seconds: u32,
    /// Return and drift: least standard deviation of the return over an hour, in parts per million.
    pub floor_ppm: u32,
    /// Return and drift: greatest standard deviation of the return over an hour, in parts per million.
    pub cap_ppm: u32,
    /// Return rule: trips above so many standard deviations, in thousandths. 0 is off.
    pub z_milli: u32,
    /// Drift rule: trips at this sum, in thousandths. 0 is off.
    pub cusum_h_milli: u32,
    /// Drift rule: what every update forgives, in thousandths.
    pub cusum_k_milli: u32,
    /// Drift rule: most that one update counts, in thousandths.
    pub cusum_clip_milli: u32,
}

/// The rules of a configuration. `is_pinned`: is it one account that is read? Only that can be stale: of a feed that
/// anyone posts anywhere, there is always an old update.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn rules(config: &Config, is_pinned: bool) -> Result<Rules, CoreError> {
    let within = |value: u32, least: u32, most: u32| (least..=most).contains(&value);
    let is_off_or = |value: u32, least: u32, most: u32| value == 0 || within(value, least, most);
    let has_drift = config.cusum_h_milli != 0;
    let has_variance = config.z_milli != 0 || has_drift;
    let has_mean = config.deviation_bps != 0;
    let is_sound = within(config.max_age_seconds, 1, MAX_AGE_SECONDS)
        && config.max_ahead_seconds <= MAX_AHEAD_SECONDS
        && within(config.min_interval_seconds, 1, MAX_AGE_SECONDS)
        && is_off_or(config.stale_seconds, 1, MAX_WINDOW_SECONDS)
        && (config.stale_seconds == 0 || is_pinned)
        && config.max_confidence_bps <= u32::from(BPS)
        && config.warmup <= MAX_MILLI
        && (!has_mean || within(config.twap_seconds, 15, MAX_WINDOW_SECONDS))
        && config.deviation_bps <= MAX_MILLI
        && (!has_variance
            || (within(config.tau_seconds, 1, MAX_WINDOW_SECONDS)
                && within(config.floor_ppm, 1, config.cap_ppm)
                && config.cap_ppm <= MAX_VOLATILITY_PPM))
        && is_off_or(config.z_milli, 1_000, MAX_MILLI)
        && (!has_drift
            || (config.cusum_h_milli <= MAX_MILLI
                && within(
                    config.cusum_clip_milli,
                    config.cusum_k_milli.saturating_add(1),
                    MAX_MILLI,
                )))
        && (has_mean || has_variance || config.stale_seconds != 0 || config.max_confidence_bps != 0);
    if !is_sound {
        return Err(CoreError::ArgumentOutOfRange);
    }
    let bps = u128::from(BPS);
    let apart = fixed::ln(bps.saturating_add(config.deviation_bps.into())).ok_or(CoreError::ArgumentOutOfRange)?;
    let level = fixed::ln(bps).ok_or(CoreError::ArgumentOutOfRange)?;
    Ok(Rules {
        deviation: apart.saturating_sub(level),
        variance_floor: variance_per_second(config.floor_ppm),
        variance_cap: variance_per_second(config.cap_ppm),
        max_age_seconds: config.max_age_seconds,
        max_ahead_seconds: config.max_ahead_seconds,
        min_interval_seconds: config.min_interval_seconds,
        stale_seconds: config.stale_seconds,
        max_confidence_bps: config.max_confidence_bps,
        warmup: config.warmup,
        twap_seconds: if has_mean { config.twap_seconds } else { 0 },
        tau_seconds: if has_variance { config.tau_seconds } else { 0 },
        z_milli: config.z_milli,
        cusum_h_milli: config.cusum_h_milli,
        cusum_k_milli: config.cusum_k_milli,
        cusum_clip_milli: config.cusum_clip_milli,
    })
}

/// The variance per second, Q64, of a standard deviation of so many millionths over an hour.
#[must_use]
pub fn variance_per_second(hourly_ppm: u32) -> u64 {
    let ppm = u128::from(hourly_ppm);
    // 2^64 / (10^12 · 3,600) is 5,124.0956.
    let scaled = ppm.saturating_mul(ppm).saturating_mul(51_240_956);
    scaled
        .checked_div(10_000)
        .and_then(|variance| u64::try_from(variance).ok())
        .unwrap_or(u64::MAX)
}

/// Takes a reading: refuses it, adds it to the statistics, or raises an alarm.
///
/// # Errors
/// [`CoreError`]; the state is as it was then.
pub fn step(rules: &Rules, state: &mut State, reading: &Reading, now: i64) -> Result<Step, CoreError> {
    step_after(rules, state, reading, now, false)
}

/// [`step`]; after a restart of the cluster the statistics begin anew at the first price: what moved while it stood
/// still did so at one step, and nobody could post it.
///
/// # Errors
/// [`CoreError`]; the state is as it was then.
pub fn step_after(
    rules: &Rules,
    state: &mut State,
    reading: &Reading,
    now: i64,
    is_restart: bool,
) -> Result<Step, CoreError> {
    let ts = reading.ts;
    if ts > now.saturating_add(MAX_LAG_SECONDS.into()) {
        return Err(CoreError::PriceFromTheFuture);
    }
    if ts <= 0 || reading.price == 0 || reading.price > MAX_PRICE {
        return Err(CoreError::PriceUnreadable);
    }
    let age = now.saturating_sub(ts);
    if rules.stale_seconds != 0 && age > i64::from(rules.stale_seconds) {
        return stale(rules, state, ts, age);
    }
    if ts <= state.seen_ts {
        return Err(CoreError::PriceNotNewer);
    }
    if age > i64::from(rules.max_age_seconds) {
        return Err(CoreError::PriceTooOld);
    }
    if state.seen_ts != 0 && ts.saturating_sub(state.seen_ts) < i64::from(rules.min_interval_seconds) {
        return Err(CoreError::PriceTooSoon);
    }
    let log_price = log_price(reading).ok_or(CoreError::PriceUnreadable)?;
    state.seen_ts = ts;
    let mut step = Step {
        log_price,
        ..Step::default()
    };
    step.alarm = confidence_alarm(rules, reading);
    if step.alarm.is_some() {
        return Ok(step);
    }
    if state.observations == 0 {
        state.first_ts = ts;
        begin_at(rules, state, ts, log_price);
        return Ok(step);
    }
    if is_restart {
        begin_at(rules, state, ts, log_price);
    } else {
        follow(rules, state, ts, &mut step);
    }
    Ok(step)
}

/// The same account in the same state is stale once.
fn stale(rules: &Rules, state: &mut State, ts: i64, age: i64) -> Result<Step, CoreError> {
    if ts <= state.stale_ts {
        return Err(CoreError::PriceNotNewer);
    }
    state.stale_ts = ts;
    Ok(Step {
        alarm: Some(Alarm {
            rule: price_rule::STALE,
            seen: age.unsigned_abs(),
            allowed: rules.stale_seconds.into(),
        }),
        ..Step::default()
    })
}

/// The natural logarithm of a price, Q32.
#[must_use]
pub fn log_price(reading: &Reading) -> Option<i64> {
    fixed::ln(reading.price)?.checked_add(fixed::ln_of_ten_to(reading.exponent)?)
}

fn confidence_alarm(rules: &Rules, reading: &Reading) -> Option<Alarm> {
    if rules.max_confidence_bps == 0 {
        return None;
    }
    let confidence = reading.confidence.min(MAX_PRICE).saturating_mul(BPS.into());
    let is_wide = confidence > reading.price.saturating_mul(rules.max_confidence_bps.into());
    is_wide.then(|| Alarm {
        rule: price_rule::CONFIDENCE,
        seen: confidence
            .checked_div(reading.price)
            .and_then(|bps| u64::try_from(bps).ok())
            .unwrap_or(u64::MAX),
        allowed: rules.max_confidence_bps.into(),
    })
}

/// The statistics' first price, or their first after an alarm.
fn begin_at(rules: &Rules, state: &mut State, ts: i64, log_price: i64) {
    state.observations = state.observations.saturating_add(1);
    state.last_ts = ts;
    state.log_price = log_price;
    state.rise = 0;
    state.fall = 0;
    state.oldest = 0;
    state.count = 0;
    if rules.twap_seconds != 0 {
        push(state, ts);
    }
}

/// A price after another one. `seen_ts` has made sure that time went by.
fn follow(rules: &Rules, state: &mut State, ts: i64, step: &mut Step) {
    let dt = ts.saturating_sub(state.last_ts).max(1);
    let gain = step.log_price.saturating_sub(state.log_price);
    let is_warm = state.observations >= u64::from(rules.warmup);
    step.mean = if rules.twap_seconds == 0 {
        0
    } else {
        mean(rules, state, ts, dt)
    };
    let (mut rise, mut fall) = (0, 0);
    if rules.tau_seconds != 0 && state.observations > 1 {
        step.z = z_score(gain, state.variance.max(rules.variance_floor), dt);
        if is_warm {
            (rise, fall) = drift(rules, state, step.z);
        }
    }
    if is_warm {
        step.alarm = deviation_alarm(rules, step)
            .or_else(|| return_alarm(rules, step.z))
            .or_else(|| drift_alarm(rules, rise.max(fall)));
    }
    if step.alarm.is_some() {
        begin_at(rules, state, ts, step.log_price);
        return;
    }
    if rules.tau_seconds != 0 {
        learn_variance(rules, state, gain, dt);
    }
    state.observations = state.observations.saturating_add(1);
    (state.last_ts, state.log_price) = (ts, step.log_price);
    (state.rise, state.fall) = (rise, fall);
    if rules.twap_seconds != 0 {
        push_if_due(rules, state, ts);
    }
}

/// The mean of the log price over the window that ends now, or what is known of it: from the newest point at or before
/// its start, or else the oldest. The price that has just come is not in it.
fn mean(rules: &Rules, state: &mut State, ts: i64, dt: i64) -> i64 {
    let window = i64::from(rules.twap_seconds);
    if dt >= window {
        // All of the window had the last price. Beginning anew keeps the sums' differences small.
        (state.oldest, state.count, state.sum) = (0, 0, 0);
        push(state, ts.saturating_sub(window));
        state.sum = state.log_price.wrapping_mul(window);
        return state.log_price;
    }
    state.sum = state.sum.wrapping_add(state.log_price.wrapping_mul(dt));
    let start = ts.saturating_sub(window);
    let mut from = None;
    for place in 0..state.count {
        match point(state, place) {
            Some(point) if from.is_none() || point.ts <= start => from = Some(point),
            _ => break,
        }
    }
    from.map_or(state.log_price, |from| {
        quotient(state.sum.wrapping_sub(from.sum), ts.saturating_sub(from.ts))
    })
}

/// Towards zero, by an unsigned division: the VM's older versions have no other.
fn quotient(sum: i64, seconds: i64) -> i64 {
    let size = sum.unsigned_abs().checked_div(seconds.unsigned_abs()).unwrap_or(0);
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if sum < 0 { size.saturating_neg() } else { size }
}

/// The point at `place` from the oldest.
fn point(state: &State, place: u8) -> Option<PricePoint> {
    state.points.get(index(state, place)).copied()
}

/// Sixteen points, so a place is four bits.
fn index(state: &State, place: u8) -> usize {
    const { assert!(TWAP_POINTS.is_power_of_two()) };
    usize::from(state.oldest.wrapping_add(place)) & (TWAP_POINTS.wrapping_sub(1))
}

fn push_if_due(rules: &Rules, state: &mut State, ts: i64) {
    let newest = state.count.checked_sub(1).and_then(|place| point(state, place));
    let spacing = rules.twap_seconds.checked_div(INTERVALS).unwrap_or(0).saturating_add(1);
    if newest.is_none_or(|newest| ts.saturating_sub(newest.ts) >= i64::from(spacing)) {
        push(state, ts);
    }
}

/// Notes the sum so far as of `ts`. The oldest point makes way: the fifteen after it span the window.
fn push(state: &mut State, ts: i64) {
    if usize::from(state.count) == TWAP_POINTS {
        state.oldest = state.oldest.wrapping_add(1);
        state.count = state.count.saturating_sub(1);
    }
    let (at, sum) = (index(state, state.count), state.sum);
    if let Some(point) = state.points.get_mut(at) {
        *point = PricePoint { ts, sum };
        state.count = state.count.saturating_add(1);
    }
}

/// A return in millionths of a standard deviation.
fn z_score(gain: i64, variance: u64, dt: i64) -> i64 {
    let seconds = u128::from(dt.unsigned_abs()).min(u32::MAX.into());
    // Below 2^60 · 2^32, and a Q80 of it below 2^108. Its root is a Q40.
    let deviation = fixed::sqrt(u128::from(variance).saturating_mul(seconds) << 16);
    let size = gain.unsigned_abs().min(MAX_RETURN).saturating_mul(1_000_000) << 8;
    let size = size.checked_div(deviation.max(1)).unwrap_or(0);
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if gain < 0 { size.saturating_neg() } else { size }
}

/// Both CUSUMs after this return.
fn drift(rules: &Rules, state: &State, z: i64) -> (u64, u64) {
    let micro = |milli: u32| i64::from(milli).saturating_mul(1_000);
    let (clip, forgiven) = (micro(rules.cusum_clip_milli), micro(rules.cusum_k_milli));
    let z = z.clamp(clip.saturating_neg(), clip);
    let add = |sum: u64, z: i64| sum.saturating_add_signed(z.saturating_sub(forgiven));
    (add(state.rise, z), add(state.fall, z.saturating_neg()))
}

fn deviation_alarm(rules: &Rules, step: &Step) -> Option<Alarm> {
    if rules.twap_seconds == 0 {
        return None;
    }
    let away = step.log_price.abs_diff(step.mean);
    let allowed = rules.deviation.unsigned_abs();
    let bps = |log: u64| log.saturating_mul(BPS.into()) >> 32;
    (away > allowed).then(|| Alarm {
        rule: price_rule::DEVIATION,
        seen: bps(away),
        allowed: bps(allowed),
    })
}

fn return_alarm(rules: &Rules, z: i64) -> Option<Alarm> {
    let milli = z.unsigned_abs().checked_div(1_000).unwrap_or(0);
    (rules.z_milli != 0 && milli >= u64::from(rules.z_milli)).then(|| Alarm {
        rule: price_rule::RETURN,
        seen: milli,
        allowed: rules.z_milli.into(),
    })
}

fn drift_alarm(rules: &Rules, sum: u64) -> Option<Alarm> {
    let milli = sum.checked_div(1_000).unwrap_or(0);
    (rules.cusum_h_milli != 0 && milli >= u64::from(rules.cusum_h_milli)).then(|| Alarm {
        rule: price_rule::DRIFT,
        seen: milli,
        allowed: rules.cusum_h_milli.into(),
    })
}

/// `(τ · variance + return²) / (τ + dt)`: the moving average of return² / dt that weighs it dt / (τ + dt). Until τ has
/// gone by since the first price, τ is that time, which makes it the plain average.
fn learn_variance(rules: &Rules, state: &mut State, gain: i64, dt: i64) {
    let elapsed = state.last_ts.saturating_sub(state.first_ts).max(0);
    let tau = u128::from(rules.tau_seconds).min(elapsed.unsigned_abs().into());
    let gain = u128::from(gain.unsigned_abs().min(MAX_RETURN));
    let sum = tau
        .saturating_mul(state.variance.into())
        .saturating_add(gain.saturating_mul(gain));
    let average = sum
        .checked_div(tau.saturating_add(dt.unsigned_abs().into()))
        .unwrap_or(0);
    state.variance = u64::try_from(average)
        .unwrap_or(u64::MAX)
        .clamp(rules.variance_floor, rules.variance_cap.max(rules.variance_floor));
}
