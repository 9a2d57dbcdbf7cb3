//! The arithmetic of words against another way to compute it.

use bulkhead_core::proofs::word::{ORDER, Word};
use proptest::prelude::*;

use super::poseidon::inverse;

fn any_word() -> impl Strategy<Value = Word> {
    let near = (0..4_u64, any::<bool>()).prop_map(|(small, is_below)| match is_below {
        true => Word::ZERO.minus(&Word::from(small)),
        false => Word::from(small),
    });
    prop_oneof![any::<[u8; 32]>().prop_map(Word::masked), near]
}

#[test]
fn a_word_has_one_encoding() {
    let largest = Word::ZERO.minus(&Word::one());
    let mut bytes = *largest.bytes();
    assert_eq!(Word::read(&bytes), Some(largest));
    bytes[31] += 1;
    assert_eq!(bytes, ORDER);
    assert_eq!(Word::read(&bytes), None);
    assert_eq!(Word::read(&[0xff; 32]), None);
    assert_eq!(Word::read(&[0; 32]), Some(Word::ZERO));
    let masked = *Word::masked([0xff; 32]).bytes();
    assert_eq!((masked[0], &masked[1..]), (0x1f, &[0xff; 31][..]));
}

proptest! {
    #[test]
    fn numbers_that_fit_multiply_as_numbers(a: u64, b: u64) {
        let product = u128::from(a) * u128::from(b);
        prop_assert_eq!(Word::from(a).times(&Word::from(b)), Word::from(product));
        prop_assert_eq!(Word::from(a).plus(&Word::from(b)), Word::from(u128::from(a) + u128::from(b)));
    }

    #[test]
    fn the_laws_of_a_field_hold(a in any_word(), b in any_word(), c in any_word()) {
        prop_assert_eq!(a.times(&b), b.times(&a));
        prop_assert_eq!(a.times(&b).times(&c), a.times(&b.times(&c)));
        prop_assert_eq!(a.times(&b.plus(&c)), a.times(&b).plus(&a.times(&c)));
        prop_assert_eq!(a.plus(&b).minus(&b), a);
        prop_assert_eq!(a.minus(&b).plus(&b), a);
        prop_assert!(Word::read(a.times(&b).bytes()).is_some() && Word::read(a.plus(&b).bytes()).is_some());
        // Only the product modulo this order has inverses by this power.
        if a != Word::ZERO {
            prop_assert_eq!(a.times(&inverse(&a)), Word::one());
        }
    }
}
