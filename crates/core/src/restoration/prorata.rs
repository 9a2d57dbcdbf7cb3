//! A claim's share of a pool, rounded down, so that shares never add up to more than the pool.
//!
//! The product of two token amounts needs 128 bits. Both steps run on 64-bit words: the virtual
//! machine has no 128-bit division, and the general one costs thousands of units.

use core::cmp::Ordering;

/// `⌊amount · pool / total⌋`: what a leaf of `amount` gets of `pool` when all leaves are `total`.
///
/// `None` when `amount > total` (no tree with that total has such a leaf) or `total` is 0.
/// The result is at most `pool`.
#[must_use]
pub fn payout_floor(amount: u64, pool: u64, total: u64) -> Option<u64> {
    if amount > total || total == 0 {
        return None;
    }
    if let Some(product) = amount.checked_mul(pool) {
        return product.checked_div(total);
    }
    match amount.cmp(&total) {
        Ordering::Equal => Some(pool),
        // amount < total, so the quotient is below `pool` and the high word is below `total`.
        _ => Some(divide_wide(widening_mul(amount, pool), total)),
    }
}

/// Low 32 bits.
const LOW: u64 = 0xFFFF_FFFF;

/// The 128-bit product, high word first. Schoolbook on 32-bit halves; no step can overflow.
const fn widening_mul(a: u64, b: u64) -> (u64, u64) {
    let (a1, a0) = (a >> 32, a & LOW);
    let (b1, b0) = (b >> 32, b & LOW);
    let low = a0.wrapping_mul(b0);
    let cross = a1.wrapping_mul(b0).wrapping_add(low >> 32);
    let middle = a0.wrapping_mul(b1).wrapping_add(cross & LOW);
    let high = a1.wrapping_mul(b1).wrapping_add(cross >> 32).wrapping_add(middle >> 32);
    (high, (middle << 32) | (low & LOW))
}

/// Quotient of a two-word number by `divisor`, for `high < divisor`: Knuth's algorithm D with two
/// 32-bit digits (Hacker's Delight, `divlu`). Wrapping is part of the algorithm: the differences
/// are exact modulo 2^64.
const fn divide_wide((high, low): (u64, u64), divisor: u64) -> u64 {
    let shift = divisor.leading_zeros();
    let divisor = divisor << shift;
    let carried = if shift == 0 {
        0
    } else {
        low >> 64_u32.wrapping_sub(shift)
    };
    let high = (high << shift) | carried;
    let low = low << shift;
    let (digit1, rest) = divide_digit(high, low >> 32, divisor);
    let (digit0, _) = divide_digit(rest, low & LOW, divisor);
    (digit1 << 32) | digit0
}

/// One 32-bit digit of the quotient of `high · 2^32 + next` by a normalised divisor, and the rest.
#[allow(clippy::arithmetic_side_effects, clippy::integer_division)]
// SECURITY: the divisor is normalised, so its upper half is at least 2^31 and never 0.
const fn divide_digit(high: u64, next: u64, divisor: u64) -> (u64, u64) {
    let (d1, d0) = (divisor >> 32, divisor & LOW);
    let mut digit = high / d1;
    let mut rest = high % d1;
    // The estimate is too large by at most two.
    while digit > LOW || digit.wrapping_mul(d0) > ((rest << 32) | next) {
        digit = digit.wrapping_sub(1);
        rest = rest.wrapping_add(d1);
        if rest > LOW {
            break;
        }
    }
    let rest = ((high << 32) | next).wrapping_sub(digit.wrapping_mul(divisor));
    (digit, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_down() {
        assert_eq!(payout_floor(1, 10, 3), Some(3));
        assert_eq!(payout_floor(2, 10, 3), Some(6));
        assert_eq!(payout_floor(1, 2, 3), Some(0));
        assert_eq!(payout_floor(0, 10, 3), Some(0));
    }

    #[test]
    fn the_whole_ledger_gets_the_whole_pool() {
        assert_eq!(payout_floor(u64::MAX, u64::MAX, u64::MAX), Some(u64::MAX));
        assert_eq!(payout_floor(u64::MAX, 7, u64::MAX), Some(7));
    }

    #[test]
    fn products_beyond_64_bits_are_exact() {
        assert_eq!(payout_floor(u64::MAX - 1, u64::MAX, u64::MAX), Some(u64::MAX - 1));
        assert_eq!(payout_floor(1 << 63, 1 << 63, u64::MAX), Some(1 << 62));
        assert_eq!(
            payout_floor(285_000_000_000_000, 230_000_000_000_000, 300_000_000_000_000),
            Some(218_500_000_000_000)
        );
    }

    #[test]
    fn a_leaf_above_the_total_has_no_share() {
        assert_eq!(payout_floor(4, 10, 3), None);
        assert_eq!(payout_floor(0, 10, 0), None);
    }
}
