//! Extreme values: how often a level will be exceeded that the history has hardly ever reached.
//!
//! Peaks over threshold: the excess `y` over a high threshold approximately follows a generalised Pareto distribution
//! `P(Y > y) = (1 + ξ y / σ)^(-1/ξ)`, whatever the data were drawn from (Balkema and de Haan, 1974; Pickands, 1975).
//! Exceedances occur in clusters; runs declustering keeps one peak of each (Leadbetter 1983; Coles, "An Introduction to
//! Statistical Modeling of Extreme Values", 2001, section 5.3.2). One trip pauses once, so clusters are the relevant
//! unit.

use crate::{
    random::Random,
    stats::{bisect, normal_level, poisson_at_most, sorted_quantile},
};

/// Candidate shares of the data below the threshold, tried from the highest.
const QUANTILES: [f64; 8] = [0.995, 0.99, 0.98, 0.97, 0.95, 0.925, 0.9, 0.8];
/// Number of peaks that is enough to use a higher threshold.
const ENOUGH: usize = 60;
/// Minimum number of peaks to fit a tail to.
const FEWEST: usize = 20;
/// Allowed shapes of a fit. Lighter than uniform and heavier than an infinite mean are not credible for money.
const SHAPES: (f64, f64) = (-0.5, 0.9);

/// There is no tail to fit.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("only {peaks} separate peaks in the history, and {FEWEST} are needed; export a longer history")]
pub struct TailError {
    /// Number of peaks.
    pub peaks: usize,
}

/// One value of a history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    /// Seconds.
    pub ts: i64,
    /// The value.
    pub value: f64,
}

/// The peaks of a history above a threshold.
#[derive(Clone, Debug)]
pub struct Peaks {
    /// The threshold.
    pub threshold: f64,
    /// Excess of each cluster's peak over it.
    pub excesses: Vec<f64>,
    /// Length of the history, seconds.
    pub span: f64,
}

/// A fitted tail.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    /// The threshold u.
    pub threshold: f64,
    /// Peaks per second.
    pub rate: f64,
    /// ξ: 0 is exponential, larger is heavier.
    pub shape: f64,
    /// σ.
    pub scale: f64,
    /// Number of peaks it was fitted to.
    pub peaks: usize,
}

/// An estimate with a confidence band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Lower end.
    pub low: f64,
    /// Best estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
}

impl Peaks {
    /// Uses the highest threshold that leaves enough peaks. Exceedances within `run` seconds count as one peak.
    pub(crate) fn of(history: &[At], span: f64, run: i64) -> Result<Self, TailError> {
        let mut sorted: Vec<_> = history.iter().map(|at| at.value).collect();
        sorted.sort_by(f64::total_cmp);
        let mut best = Self {
            threshold: 0.0,
            excesses: Vec::new(),
            span,
        };
        for share in QUANTILES {
            let threshold = sorted_quantile(&sorted, share);
            let excesses = clusters(history, threshold, run);
            if excesses.len() > best.excesses.len() {
                best.threshold = threshold;
                best.excesses = excesses;
            }
            if best.excesses.len() >= ENOUGH {
                break;
            }
        }
        if best.excesses.len() < FEWEST {
            return Err(TailError {
                peaks: best.excesses.len(),
            });
        }
        Ok(best)
    }

    /// The maximum-likelihood tail.
    #[must_use]
    pub fn fit(&self) -> Tail {
        let (shape, scale) = fit_pareto(&self.excesses);
        Tail {
            threshold: self.threshold,
            rate: self.excesses.len() as f64 / self.span,
            shape,
            scale,
            peaks: self.excesses.len(),
        }
    }

    /// The level that is exceeded once per `interval` seconds, and the band that contains it with `confidence` on
    /// either side. The band consists of all levels under which the peaks are hardly less likely than under the best.
    /// It uses the profile likelihood, whose upper end is as far away as heavy tails require (Coles 2001, sections
    /// 2.6.6 and 4.3.3).
    #[must_use]
    pub fn level(&self, interval: f64, confidence: f64) -> Band {
        let tail = self.fit();
        let mid = tail.level(interval);
        let normal = normal_level(1.0 - confidence.clamp(0.5, 0.999));
        let returns = (tail.rate * interval).max(1.0);
        let least = self.likelihood(tail.shape, tail.scale) - 0.5 * normal * normal;
        let is_credible = |level: f64| self.profile(level - self.threshold, returns) >= least;
        let largest = self.excesses.iter().copied().fold(0.0, f64::max);
        let excess = (mid - self.threshold).max(f64::MIN_POSITIVE);
        // Far enough for any fitted tail. A band that wide means that the history contains no information.
        let top = self.threshold + 1e3 * excess.max(largest);
        Band {
            low: bisect(self.threshold, mid, |level| !is_credible(level)).min(mid),
            mid,
            high: bisect(mid, top, is_credible).max(mid),
        }
    }

