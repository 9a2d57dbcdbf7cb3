//! The tree of a whole ledger and its proofs.

use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{Pubkey, layout::Node};
use bulkhead_snapshot::{BuildError, Position, Tree, VerifyError};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const TAG: [u8; 32] = [0x5a; 32];

fn positions(count: u32) -> Vec<Position> {
    let digest = |prefix: u8, i: u32| {
        let hash = Sha256::new()
            .chain_update([prefix])
            .chain_update(i.to_le_bytes())
            .finalize();
        Pubkey::new_from_array(hash.into())
    };
    (0..count)
        .map(|i| Position {
            key: digest(0, i),
            owner: digest(1, i % 7),
            amount: u64::from(i % 10) * 3,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_leaf_is_proved_and_nothing_else(count in 0u32..900, bit in 0usize..8) {
        let all = positions(count);
        let tree = Tree::build(TAG, all.clone()).unwrap();
        prop_assert_eq!(tree.root().sum, all.iter().map(|position| position.amount).sum::<u64>());
        let proofs: Vec<_> = tree.proofs().collect();
        prop_assert_eq!(proofs.len() as u64, tree.count());
        prop_assert_eq!(tree.leaves().count(), proofs.len());
        for (proof, (index, leaf)) in proofs.iter().zip(tree.leaves()) {
            prop_assert_eq!((proof.index, &proof.position), (index, leaf));
            prop_assert_eq!(proof.verify(&TAG, tree.root()), Ok(()));
            let shard = tree.shard(merkle::shard_of(leaf.key.as_array())).unwrap();
            prop_assert_eq!(proof.verify_in(shard), Ok(()));
        }
        for position in &all {
            let single = tree.prove(&position.key);
            prop_assert_eq!(single.is_some(), position.amount != 0);
            if let Some(proof) = single {
                prop_assert_eq!(proof.verify(&TAG, tree.root()), Ok(()));
            }
        }
        if let Some(proof) = proofs.first() {
            let mut forged = proof.clone();
            forged.position.amount += 1 << bit;
            prop_assert_eq!(forged.verify(&TAG, tree.root()), Err(VerifyError::Mismatch));
            let mut forged = proof.clone();
            forged.index ^= 1 << 20;
            prop_assert_eq!(forged.verify(&TAG, tree.root()), Err(VerifyError::Mismatch));
            let mut forged = proof.clone();
            forged.index |= 1 << 19;
            prop_assert_eq!(forged.verify(&TAG, tree.root()), Err(VerifyError::WrongIndex));
            let mut forged = proof.clone();
            forged.siblings.truncate(7);
            prop_assert_eq!(forged.verify(&TAG, tree.root()), Err(VerifyError::WrongLength));
            let total = Node { sum: tree.root().sum + 1, ..*tree.root() };
            prop_assert_eq!(proof.verify(&TAG, &total), Err(VerifyError::Mismatch));
            prop_assert_eq!(proof.verify(&[0; 32], tree.root()), Err(VerifyError::Mismatch));
        }
    }
}

#[test]
fn order_does_not_matter_and_nobody_counts_twice() {
    let mut all = positions(500);
    let root = Tree::build(TAG, all.clone()).unwrap().root().hash;
    all.reverse();
    assert_eq!(Tree::build(TAG, all.clone()).unwrap().root().hash, root);
    all.push(Position { amount: 1, ..all[123] });
    assert_eq!(
        Tree::build(TAG, all.clone()).err(),
        Some(BuildError::Duplicate(all[123].key))
    );
}

#[test]
fn sums_beyond_64_bits_are_refused() {
    let mut all = positions(40);
    all[7].amount = u64::MAX - 5;
    assert_eq!(Tree::build(TAG, all).err(), Some(BuildError::SumOverflow));
}
