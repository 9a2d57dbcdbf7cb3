//! Run length of a two-sided CUSUM, by formula and by simulation.
//!
//! `S⁺ = max(0, S⁺ + z − k)`, `S⁻ = max(0, S⁻ − z − k)`, with an alarm when one of them reaches `h` (Page, Biometrika
//! 41, 1954). For independent standard normal `z` whose mean has shifted by `δ`.

use crate::{random::Random, stats::bisect};

/// Correction that makes a discrete walk equivalent to Brownian motion with a higher barrier. The walk overshoots by
/// 0.583 on average, once at the barrier and once at zero.
const OVERSHOOT: f64 = 1.166;

/// Expected updates until an alarm on one side, when `z` has the mean `shift`. Siegmund's approximation ("Sequential
/// Analysis", 1985; as formula 9.6 in Montgomery, "Introduction to Statistical Quality Control"): `(e^(−2Δb) + 2Δb − 1)
/// / (2Δ²)` with `Δ = shift − k` and `b = h + 1.166`.
#[must_use]
pub fn one_sided(k: f64, h: f64, shift: f64) -> f64 {
    let (delta, b) = (shift - k, h + OVERSHOOT);
    if delta.abs() < 1e-4 {
        return b * b;
    }
    let exponent = 2.0 * delta * b;
    ((-exponent).exp() + exponent - 1.0) / (2.0 * delta * delta)
}

/// Expected updates until an alarm on either side: `1/ARL = 1/ARL⁺ + 1/ARL⁻` (Kemp, Journal of the Royal Statistical
/// Society B 23, 1961).
#[must_use]
pub fn two_sided(k: f64, h: f64, shift: f64) -> f64 {
    1.0 / (1.0 / one_sided(k, h, shift) + 1.0 / one_sided(k, h, -shift))
}

/// The `h` that gives this expected number of updates between false alarms.
#[must_use]
pub fn threshold(k: f64, updates: f64) -> f64 {
    bisect(0.0, 1_000.0, |h| two_sided(k, h, 0.0) < updates)
}

/// Expected updates between false alarms on either side, simulated.
///
/// A walk starts at zero and ends at zero or at `h`. The expected run is the mean length of a walk divided by the
/// probability that it ends at `h`. That probability is tiny, so it is estimated from the walk tilted by `e^(2kS)`. The
/// tilted walk drifts up as fast as the original drifts down, and every end has the weight `e^(−2kS)` (Siegmund, Annals
/// of Statistics 4, 1976). A few thousand walks are then as good as years of simulation.
#[must_use]
pub fn simulated(k: f64, h: f64, walks: u32, random: &mut Random) -> f64 {
    let mut walk = |drift: f64| {
        let (mut sum, mut steps) = (0.0, 0u32);
        loop {
            sum += random.normal() + drift;
            steps += 1;
            if sum <= 0.0 || sum >= h {
                return (sum, f64::from(steps));
            }
        }
    };
    let length: f64 = (0..walks).map(|_| walk(-k).1).sum();
    let ends: f64 = (0..walks)
        .map(|_| walk(k).0)
        .filter(|sum| *sum >= h)
        .map(|sum| (-2.0 * k * sum).exp())
        .sum();
    0.5 * length / ends
}

/// Updates until an alarm on either side when `z` has the mean `shift`. Simulated as the detector runs: every update is
/// clipped.
#[must_use]
pub fn simulated_delay(k: f64, h: f64, clip: f64, shift: f64, runs: u32, random: &mut Random) -> f64 {
    let mut total = 0u64;
    for _ in 0..runs {
        let (mut rise, mut fall): (f64, f64) = (0.0, 0.0);
        while rise < h && fall < h {
            let z = (random.normal() + shift).clamp(-clip, clip);
            rise = (rise + z - k).max(0.0);
            fall = (fall - z - k).max(0.0);
            total += 1;
        }
    }
    total as f64 / f64::from(runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of two-sided CUSUMs: Montgomery, tables 9.3 and 9.4 (k = 0.5).
    #[test]
    fn the_formula_is_that_of_the_tables() {
        for (h, shift, wanted) in [
            (4.0, 0.0, 168.0),
            (5.0, 0.0, 465.0),
            (4.0, 1.0, 8.38),
            (5.0, 1.0, 10.4),
            (5.0, 2.0, 4.01),
        ] {
            let found = two_sided(0.5, h, shift);
            assert!((found / wanted - 1.0).abs() < 0.06, "h {h}, shift {shift}: {found}");
        }
    }

    /// Formula and simulation agree over the range of thresholds in use: from hours to decades of minutes.
    #[test]
    fn formula_and_simulation_agree() {
        let mut random = Random::new(1);
        for k in [0.25, 0.5, 0.75, 1.0] {
            for updates in [1e3, 1e4, 2.6e5, 1e6, 1e7] {
                let h = threshold(k, updates);
                let found = simulated(k, h, 60_000, &mut random);
                assert!(
                    (found / updates - 1.0).abs() < 0.1,
                    "k {k}, h {h:.2}: {updates} {found}"
                );
            }
        }
    }

    /// Compares the tilted simulation with a plain one, where the plain one is fast.
    #[test]
    fn tilting_changes_nothing() {
        let mut random = Random::new(2);
        for (k, h) in [(0.5, 4.0), (1.0, 2.5)] {
            let plain = simulated_delay(k, h, f64::INFINITY, 0.0, 20_000, &mut random);
            let tilted = simulated(k, h, 60_000, &mut random);
            assert!((tilted / plain - 1.0).abs() < 0.04, "{plain} {tilted}");
        }
    }

    #[test]
    fn delays_agree_too() {
        let mut random = Random::new(3);
        let h = threshold(0.5, 2.6e5);
        for shift in [0.5, 1.0, 2.0, 3.0] {
            let found = simulated_delay(0.5, h, 6.0, shift, 4_000, &mut random);
            let formula = two_sided(0.5, h, shift);
            assert!((found / formula - 1.0).abs() < 0.1, "{shift}: {formula} {found}");
        }
    }

    #[test]
    fn thresholds_grow_with_the_target() {
        let h: Vec<_> = [1e3, 1e5, 1e7].map(|updates| threshold(0.5, updates)).to_vec();
        assert!(h[0] < h[1] && h[1] < h[2] && h[2] < 25.0);
    }
}
