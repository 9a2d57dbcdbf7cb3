//! Logarithms and square roots in fixed point: the VM has no floats, and every machine must get the same bits.

/// 1 in Q32, the format of logarithms: a signed number of 2^-32.
pub const ONE: i64 = 1 << 32;
/// Powers of ten that [`ln_of_ten_to`] knows.
pub const MAX_EXPONENT: i64 = 64;

/// ln 2 in Q64.
const LN_2: u128 = 12_786_308_645_202_655_660;
/// ln 10 in Q48.
const LN_10: i64 = 648_120_085_424_803;
/// A mantissa is below 2^32 and has its highest bit at 31, so its square fits 64 bits.
const MANTISSA_BITS: u32 = 32;

/// The natural logarithm in Q32: never too large, and too small by less than 5 · 2^-32, a billionth. `None` for 0.
///
/// The integer part of the binary logarithm is the highest bit. Squaring the mantissa doubles the rest, and whether that
/// reaches two is the next bit of it: 32 squarings of 32 bits, a few hundred compute units.
#[must_use]
pub fn ln(value: u128) -> Option<i64> {
    let whole = value.checked_ilog2()?;
    let mut mantissa = mantissa(value, whole);
    let mut binary = u64::from(whole);
    for _ in 0..MANTISSA_BITS {
        // Below 2^64, because the mantissa is below 2^32.
        let square = mantissa.wrapping_mul(mantissa) >> 31;
        let bit = square >> 32;
        binary = binary << 1 | bit;
        mantissa = if bit == 0 { square } else { square >> 1 };
    }
    // Below 2^39 · 2^64; the upper half is the logarithm in Q32.
    let natural = u128::from(binary).checked_mul(LN_2)? >> 64;
    i64::try_from(natural).ok()
}

/// The highest 32 bits of a number whose highest one is `whole`.
fn mantissa(value: u128, whole: u32) -> u64 {
    let aligned = match whole.checked_sub(31) {
        Some(excess) => value.wrapping_shr(excess),
        None => value.wrapping_shl(31_u32.saturating_sub(whole)),
    };
    u64::try_from(aligned).unwrap_or(u64::MAX)
}

/// The natural logarithm of 10^exponent in Q32. `None` beyond ±64.
#[must_use]
pub fn ln_of_ten_to(exponent: i64) -> Option<i64> {
    (-MAX_EXPONENT..=MAX_EXPONENT)
        .contains(&exponent)
        .then(|| exponent.wrapping_mul(LN_10) >> 16)
}

/// The square root, rounded down: exact below 2^64, the highest 32 bits of it above.
#[must_use]
pub fn sqrt(value: u128) -> u64 {
    if let Ok(small) = u64::try_from(value) {
        return small.isqrt();
    }
    // An even number of bits off, half of them back on.
    let excess = value.checked_ilog2().unwrap_or(0).saturating_sub(62) & !1;
    let small = u64::try_from(value.wrapping_shr(excess)).unwrap_or(u64::MAX);
    small.isqrt().wrapping_shl(excess >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2^-32.
    const ULP: f64 = 1.0 / ONE as f64;

    #[test]
    fn logarithms_are_those_of_floats() {
        let mut value: u128 = 1;
        let mut tried = 0;
        while value < u128::MAX / 3 {
            for near in [value - value / 7, value, value + 1, value + value / 3] {
                let got = ln(near).expect("not 0") as f64 * ULP;
                let want = (near as f64).ln();
                let error = (got - want) / ULP;
                assert!((-5.0..=0.01).contains(&error), "{near}: {got} for {want}, {error} ulps");
                tried += 1;
            }
            value = value / 8 * 9 + 1 + value % 8;
        }
        assert!(tried > 2_000);
        assert_eq!(ln(0), None);
        assert_eq!(ln(1), Some(0));
        assert!(ln(u128::MAX).is_some_and(|top| (top as f64 * ULP - 128.0 * 2f64.ln()).abs() < 5.0 * ULP));
    }

    #[test]
    fn logarithms_never_fall() {
        let mut last = -1;
        for value in 1..100_000 {
            let next = ln(value).expect("not 0");
            assert!(next >= last, "{value}");
            last = next;
        }
    }

    #[test]
    fn powers_of_ten_are_too() {
        for exponent in -64..=64 {
            let got = ln_of_ten_to(exponent).expect("in range") as f64 * ULP;
            assert!((got - exponent as f64 * 10f64.ln()).abs() < 1.01 * ULP, "{exponent}");
        }
        assert_eq!(
            (ln_of_ten_to(65), ln_of_ten_to(-65), ln_of_ten_to(i64::MIN)),
            (None, None, None)
        );
    }

    #[test]
    fn roots_are_rounded_down_and_good_to_thirty_bits() {
        assert_eq!((sqrt(0), sqrt(1), sqrt(99), sqrt(100)), (0, 1, 9, 10));
        assert_eq!(sqrt(u128::from(u64::MAX)), u64::from(u32::MAX));
        let mut value: u128 = 1;
        while value < u128::MAX / 7 {
            let root = u128::from(sqrt(value));
            assert!(root * root <= value, "{value}");
            let off = (value as f64).sqrt() - root as f64;
            assert!(off < 1.0 + root as f64 / f64::from(1 << 30), "{value}: {root}");
            value += value / 3 + 1;
        }
        assert!(sqrt(u128::MAX) >= u64::MAX - u64::from(u32::MAX) * 4);
    }
}
