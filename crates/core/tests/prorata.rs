//! Conservation of the pool, whatever the ledger.

use bulkhead_core::{
    CoreError,
    restoration::{prorata::payout_floor, share},
};
use bulkhead_interface::layout::Restoration;
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};

/// Amounts of every magnitude, not only large ones.
fn amount() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0u32..64).prop_map(|(value, shift)| value >> shift)
}

/// A ledger whose total fits 64 bits, and a pool of at most that total.
fn ledger_and_pool() -> impl Strategy<Value = (Vec<u64>, u64)> {
    (vec(amount(), 1..200), any::<u64>()).prop_map(|(raw, pool)| {
        let share = u64::MAX / raw.len() as u64;
        let leaves: Vec<u64> = raw.into_iter().map(|value| value.min(share).max(1)).collect();
        let total: u64 = leaves.iter().sum();
        (leaves, (u128::from(pool) % (u128::from(total) + 1)) as u64)
    })
}

fn payouts(leaves: &[u64], pool: u64) -> Vec<u64> {
    let total = leaves.iter().sum();
    leaves
        .iter()
        .map(|leaf| payout_floor(*leaf, pool, total).expect("a leaf is at most the total"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn equals_the_128_bit_quotient(a in amount(), pool in amount(), total in amount()) {
        let expected = (a <= total && total > 0)
            .then(|| (u128::from(a) * u128::from(pool) / u128::from(total)) as u64);
        prop_assert_eq!(payout_floor(a, pool, total), expected);
    }

    #[test]
    fn equals_the_128_bit_quotient_near_the_edges(
        a in (u64::MAX - 5)..=u64::MAX,
        pool in prop_oneof![(u64::MAX - 5)..=u64::MAX, ((1u64 << 32) - 3)..((1 << 32) + 3)],
        total in prop_oneof![(u64::MAX - 5)..=u64::MAX, Just(u64::MAX)],
    ) {
        let expected = (a <= total).then(|| (u128::from(a) * u128::from(pool) / u128::from(total)) as u64);
        prop_assert_eq!(payout_floor(a, pool, total), expected);
    }

    #[test]
    fn payouts_never_exceed_the_pool((leaves, pool) in ledger_and_pool()) {
        let paid: u128 = payouts(&leaves, pool).into_iter().map(u128::from).sum();
        prop_assert!(paid <= u128::from(pool));
    }

    #[test]
    fn dust_is_less_than_one_unit_a_claim((leaves, pool) in ledger_and_pool()) {
        let paid: u64 = payouts(&leaves, pool).into_iter().sum();
        prop_assert!(pool - paid < leaves.len() as u64);
    }

    #[test]
    fn nobody_gets_more_than_the_claim((leaves, pool) in ledger_and_pool()) {
        for (leaf, paid) in leaves.iter().zip(payouts(&leaves, pool)) {
            prop_assert!(paid <= *leaf);
        }
    }

    #[test]
    fn a_larger_claim_never_gets_less(a in amount(), b in amount(), pool in amount(), total in amount()) {
        let (small, large) = (a.min(b), a.max(b));
        if let Some(large) = payout_floor(large, pool, total) {
            prop_assert!(payout_floor(small, pool, total).is_some_and(|small| small <= large));
        }
    }

    #[test]
    fn the_order_of_claims_does_not_matter((leaves, pool) in ledger_and_pool(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..leaves.len()).collect();
        order.sort_unstable_by_key(|i| (*i as u64).wrapping_mul(seed | 1).rotate_left(17));
        let shuffled: Vec<u64> = order.iter().map(|i| leaves[*i]).collect();
        let straight = payouts(&leaves, pool);
        let back: Vec<u64> = payouts(&shuffled, pool);
        for (place, i) in order.iter().enumerate() {
            prop_assert_eq!(back[place], straight[*i]);
        }
    }

    /// Dust by dust or at once, whoever claims how often and in which order: each leaf ends with its share of the sum, no
    /// claim is stuck on the way, and what was paid is covered by what was shared out, which the pool covers.
    #[test]
    fn many_small_shares_pay_what_one_large_one_does(
        (leaves, pool) in ledger_and_pool(),
        steps in vec((any::<u64>(), 0u32..64, any::<u64>()), 0..60),
    ) {
        let total = leaves.iter().sum();
        let mut plan = Restoration { total, ..Restoration::zeroed() };
        let mut paid = vec![0u64; leaves.len()];
        let (mut arrived, mut spent) = (0u64, 0u64);
        let whole = (u64::MAX, 0, 0);
        for (raw, shift, pick) in steps.into_iter().chain([whole]) {
            let more = (raw >> shift).min(pool - arrived);
            arrived += more;
            let before = plan.shared;
            let shared = share::share_out(&mut plan, arrived - spent);
            prop_assert_eq!(shared.is_ok(), plan.shared > before);
            prop_assert_eq!(plan.shared, arrived.min(total));
            for _ in 0..pick % 4 {
                let number = (pick % leaves.len() as u64) as usize;
                let had = paid[number];
                match share::pay(&mut plan, leaves[number], &mut paid[number]) {
                    Ok(due) => {
                        prop_assert_eq!(paid[number], had + due);
                        spent += due;
                    }
                    Err(error) => {
                        prop_assert_ne!(error, CoreError::Overflow);
                        prop_assert_eq!(paid[number], had);
                    }
                }
                prop_assert!(plan.paid == spent && plan.paid <= plan.shared && plan.shared <= arrived);
            }
        }
        for (leaf, got) in leaves.iter().zip(&mut paid) {
            let error = share::pay(&mut plan, *leaf, got).err();
            prop_assert_ne!(error, Some(CoreError::Overflow));
            prop_assert_eq!(Some(*got), payout_floor(*leaf, pool, total));
        }
        prop_assert_eq!(plan.paid, paid.iter().sum::<u64>());
        prop_assert_eq!(share::is_settled(&plan), pool == total);
    }
}
