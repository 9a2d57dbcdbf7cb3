//! The few standard statistical functions this crate needs.

use statrs::function::{erf::erfc_inv, gamma::gamma_ur};

/// Arithmetic mean; 0 for no values.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance around the mean; 0 for no values.
#[cfg(test)]
pub(crate) fn variance(values: &[f64]) -> f64 {
    let center = mean(values);
    mean(&values.iter().map(|value| (value - center).powi(2)).collect::<Vec<_>>())
}

/// Quantile with linear interpolation between order statistics; 0 for no values. Sorts the values.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    sorted_quantile(values, share)
}

/// [`quantile`] of values in ascending order.
pub(crate) fn sorted_quantile(values: &[f64], share: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    values[below] + (values[above] - values[below]) * (at - below as f64)
}

/// The `z` that a standard normal exceeds with `probability`.
pub(crate) fn normal_level(probability: f64) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

/// Probability of at most `events` events under a Poisson distribution.
pub(crate) fn poisson_at_most(mean: f64, events: u64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    gamma_ur(events as f64 + 1.0, mean)
}

/// The point between `low` and `high` where `is_below` stops being true.
pub(crate) fn bisect(mut low: f64, mut high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_tails_are_the_tables() {
        for (z, above) in [(0.0, 0.5), (1.959_964, 0.025), (3.0, 1.349_898e-3), (5.0, 2.866_516e-7)] {
            assert!((normal_level(above) - z).abs() < 1e-5, "{z}");
        }
        assert!((normal_level(1.0 - 1.349_898e-3) + 3.0).abs() < 1e-5);
    }

    #[test]
    fn poisson_sums_are_the_tables() {
        for (mean, events, at_most) in [(1.0, 0, 0.367_879), (4.0, 2, 0.238_103), (10.0, 10, 0.583_040)] {
            assert!((poisson_at_most(mean, events) - at_most).abs() < 1e-5, "{mean}");
        }
        assert_eq!(poisson_at_most(0.0, 0), 1.0);
    }

    #[test]
    fn quantiles_interpolate() {
        let mut values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&mut values, 0.5), 2.5);
        assert_eq!(sorted_quantile(&values, 1.0), 4.0);
        assert_eq!(sorted_quantile(&[], 0.5), 0.0);
    }
}