    /// Maximum log likelihood of all tails that exceed `excess` once in `returns` peaks.
    fn profile(&self, excess: f64, returns: f64) -> f64 {
        const STEPS: u32 = 56;
        if excess <= 0.0 {
            return f64::NEG_INFINITY;
        }
        (0..=STEPS)
            .map(|step| SHAPES.0 + (SHAPES.1 - SHAPES.0) * f64::from(step) / f64::from(STEPS))
            .map(|shape| {
                let unit = if shape.abs() < 1e-6 {
                    returns.ln()
                } else {
                    (returns.powf(shape) - 1.0) / shape
                };
                self.likelihood(shape, excess / unit.max(f64::MIN_POSITIVE))
            })
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn likelihood(&self, shape: f64, scale: f64) -> f64 {
        let count = self.excesses.len() as f64;
        if shape.abs() < 1e-6 {
            return -count * scale.ln() - self.excesses.iter().sum::<f64>() / scale;
        }
        let ratio = shape / scale;
        if self.excesses.iter().any(|y| ratio * y <= -1.0) {
            return f64::NEG_INFINITY;
        }
        let logs: f64 = self.excesses.iter().map(|y| (ratio * y).ln_1p()).sum();
        -count * scale.ln() - (1.0 + 1.0 / shape) * logs
    }
}

impl Tail {
    /// The level that is exceeded once per `interval` seconds: `u + σ/ξ ((λ t)^ξ - 1)`, Coles (2001), formula 4.12.
    #[must_use]
    pub fn level(&self, interval: f64) -> f64 {
        let peaks = (self.rate * interval).max(1.0);
        if self.shape.abs() < 1e-6 {
            return self.threshold + self.scale * peaks.ln();
        }
        self.threshold + self.scale / self.shape * (peaks.powf(self.shape) - 1.0)
    }

    /// Expected seconds between peaks above `level`. The inverse of [`Tail::level`].
    #[must_use]
    pub fn interval(&self, level: f64) -> f64 {
        let excess = ((level - self.threshold) / self.scale).max(0.0);
        let above = if self.shape.abs() < 1e-6 {
            (-excess).exp()
        } else {
            (1.0 + self.shape * excess).max(0.0).powf(-1.0 / self.shape)
        };
        1.0 / (self.rate * above)
    }

    /// One excess over the threshold, by inversion.
    pub(crate) fn excess(&self, random: &mut Random) -> f64 {
        let uniform = random.uniform();
        if self.shape.abs() < 1e-6 {
            return -self.scale * uniform.ln();
        }
        self.scale / self.shape * (uniform.powf(-self.shape) - 1.0)
    }
}

/// The tail of single values, without clusters. `rate` is per value.
pub(crate) fn tail_of_values(values: &[f64], share: f64) -> Option<Tail> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let threshold = sorted_quantile(&sorted, share);
    let excesses: Vec<_> = values
        .iter()
        .filter(|value| **value > threshold)
        .map(|value| value - threshold)
        .collect();
    if excesses.len() < FEWEST {
        return None;
    }
    let (shape, scale) = fit_pareto(&excesses);
    Some(Tail {
        threshold,
        rate: excesses.len() as f64 / values.len() as f64,
        shape,
        scale,
        peaks: excesses.len(),
    })
}

/// Peaks of the clusters above `threshold`, as excesses.
pub(crate) fn clusters(history: &[At], threshold: f64, run: i64) -> Vec<f64> {
    let mut peaks: Vec<f64> = Vec::new();
    let mut last = i64::MIN / 2;
    for at in history.iter().filter(|at| at.value > threshold) {
        let excess = at.value - threshold;
        match peaks.last_mut() {
            Some(peak) if at.ts - last <= run => *peak = peak.max(excess),
            _ => peaks.push(excess),
        }
        last = at.ts;
    }
    peaks
}

