//! Comparing and copying bytes eight at a time. The VM has no `memcmp` of its own: keys and filters lie
//! aligned in accounts, and by words they cost a tenth.

use core::cmp::Ordering;

/// Are these the same bytes?
#[inline(always)]
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    match (bytemuck::try_cast_slice::<u8, u64>(a), bytemuck::try_cast_slice::<u8, u64>(b)) {
        (Ok(a), Ok(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b),
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

/// Copies a key.
#[inline(always)]
pub fn copy(to: &mut [u8; 32], from: &[u8; 32]) {
    match (
        bytemuck::try_cast_mut::<[u8; 32], [u64; 4]>(to),
        bytemuck::try_cast_ref::<[u8; 32], [u64; 4]>(from),
    ) {
        (Ok(to), Ok(from)) => *to = *from,
        _ => to.copy_from_slice(from),
    }
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
                    assert_eq!(same(left, moved), left == &right);
                    assert!(same(&right, moved));
                    assert_eq!(compare(&right, moved), Ordering::Equal);
                }
            }
        }
        assert!(!same(&[1, 2], &[1, 2, 3]) && same(&[1, 2], &[1, 2]) && same(&[], &[]));
    }
}
