//! From the host's units to native units.

use bulkhead_interface::layout::Scale;

/// Nothing to be done: the host keeps native units.
#[must_use]
pub const fn identity() -> Scale {
    Scale {
        multiplier: 1,
        divisor: 1,
        shift: 0,
        padding: [0; 7],
    }
}

/// Are the host's units native?
#[inline(always)]
#[must_use]
pub const fn is_identity(scale: &Scale) -> bool {
    scale.multiplier == 1 && scale.divisor == 1 && scale.shift == 0
}

/// `amount * multiplier / (divisor * 2^shift)`, rounded down once. `None` when that does not fit 64
/// bits; nothing on the way is cut off, for the product has 192 bits.
#[must_use]
pub fn native(scale: &Scale, amount: u128) -> Option<u64> {
    if is_identity(scale) {
        return u64::try_from(amount).ok();
    }
    let (low, high) = product(amount, scale.multiplier);
    let (low, high) = quotient(low, high, scale.divisor)?;
    let shift = u32::from(scale.shift);
    if shift >= u64::BITS {
        return u64::try_from(high.unbounded_shr(shift.saturating_sub(u64::BITS))).ok();
    }
    if high.unbounded_shr(shift) != 0 {
        return None;
    }
    // What is left of `high` is below 2^shift, and moves in above what is left of `low`.
    let (high, _) = halves(high);
    Some(high.unbounded_shl(u64::BITS.saturating_sub(shift)) | low.unbounded_shr(shift))
}

/// Low 64 bits and the rest of a product of up to 192 bits.
fn product(amount: u128, multiplier: u64) -> (u64, u128) {
    let (low, high) = halves(amount);
    if multiplier == 1 {
        return (low, high.into());
    }
    let multiplier = u128::from(multiplier);
    // Neither overflows: (2^64 - 1)^2 + (2^64 - 1) is below 2^128.
    let below = u128::from(low).wrapping_mul(multiplier);
    let (low, carry) = halves(below);
    (
        low,
        u128::from(high).wrapping_mul(multiplier).wrapping_add(carry.into()),
    )
}

/// The same of a quotient, rounded down.
fn quotient(low: u64, high: u128, divisor: u64) -> Option<(u64, u128)> {
    if divisor == 1 {
        return Some((low, high));
    }
    if high == 0 {
        return Some((low.checked_div(divisor)?, 0));
    }
    let divisor = u128::from(divisor);
    let rest = high.checked_rem(divisor)?.unbounded_shl(u64::BITS) | u128::from(low);
    // The remainder is below the divisor, so this quotient has 64 bits.
    let (low, _) = halves(rest.checked_div(divisor)?);
    Some((low, high.checked_div(divisor)?))
}

/// Low and high 64 bits.
fn halves(number: u128) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = number.to_le_bytes();
    (
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u64::from_le_bytes([i, j, k, l, m, n, o, p]),
    )
}
