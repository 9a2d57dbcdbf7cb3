//! Volatility of a price: what a detector should expect, and how fast its statistics adapt.

use crate::{
    CalibrationError,
    input::Price,
    stats::{mean, quantile},
};

/// Candidate time constants, seconds.
const TAUS: [f64; 9] = [
    300.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 57_600.0, 86_400.0,
];
/// The program's maximum volatility, in parts per million per hour.
const MAX_PPM: f64 = 1e7;

/// Converts an hourly standard deviation in parts per million to a variance per second.
pub(super) fn per_second(ppm: u32) -> f64 {
    (f64::from(ppm) * 1e-6).powi(2) / 3_600.0
}

fn returns(price: &Price) -> impl Iterator<Item = (f64, f64)> {
    price.rows.windows(2).map(|pair| {
        let dt = (pair[1].ts - pair[0].ts) as f64;
        ((pair[1].price / pair[0].price).ln(), dt)
    })
}

/// The time constant whose variance forecasts the next return best, by quasi-likelihood `ln v + r²/v`. This criterion
/// ranks forecasts correctly although the true variance is never observed (Patton, Journal of Econometrics 160, 2011).
/// Also returns the number of updates for the warm-up.
pub(super) fn time_constant(price: &Price) -> (f64, usize) {
    let everything: Vec<_> = returns(price).collect();
    let average = everything.iter().map(|(gain, dt)| gain * gain / dt).sum::<f64>() / everything.len() as f64;
    let step = price.step as f64;
    // Constants shorter than ten updates are noise, and a fifth of the history is needed to test them.
    let longest = price.span() as f64 / 5.0;
    let tried = TAUS.into_iter().filter(|tau| (10.0 * step..=longest).contains(tau));
    let loss = |tau: f64| {
        let mut variance = average;
        let mut sum = 0.0;
        for &(gain, dt) in &everything {
            // A price that stands still for tau would make the forecast zero and the loss infinite.
            let forecast = variance.max(average * 1e-4);
            sum += forecast.ln() + gain * gain / dt / forecast;
            variance = (tau * variance + gain * gain) / (tau + dt);
        }
        sum
    };
    let tau = tried
        .map(|tau| (tau, loss(tau)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or((20.0 * step).min(longest), |(tau, _)| tau);
    let warmup = (tau / step).ceil() as usize;
    (tau, warmup.clamp(30, price.rows.len() / 4))
}

/// Floor and cap of the variance, as hourly standard deviations. The floor is the lowest hundredth of the history's
/// values, so that a quiet night does not turn the first trade into an alarm. The cap is three times the highest
/// thousandth. It leaves room for a wilder month, and keeps an attacker's own moves from raising the expected variance
/// further.
pub(super) fn bounds(price: &Price, tau: f64, warmup: usize) -> Result<(u32, u32), CalibrationError> {
    let mut variance = 0.0;
    let mut elapsed = 0.0;
    let mut hourly = Vec::new();
    for (i, (gain, dt)) in returns(price).enumerate() {
        let tau = f64::min(tau, elapsed);
        variance = (tau * variance + gain * gain) / (tau + dt);
        elapsed += dt;
        if i >= warmup {
            hourly.push((variance * 3_600.0).sqrt() * 1e6);
        }
    }
    let cap = (3.0 * quantile(&mut hourly, 0.999)).ceil().clamp(1.0, MAX_PPM);
    if cap <= 1.0 {
        return Err(CalibrationError::NothingHappens(
            "the price never moves; take a market that trades",
        ));
    }
    let floor = quantile(&mut hourly, 0.01).floor().clamp(1.0, cap);
    Ok((floor as u32, cap as u32))
}

/// Mean of the hourly volatility of a history, as a share.
#[must_use]
pub fn hourly_volatility(price: &Price) -> f64 {
    let squares: Vec<_> = returns(price).map(|(gain, dt)| gain * gain / dt * 3_600.0).collect();
    mean(&squares).sqrt()
}
