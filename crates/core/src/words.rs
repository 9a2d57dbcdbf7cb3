//! Comparing bytes eight at a time: keys and filters lie aligned in accounts, and the VM counts
//! instructions.

use core::cmp::Ordering;

/// Eight bytes as a number.
#[inline(always)]
#[must_use]
pub fn word(bytes: &[u8; 8]) -> u64 {
    match bytemuck::try_cast_ref::<[u8; 8], u64>(bytes) {
        Ok(word) => u64::from_le(*word),
        Err(_) => u64::from_le_bytes(*bytes),
    }
}

/// Are these the same keys?
#[inline(always)]
#[must_use]
pub fn same_key(a: &[u8; 32], b: &[u8; 32]) -> bool {
    match (
        bytemuck::try_cast_ref::<[u8; 32], [u64; 4]>(a),
        bytemuck::try_cast_ref::<[u8; 32], [u64; 4]>(b),
    ) {
        (Ok(a), Ok(b)) => a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3],
        _ => a == b,
    }
}

/// The order of two keys, byte by byte from the first.
#[inline(always)]
#[must_use]
pub fn compare(a: &[u8; 32], b: &[u8; 32]) -> Ordering {
    match (
        bytemuck::try_cast_ref::<[u8; 32], [u64; 4]>(a),
        bytemuck::try_cast_ref::<[u8; 32], [u64; 4]>(b),
    ) {
        (Ok(a), Ok(b)) => a
            .iter()
            .zip(b)
            .find(|(a, b)| a != b)
            .map_or(Ordering::Equal, |(a, b)| u64::from_be(*a).cmp(&u64::from_be(*b))),
        _ => a.cmp(b),
    }
}

/// The first eight bytes of a key, as the order of keys sees them.
#[inline(always)]
#[must_use]
pub fn first(key: &[u8; 32]) -> u64 {
    key.first_chunk().map_or(0, |bytes| word(bytes).swap_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C, align(8))]
    struct Aligned([u8; 48]);

    #[test]
    fn order_and_equality_do_not_depend_on_alignment() {
        let mut a = Aligned([7; 48]);
        let mut b = Aligned([7; 48]);
        for changed in 0..32 {
            for shift in 0..9 {
                for value in [0, 6, 7, 8, 255] {
                    a.0 = [7; 48];
                    b.0 = [7; 48];
                    b.0[changed] = value;
                    b.0[31] = b.0[31].wrapping_add(1);
                    let (left, right) = (a.0.first_chunk::<32>().unwrap(), *b.0.first_chunk::<32>().unwrap());
                    b.0[shift..shift + 32].copy_from_slice(&right);
                    let moved: &[u8; 32] = b.0[shift..shift + 32].try_into().unwrap();
                    assert_eq!(compare(left, moved), left.cmp(&right));
                    assert_eq!(compare(moved, left), right.cmp(left));
                    assert_eq!(same_key(left, moved), left == &right);
                    assert!(same_key(&right, moved));
                    assert_eq!(compare(&right, moved), Ordering::Equal);
                    assert_eq!(first(left).cmp(&first(moved)), left[..8].cmp(&right[..8]));
                    assert_eq!(first(&right), first(moved));
                }
            }
        }
    }
}
