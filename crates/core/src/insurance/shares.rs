//! What shares are worth. Every division rounds against whoever asks, so nobody gains by rounding.
//!
//! [`VIRTUAL_SHARES`] shares and one unit of assets belong to nobody. Whoever raises the price of the first shares, by a
//! premium or by leaving dust, gives nearly all of it to them.

use bulkhead_interface::{
    constants::{BPS, VIRTUAL_SHARES},
    layout::InsurancePool,
};

/// `⌊amount · (shares + V) / (assets + 1)⌋`: the shares of a new stake. `None` if they do not fit.
#[must_use]
pub fn shares_floor(amount: u64, assets: u64, shares: u64) -> Option<u64> {
    scale_floor(amount, virtual_shares(shares), virtual_assets(assets))
}

/// `⌊shares · (assets + 1) / (all + V)⌋`: what `shares` of `all` are worth, at most `assets`.
#[must_use]
pub fn worth_floor(shares: u64, assets: u64, all: u64) -> Option<u64> {
    scale_floor(shares, virtual_assets(assets), virtual_shares(all))
}

/// What the pool's shares are worth together with the virtual ones: not what a stated shortfall may still take.
#[must_use]
pub const fn free_assets(pool: &InsurancePool) -> u64 {
    pool.assets.saturating_sub(pool.reserve)
}

/// What `shares` of a pool are worth to whoever leaves now.
#[must_use]
pub fn worth(pool: &InsurancePool, shares: u64) -> Option<u64> {
    worth_floor(shares, free_assets(pool), pool.shares)
}

/// The most that one restoration may take: `⌊cap · free assets⌋`, and never the minimum.
#[must_use]
pub fn most_slashed(pool: &InsurancePool) -> u64 {
    let free = free_assets(pool);
    let capped = scale_floor(free, u128::from(pool.terms.cap_bps), u128::from(BPS)).unwrap_or(0);
    capped.min(free.saturating_sub(pool.terms.minimum_assets))
}

fn virtual_shares(shares: u64) -> u128 {
    u128::from(shares).saturating_add(u128::from(VIRTUAL_SHARES))
}

fn virtual_assets(assets: u64) -> u128 {
    u128::from(assets).saturating_add(1)
}

/// `⌊amount · times / by⌋`, where both factors have at most 65 bits.
fn scale_floor(amount: u64, times: u128, by: u128) -> Option<u64> {
    let product = u128::from(amount).checked_mul(times)?;
    u64::try_from(product.checked_div(by)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn the_first_stake_is_worth_what_it_was() {
        let shares = shares_floor(500, 0, 0).expect("it fits");
        assert_eq!((shares, worth_floor(shares, 500, shares)), (500_000, Some(500)));
    }

    #[test]
    fn the_largest_amounts_do_not_overflow_on_the_way() {
        assert_eq!(worth_floor(u64::MAX, u64::MAX, u64::MAX), Some(u64::MAX - 999));
        assert_eq!(shares_floor(u64::MAX, 0, 0), None);
        assert_eq!(shares_floor(u64::MAX, u64::MAX, u64::MAX), None);
        assert_eq!(shares_floor(u64::MAX - 1_000, u64::MAX, u64::MAX), Some(u64::MAX - 2));
        assert_eq!(shares_floor(u64::MAX / 1_000, 0, 0), Some(u64::MAX / 1_000 * 1_000));
    }

    #[test]
    fn neither_the_cap_nor_the_minimum_is_passed() {
        let mut pool = InsurancePool::zeroed();
        (pool.assets, pool.reserve) = (1_000, 1);
        (pool.terms.cap_bps, pool.terms.minimum_assets) = (5_000, 100);
        assert_eq!(most_slashed(&pool), 499);
        pool.terms.cap_bps = 10_000;
        assert_eq!(most_slashed(&pool), 899);
        pool.terms.minimum_assets = 2_000;
        assert_eq!(most_slashed(&pool), 0);
    }
}