/// Maximum-likelihood shape and scale, along the profile `ξ(θ) = mean ln(1 + θ y)`, `θ = ξ/σ`, which leaves one
/// parameter to search (Davison 1984; Grimshaw, Technometrics 35, 1993).
fn fit_pareto(excesses: &[f64]) -> (f64, f64) {
    let count = excesses.len() as f64;
    let mean = excesses.iter().sum::<f64>() / count;
    let largest = excesses.iter().copied().fold(0.0, f64::max);
    if mean <= 0.0 {
        return (0.0, f64::MIN_POSITIVE);
    }
    let shape = |theta: f64| excesses.iter().map(|y| (theta * y).ln_1p()).sum::<f64>() / count;
    let likelihood = |theta: f64| {
        if (theta * mean).abs() < 1e-7 {
            return -(mean.ln() + 1.0);
        }
        let shape = shape(theta);
        if !(SHAPES.0..=SHAPES.1).contains(&shape) {
            return f64::NEG_INFINITY;
        }
        -((shape / theta).ln() + shape + 1.0)
    };
    // θ = t / mean, from just above the pole at -1/largest, across 0, to very heavy tails.
    let lowest = -0.999 * mean / largest;
    let place = |step: usize| match step {
        0..=15 => lowest * (1.0 - step as f64 / 16.0),
        16 => 0.0,
        _ => 10f64.powf(-2.5 + (step - 17) as f64 * 0.15),
    };
    const STEPS: usize = 48;
    let best = (0..STEPS)
        .map(|step| (step, likelihood(place(step) / mean)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(16, |(step, _)| step);
    let (mut low, mut high) = (place(best.saturating_sub(1)), place((best + 1).min(STEPS - 1)));
    for _ in 0..40 {
        let (left, right) = (low + 0.382 * (high - low), low + 0.618 * (high - low));
        if likelihood(left / mean) >= likelihood(right / mean) {
            high = right;
        } else {
            low = left;
        }
    }
    let theta = 0.5 * (low + high) / mean;
    let shape = shape(theta);
    if (theta * mean).abs() < 1e-6 || !(SHAPES.0..=SHAPES.1).contains(&shape) {
        return (0.0, mean);
    }
    (shape, shape / theta)
}

/// The highest rate under which `events` are still credible, one-sided (Garwood, Biometrika 28, 1936).
pub(crate) fn poisson_upper(events: u64, confidence: f64) -> f64 {
    let top = events as f64 * 2.0 + 20.0;
    bisect(0.0, top, |mean| poisson_at_most(mean, events) > 1.0 - confidence)
}

/// Limits of a rate if `events` were counted: Garwood's exact 95 % interval.
pub(crate) fn poisson_limits(events: u64) -> (f64, f64) {
    let top = events as f64 * 2.0 + 20.0;
    let low = match events.checked_sub(1) {
        None => 0.0,
        Some(fewer) => bisect(0.0, top, |mean| 1.0 - poisson_at_most(mean, fewer) < 0.025),
    };
    (low, poisson_upper(events, 0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pareto(shape: f64, scale: f64, count: usize, seed: u64) -> Vec<f64> {
        let tail = Tail {
            threshold: 0.0,
            rate: 1.0,
            shape,
            scale,
            peaks: 0,
        };
        let mut random = Random::new(seed);
        (0..count).map(|_| tail.excess(&mut random)).collect()
    }

    #[test]
    fn a_fit_finds_what_was_drawn() {
        for (shape, scale) in [(-0.3, 1.0), (0.0, 50.0), (0.2, 1e6), (0.5, 3.0)] {
            let (found, width) = fit_pareto(&pareto(shape, scale, 20_000, 3));
            assert!((found - shape).abs() < 0.03, "{shape}: {found}");
            assert!((width / scale - 1.0).abs() < 0.04, "{scale}: {width}");
        }
        assert_eq!(fit_pareto(&[0.0; 30]).0, 0.0);
    }

    #[test]
    fn level_and_interval_are_inverse() {
        for shape in [-0.2, 0.0, 0.3] {
            let tail = Tail {
                threshold: 10.0,
                rate: 1e-5,
                shape,
                scale: 2.0,
                peaks: 60,
            };
            let level = tail.level(1e7);
            assert!((tail.interval(level) / 1e7 - 1.0).abs() < 1e-9, "{shape}");
            assert!(tail.level(2e7) > level);
        }
    }

    /// Averaged over many histories, the level found from 90 days of hourly peaks is exceeded as often as predicted.
    #[test]
    fn the_band_holds_the_true_level_as_often_as_it_says() {
        let (shape, scale, days) = (0.2, 1.0, 90.0);
        let truth = |interval: f64| scale / shape * ((interval / 86_400.0).powf(shape) - 1.0);
        let (mut inside, rounds) = (0, 100);
        for seed in 0..rounds {
            let peaks = Peaks {
                threshold: 0.0,
                excesses: pareto(shape, scale, 90, 1_000 + seed),
                span: days * 86_400.0,
            };
            let band = peaks.level(180.0 * 86_400.0, 0.9);
            assert!(band.low <= band.mid && band.mid <= band.high);
            inside += i32::from(truth(180.0 * 86_400.0) <= band.high);
        }
        assert!((82..=97).contains(&inside), "{inside} of {rounds}");
    }

    #[test]
    fn exceedances_of_one_cluster_are_one_peak() {
        let history: Vec<_> = [(0, 5.0), (10, 7.0), (20, 1.0), (30, 6.0), (200, 9.0)]
            .map(|(ts, value)| At { ts, value })
            .to_vec();
        assert_eq!(clusters(&history, 4.0, 30), [3.0, 5.0]);
        assert_eq!(clusters(&history, 4.0, 15), [3.0, 2.0, 5.0]);
        assert_eq!(Peaks::of(&history, 1.0, 15).unwrap_err(), TailError { peaks: 1 });
    }

    #[test]
    fn poisson_limits_are_the_tables() {
        for (events, low, high) in [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)] {
            let (found, top) = poisson_limits(events);
            assert!(
                (found - low).abs() < 0.01 && (top - high).abs() < 0.01,
                "{events}: {found} {top}"
            );
        }
        assert!((900.0..1_000.0).contains(&poisson_limits(1_000).0));
        assert!((poisson_upper(3, 0.9) - 6.681).abs() < 0.01);
    }
}
