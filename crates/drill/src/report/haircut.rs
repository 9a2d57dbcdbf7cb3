//! Bad debt, and what it costs those who lent.

use serde::Serialize;

use super::amount;

/// What lenders lose to bad debt: without Bulkhead, with it, and with it where the collateral came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Haircuts {
    /// Without Bulkhead, after those who left before the pause by hand.
    pub by_hand: Haircut,
    /// With Bulkhead, each deployment: what its claims paid.
    pub paused: Vec<Haircut>,
    /// With Bulkhead at the pool as well.
    pub pool_too: Haircut,
}

/// One deployment's bad debt, and the share of their balances that its lenders lose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Haircut {
    /// The deployment.
    pub deployment: String,
    /// What its lenders are owed.
    #[serde(serialize_with = "amount")]
    pub deposits: u64,
    /// What borrowers owe beyond what their collateral is worth.
    #[serde(serialize_with = "amount")]
    pub bad_debt: u64,
    /// Thousandths of a percent, rounded.
    pub haircut: u64,
    /// As it was published after the real incident. Thousandths of a percent.
    pub published: u64,
}

impl Haircuts {
    /// All rows, with what protects each.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, &Haircut)> {
        let paused = self.paused.iter().map(|row| ("with Bulkhead", row));
        let by_hand = std::iter::once(("paused by hand", &self.by_hand));
        by_hand
            .chain(paused)
            .chain(std::iter::once(("at the pool as well", &self.pool_too)))
    }
}

/// The share of `whole` that `lost` is, in thousandths of a percent, rounded.
pub(crate) fn thousandths(lost: u64, whole: u64) -> u64 {
    let whole = u128::from(whole.max(1));
    u64::try_from((u128::from(lost) * 100_000 + whole / 2) / whole).unwrap_or(u64::MAX)
}

/// `56.019 %`.
pub(super) fn text(thousandths: u64) -> String {
    format!("{}.{:03} %", thousandths / 1_000, thousandths % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_to_the_nearest_and_keep_three_digits() {
        assert_eq!((thousandths(1, 3), thousandths(2, 3)), (33_333, 66_667));
        assert_eq!((thousandths(0, 0), thousandths(u64::MAX, u64::MAX)), (0, 100_000));
        assert_eq!((text(56_019), text(50)), ("56.019 %".to_owned(), "0.050 %".to_owned()));
    }
}
