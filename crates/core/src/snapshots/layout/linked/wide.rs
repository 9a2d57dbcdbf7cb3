//! Amount times factors: up to 448 bits, rounded down once.

use bulkhead_interface::{
    constants::factor_flag,
    layout::{AmountField, Ledger, Scale},
};

use super::Factors;

/// An amount, two factors and a multiplier: 128 + 2 * 128 + 64 bits.
const LIMBS: usize = 7;

/// Least significant limb first.
struct Wide([u64; LIMBS]);

/// `amount` times or by each factor, times `multiplier`, by `divisor` and by `2^shift`: rounded down once, for dividing
/// and rounding down in turn is dividing by the product and rounding down. `None` when it does not fit 64 bits.
pub(super) fn worth(ledger: &Ledger, factors: &Factors, amount: u128) -> Option<u64> {
    let Scale {
        multiplier,
        divisor,
        shift,
        ..
    } = ledger.scale;
    let mut number = Wide::of(amount).times(multiplier.into())?;
    for (field, factor) in factors.of(ledger) {
        if !divides(&field) {
            number = number.times(factor)?;
        }
    }
    for (field, factor) in factors.of(ledger) {
        if divides(&field) {
            number = number.by(u64::try_from(factor).ok()?)?;
        }
    }
    number.by(divisor)?.by_power(shift.into()).single()
}

const fn divides(field: &AmountField) -> bool {
    field.flags & factor_flag::DIVIDE != 0
}

impl Wide {
    fn of(number: u128) -> Self {
        let mut limbs = [0; LIMBS];
        for (limb, part) in limbs.iter_mut().zip(halves(number)) {
            *limb = part;
        }
        Self(limbs)
    }

    /// `None` beyond 448 bits, which no registered ledger reaches.
    fn times(self, number: u128) -> Option<Self> {
        let [low, high] = halves(number);
        let (below, over) = self.times_limb(low);
        let (above, lost) = self.times_limb(high);
        let mut sum = below;
        let mut carry = 0u64;
        // What the upper half gives counts one limb higher.
        for (limb, part) in sum.0.iter_mut().skip(1).zip(above.0) {
            let (first, a) = limb.overflowing_add(part);
            let (second, b) = first.overflowing_add(carry);
            *limb = second;
            carry = u64::from(a | b);
        }
        let is_whole = over == 0 && lost == 0 && carry == 0 && above.0.last() == Some(&0);
        is_whole.then_some(sum)
    }

    /// The product, and what does not fit.
    fn times_limb(&self, number: u64) -> (Self, u64) {
        let (mut product, mut carry) = ([0u64; LIMBS], 0u64);
        if number != 0 {
            for (limb, part) in product.iter_mut().zip(self.0) {
                // Neither overflows: (2^64 - 1)^2 + (2^64 - 1) is below 2^128.
                let wide = u128::from(part).wrapping_mul(number.into()).wrapping_add(carry.into());
                [*limb, carry] = halves(wide);
            }
        }
        (Self(product), carry)
    }

    /// `None` for a divisor of zero.
    fn by(mut self, divisor: u64) -> Option<Self> {
        if divisor == 1 {
            return Some(self);
        }
        let mut rest = 0u64;
        for limb in self.0.iter_mut().rev() {
            let part = u128::from(rest).unbounded_shl(u64::BITS) | u128::from(*limb);
            let [quotient, _] = halves(part.checked_div(divisor.into())?);
            [rest, _] = halves(part.checked_rem(divisor.into())?);
            *limb = quotient;
        }
        Some(self)
    }

    fn by_power(mut self, shift: u32) -> Self {
        let mut left = shift;
        while left >= u64::BITS {
            self.0.rotate_left(1);
            if let Some(last) = self.0.last_mut() {
                *last = 0;
            }
            left = left.saturating_sub(u64::BITS);
        }
        let mut above = 0u64;
        for limb in self.0.iter_mut().rev() {
            let moved = above.unbounded_shl(u64::BITS.saturating_sub(left));
            above = *limb;
            *limb = limb.unbounded_shr(left) | moved;
        }
        self
    }

    fn single(self) -> Option<u64> {
        let [low, rest @ ..] = self.0;
        rest.iter().all(|limb| *limb == 0).then_some(low)
    }
}

/// Low and high 64 bits.
const fn halves(number: u128) -> [u64; 2] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = number.to_le_bytes();
    [
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u64::from_le_bytes([i, j, k, l, m, n, o, p]),
    ]
}
