//! Value of a share of the pool.
//!
//! One unit and one share belong to nobody. They define the price of an empty pool, and prevent the first depositor
//! from raising it so far that later deposits round down to zero. Assets are the amount that the exchange records, not
//! the custody balance: tokens sent there do not change the price, and a queued release is still held there although it
//! already belongs to someone.
//! no price, and a queued release lies there still although it is somebody's already.

const VIRTUAL: u64 = 1;

/// Shares for `amount`, rounded down, before it is added.
pub fn shares_floor(amount: u64, assets: u64, supply: u64) -> Option<u64> {
    mul_div_floor(amount, supply.checked_add(VIRTUAL)?, assets.checked_add(VIRTUAL)?)
}

/// Value of `shares`, rounded down, before they are burned.
pub fn assets_floor(shares: u64, assets: u64, supply: u64) -> Option<u64> {
    mul_div_floor(shares, assets.checked_add(VIRTUAL)?, supply.checked_add(VIRTUAL)?)
}

fn mul_div_floor(a: u64, b: u64, divisor: u64) -> Option<u64> {
    let product = u128::from(a).checked_mul(b.into())?;
    u64::try_from(product.checked_div(divisor.into())?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_pool_gives_a_share_a_unit() {
        assert_eq!(shares_floor(5, 0, 0), Some(5));
        assert_eq!(assets_floor(5, 5, 5), Some(5));
    }

    #[test]
    fn the_first_depositor_gains_nothing_by_raising_the_price() {
        // One unit in, then a price raised a thousandfold at the first depositor's own cost.
        let (assets, supply) = (1_001, 1);
        let victim = shares_floor(1_000, assets, supply).expect("fits");
        let taken = assets_floor(1, assets + 1_000, supply + victim).expect("fits");
        assert!(taken <= 1_001);
    }

    proptest! {
        #[test]
        fn going_in_and_out_gains_nothing(
            assets in 0..u64::MAX / 4,
            supply in 0..u64::MAX / 4,
            amount in 0..u64::MAX / 4,
        ) {
            if let Some(shares) = shares_floor(amount, assets, supply)
                && let Some(supply) = supply.checked_add(shares)
            {
                let back = assets_floor(shares, assets + amount, supply).expect("fits");
                prop_assert!(back <= amount);
            }
        }
    }
}
