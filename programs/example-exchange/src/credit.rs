//! How much can be borrowed.

use crate::constants::{LOAN_TO_VALUE_BPS, PRICE_SCALE};

const BPS: u128 = 10_000;

/// The most that can be borrowed against `collateral` at `price`, rounded down.
pub fn max_debt_floor(collateral: u64, price: u64) -> Option<u64> {
    let value = u128::from(collateral)
        .checked_mul(price.into())?
        .checked_div(PRICE_SCALE.into())?;
    let debt = value.checked_mul(LOAN_TO_VALUE_BPS.into())?.checked_div(BPS)?;
    u64::try_from(debt).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debt_is_a_share_of_the_value_rounded_down() {
        assert_eq!(max_debt_floor(0, u64::MAX), Some(0));
        assert_eq!(max_debt_floor(1_000_000, 1_000_000), Some(800_000));
        assert_eq!(max_debt_floor(1, 1_000_000), Some(0));
        assert_eq!(max_debt_floor(2, 1_000_000), Some(1));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(max_debt_floor(u64::MAX, u64::MAX), None);
    }
}
