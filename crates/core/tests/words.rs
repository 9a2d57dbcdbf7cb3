//! Comparing keys by words is comparing them byte by byte.

use bulkhead_core::words::{compare, first, same_bytes, same_key};
use proptest::prelude::*;

/// Keys that often agree in their first bytes.
fn key() -> impl Strategy<Value = [u8; 32]> {
    prop::collection::vec(prop_oneof![9 => Just(7u8), 1 => any::<u8>()], 32).prop_map(|bytes| bytes.try_into().unwrap())
}

proptest! {
    #[test]
    fn order_and_equality_are_those_of_the_bytes(a in key(), b in key(), shift in 0usize..9) {
        // At any alignment.
        let mut room = [0; 48];
        room[shift..shift + 32].copy_from_slice(&b);
        let moved: &[u8; 32] = room[shift..].first_chunk().unwrap();
        prop_assert_eq!(compare(&a, moved), a.cmp(&b));
        prop_assert_eq!(compare(moved, &a), b.cmp(&a));
        prop_assert_eq!(same_key(&a, moved), a == b);
        prop_assert!(same_key(&b, moved));
        for len in 0..32 {
            prop_assert_eq!(same_bytes(&a[..len], &moved[..len]), a[..len] == b[..len]);
            prop_assert!(!same_bytes(&a[..len], &a));
        }
        prop_assert_eq!(first(&a).cmp(&first(moved)), a[..8].cmp(&b[..8]));
    }
}
