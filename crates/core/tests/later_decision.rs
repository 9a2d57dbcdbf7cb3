//! Of any decisions about one setting, executed in any order, the one that was made last holds.

use bulkhead_core::{
    CoreError,
    acts::{cancel_releases, decide},
};
use bulkhead_interface::layout::Vault;
use bytemuck::Zeroable;
use proptest::prelude::*;

proptest! {
    #[test]
    fn whatever_the_order_the_last_decision_holds(slots in prop::collection::vec(1_u64..6, 1..8)) {
        let mut vault = Vault::zeroed();
        let mut standing = 0;
        for (number, slot) in slots.iter().copied().enumerate() {
            let root = [u8::try_from(number).unwrap() + 1; 32];
            let before = vault;
            match cancel_releases(&mut vault, root, slot) {
                Ok(()) => {
                    prop_assert!(slot > standing, "an older decision, or one of the same slot, replaced a newer one");
                    prop_assert_eq!(vault.cancel_root, root);
                    standing = slot;
                }
                Err(error) => {
                    prop_assert!(slot <= standing, "a newer decision was refused");
                    prop_assert_eq!(error, CoreError::DecidedSince);
                    prop_assert_eq!(vault.cancel_root, before.cancel_root);
                }
            }
        }
        prop_assert_eq!(Some(standing), slots.into_iter().max());
    }
}

/// During set-up nobody proposes: settings follow each other, and any later proposal replaces them.
#[test]
fn set_up_decides_nothing() {
    let mut decided_slot = 0;
    for _ in 0..2 {
        decide(&mut decided_slot, None).expect("set-up");
        assert_eq!(decided_slot, 0);
    }
    decide(&mut decided_slot, Some(1)).expect("a first proposal");
}
