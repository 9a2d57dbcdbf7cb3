//! The few textbook functions that are needed.

/// Arithmetic mean; 0 of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.iter().sum::<f64>() / values.len() as f64
}

/// Variance around the mean; 0 of nothing.
#[cfg(test)]
pub(crate) fn variance(values: &[f64]) -> f64 {
    let center = mean(values);
    mean(&values.iter().map(|value| (value - center).powi(2)).collect::<Vec<_>>())
}

/// Quantile with linear interpolation between order statistics; 0 of nothing. Sorts.
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

/// Probability that a standard normal is above `z`. Relative error below 1.2e-7 in both tails, by the Chebyshev fit
/// of Press et al., Numerical Recipes, 2nd ed., section 6.2 (`erfcc`).
pub(crate) fn normal_above(z: f64) -> f64 {
    const FIT: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let x = z / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let series = FIT.iter().rev().fold(0.0, |sum, factor| sum * t + factor);
    let above = 0.5 * t * (-x * x + series).exp();
    if x >= 0.0 { above } else { 1.0 - above }
}

/// The `z` above which a standard normal is with `probability`, by bisection.
pub(crate) fn normal_level(probability: f64) -> f64 {
    bisect(-40.0, 40.0, |z| normal_above(z) > probability)
}

/// Where `is_below` stops being true between `low` and `high`.
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
            assert!((normal_above(z) / above - 1.0).abs() < 1e-5, "{z}");
            assert!((normal_level(above) - z).abs() < 1e-5, "{z}");
        }
        assert!((normal_above(-3.0) - (1.0 - 1.349_898e-3)).abs() < 1e-7);
    }

    #[test]
    fn quantiles_interpolate() {
        let mut values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&mut values, 0.5), 2.5);
        assert_eq!(sorted_quantile(&values, 1.0), 4.0);
        assert_eq!(sorted_quantile(&[], 0.5), 0.0);
    }
}
