//! Outliers: refused with a named error, left out, or kept.

use super::{FlowRow, InputError, Outliers, PriceRow};

/// An outflow is an outlier if it exceeds the 99th percentile by this factor. A Pareto tail of index 1.2, which is
/// heavier than real use, has its largest of 6,000 at thirty times the percentile.
const FAR: u64 = 50;
/// A price is an outlier if it differs by this factor from both the price before and the price after.
const OFF: f64 = 3.0;
/// Number of rows named in an error.
const NAMED: usize = 5;

/// The value that 99 of 100 outflows stay below.
pub(super) fn usual_flow(rows: &[FlowRow]) -> u64 {
    let mut outflows: Vec<_> = rows
        .iter()
        .map(|row| row.outflow)
        .filter(|outflow| *outflow > 0)
        .collect();
    outflows.sort_unstable();
    outflows.get(outflows.len() * 99 / 100).copied().unwrap_or(u64::MAX)
}

pub(super) fn far_flows(rows: &[FlowRow]) -> Vec<usize> {
    let far = usual_flow(rows).saturating_mul(FAR);
    let is_far = |(at, row): (usize, &FlowRow)| (row.outflow > far).then_some(at);
    rows.iter().enumerate().filter_map(is_far).collect()
}

pub(super) fn far_prices(rows: &[PriceRow]) -> Vec<usize> {
    let off = |a: f64, b: f64| (a / b).ln().abs();
    let is_spike = |(at, three): (usize, &[PriceRow])| {
        let [before, here, behind] = [three[0].price, three[1].price, three[2].price];
        let is_off = off(here, before) > OFF.ln() && off(here, behind) > OFF.ln();
        (is_off && off(before, behind) < 1.5f64.ln()).then_some(at + 1)
    };
    rows.windows(3).enumerate().filter_map(is_spike).collect()
}

/// Replaces a price that was left out with the price before it.
pub(super) fn carry(rows: &mut [PriceRow]) {
    for at in 1..rows.len() {
        if rows[at].price.is_nan() {
            rows[at].price = rows[at - 1].price;
        }
    }
}

/// Refuses outliers, leaves them out, or keeps them. Returns how many were left out.
pub(super) fn apply<T>(
    rows: &mut [T],
    outliers: &[usize],
    what: Outliers,
    leave_out: impl Fn(&mut T),
    name: impl Fn(usize, &T) -> String,
    of: &str,
) -> Result<usize, InputError> {
    match what {
        Outliers::Keep => Ok(0),
        Outliers::Exclude => {
            for &at in outliers {
                leave_out(&mut rows[at]);
            }
            Ok(outliers.len())
        }
        Outliers::Refuse if outliers.is_empty() => Ok(0),
        Outliers::Refuse => {
            let mut named: Vec<_> = outliers.iter().take(NAMED).map(|&at| name(at, &rows[at])).collect();
            if outliers.len() > NAMED {
                named.push(format!("and {} more", outliers.len() - NAMED));
            }
            Err(InputError::Outlier {
                rows: named.join(", "),
                of: of.to_owned(),
            })
        }
    }
}
