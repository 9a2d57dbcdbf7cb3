//! What is evidence against a checkpoint: no honest tree is ever, whatever is said of its nodes.

mod honest_tree;

use std::collections::BTreeMap;

use bulkhead_core::{
    CoreError,
    acts::{self, Live},
    checkpoints::checkpoint::{self, Revealed, Witness},
    snapshots::merkle,
};
use bulkhead_interface::{
    constants::checkpoint_state,
    layout::{CheckpointLog, LeafEvidence, Ledger, Node, PositionSample},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};

use crate::honest_tree::{Honest, KEY, SLOT, posted};

/// Mostly small, so that a node's sum is another's; sometimes up to a hundred in one shard.
fn rows() -> impl Strategy<Value = BTreeMap<[u8; 32], u64>> {
    let key = (0u8..16, 0u8..40, any::<u8>()).prop_map(|(shard, place, last)| {
        let mut key = [0; 32];
        (key[0], key[1], key[31]) = ((shard / 5) << 4, place, last);
        key
    });
    proptest::collection::btree_map(key, 1u64..4, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever path, sum, siblings and preimage a node of an honest tree is shown with, the tree is not contested.
    #[test]
    fn no_honest_tree_is_ever_contested(
        rows in rows(),
        noise in vec((any::<u32>(), any::<prop::sample::Index>(), any::<u64>(), 0usize..30), 1..40),
    ) {
        let tree = Honest::new(SLOT, &rows);
        let stands = |node: Revealed| tree.contest(&node).is_err();
        for shown in &tree.nodes {
            let right = shown.revealed();
            prop_assert_eq!(tree.contest(&right), Err(CoreError::NoContradiction));
            // Every single bit of the path, above the siblings and below.
            for bit in 0..32 {
                for path in [right.path ^ 1 << bit, right.path | u32::MAX << bit] {
                    let moved = Revealed { path, ..right };
                    prop_assert!(stands(moved), "bit {bit}");
                }
            }
            for (path, other, sum, levels) in &noise {
                let moved = Revealed { path: *path, ..right };
                prop_assert!(stands(moved));
                let moved = Revealed { path: right.path | path, ..right };
                prop_assert!(stands(moved));
                let moved = Revealed { sum: *sum, ..right };
                prop_assert!(stands(moved));
                let other = other.get(&tree.nodes);
                for mixed in [
                    Revealed { preimage: &other.preimage, ..right },
                    Revealed { siblings: &other.siblings, ..right },
                    Revealed { path: other.path, ..right },
                    Revealed { preimage: &other.preimage, sum: other.sum, ..right },
                    Revealed { siblings: &other.siblings, path: other.path, ..right },
                ] {
                    prop_assert!(stands(mixed));
                }
                let mut longer = shown.siblings.clone();
                longer.resize(40 * levels, 0);
                let moved = Revealed { siblings: &longer, ..right };
                prop_assert!(stands(moved));
                let moved = Revealed { siblings: &longer, path: *path, ..right };
                prop_assert!(stands(moved));
            }
        }
    }

    /// Nor do two leaves of it contradict each other or its counts, nor is one malformed.
    #[test]
    fn leaves_of_an_honest_tree_do_not_contradict_each_other(rows in rows()) {
        let tree = Honest::new(SLOT, &rows);
        for a in &tree.leaves {
            for b in &tree.leaves {
                let mut log = tree.log;
                for shards in [None, Some(&tree.shards)] {
                    let result = acts::contest_checkpoint(&mut log, a, Some(b), shards);
                    prop_assert_eq!(result, Err(CoreError::NoContradiction));
                }
            }
        }
    }

    /// An honest tree has every sample of its slot, and shows nobody to be left out who is not; one that left somebody
    /// out is shown by its neighbours and by nobody else.
    #[test]
    fn a_sample_is_compared_with_its_own_leaf_or_its_place(rows in rows(), at in any::<prop::sample::Index>()) {
        prop_assume!(!rows.is_empty());
        let key = *at.get(&rows.keys().copied().collect::<Vec<_>>());
        let whole = Honest::new(SLOT, &rows);
        let mut rest = rows.clone();
        let amount = rest.remove(&key).expect("it is there");
        let without = Honest::new(SLOT, &rest);
        let sample = PositionSample {
            slot: SLOT,
            key: key.into(),
            owner: [7; 32].into(),
            amount,
            ..PositionSample::zeroed()
        };
        let compare = |tree: &Honest, first, second, shards| {
            let (mut log, mut sample) = (tree.log, sample);
            let difference = acts::compare_sample(&mut log, &mut sample, &Witness { first, second, shards }).ok()?;
            let entry = &log.entries[0];
            assert_eq!((entry.agreed, entry.differed), if difference == 0 { (amount, 0) } else { (0, difference) });
            Some(difference)
        };
        for shards in [None, Some(&whole.shards)] {
            prop_assert!(compare(&whole, None, None, shards).is_none());
            for a in &whole.leaves {
                // Whether its own leaf can be claimed the shards say.
                let own = (a.key.as_array() == &key && shards.is_some()).then_some(0);
                prop_assert_eq!(compare(&whole, Some(a), None, shards), own);
                prop_assert_eq!(compare(&whole, None, Some(a), shards), None);
                for b in &whole.leaves {
                    prop_assert_eq!(compare(&whole, Some(a), Some(b), shards), own);
                }
            }
        }
        let shards = Some(&without.shards);
        let mut shown = compare(&without, None, None, shards);
        for a in &without.leaves {
            shown = shown.or(compare(&without, Some(a), None, shards));
            for b in &without.leaves {
                shown = shown.or(compare(&without, Some(a), Some(b), None));
            }
        }
        prop_assert_eq!(shown, Some(amount));
    }
}

/// A leaf of the reported attack: the honest proof, with a bit of the path that no sibling reads.
#[test]
fn a_bit_above_the_siblings_is_no_evidence() {
    let rows = (0..40u8).map(|number| ([number * 6; 32], 5)).collect();
    let tree = Honest::new(SLOT, &rows);
    let leaf = tree.nodes.iter().find(|node| node.preimage[0] == 0).expect("a leaf");
    let high = Revealed {
        path: leaf.path | 1 << 31,
        ..leaf.revealed()
    };
    assert_eq!(tree.contest(&high), Err(CoreError::InvalidProof));
}

/// A record is one a leaf; it stays as long as its checkpoint.
#[test]
fn a_leaf_is_on_record_once() {
    let rows = [([1; 32], 5)].into();
    let tree = Honest::new(SLOT, &rows);
    let mut log = tree.log;
    let ledger = Ledger::zeroed();
    let account = Live {
        program: &KEY,
        data: &[],
    };
    let mut record = LeafEvidence::zeroed();
    let dispute = |log: &mut CheckpointLog, record: &mut LeafEvidence| {
        acts::dispute_checkpoint(log, &ledger, &tree.leaves[0], account, record).map(|disputed| disputed.disputes)
    };
    assert_eq!(dispute(&mut log, &mut record), Ok(1));
    let used = Err(CoreError::EvidenceUsed);
    assert_eq!(dispute(&mut log, &mut record), used);
    assert_eq!(log.entries[0].disputes, 1);
    let needed = Err(CoreError::EvidenceNeeded);
    assert_eq!(acts::close_evidence(&log, &record), needed);
    assert_eq!(acts::close_evidence(&log, &tree.leaves[0]), Ok(()));
    log.entries[0].state = checkpoint_state::EMPTY;
    assert_eq!(acts::close_evidence(&log, &record), Ok(()));
}

/// A proof all the way up names the place of its leaf and no other.
#[test]
fn a_leaf_is_proved_at_its_place_only() {
    let tag = checkpoint::tag(&KEY, &KEY, 0, 1);
    let index = merkle::leaf_index(5, 9);
    let leaf = merkle::leaf(&tag, index, &[0x50; 32], &[1; 32], 40);
    let sibling = Node { hash: [8; 32], sum: 3 };
    for levels in 8..=checkpoint::MAX_DEPTH {
        let siblings = vec![sibling; levels];
        let proof: &[u8] = bytemuck::cast_slice(&siblings);
        let (mut node, mut below) = (leaf, 9u32);
        for level in 0..levels {
            if level == levels - 4 {
                below = 5;
            }
            let (left, right) = if below & 1 == 0 {
                (&node, &sibling)
            } else {
                (&sibling, &node)
            };
            node = merkle::inner(left, right).expect("small sums");
            below >>= 1;
        }
        let verify = |index, total, proof: &[u8]| checkpoint::verify_to_root(&leaf, index, proof, &node.hash, total);
        assert_eq!(verify(index, node.sum, proof), Ok(()), "{levels}");
        assert!(verify(index ^ 1, node.sum, proof).is_err());
        assert!(verify(index ^ 1 << 20, node.sum, proof).is_err());
        assert!(verify(index | 1 << 24, node.sum, proof).is_err());
        assert!(verify(index, node.sum + 1, proof).is_err());
        assert!(verify(index, node.sum, &proof[..proof.len() - 1]).is_err());
        assert!(verify(index, node.sum, &proof[40..]).is_err());
    }
    let deep = vec![sibling; checkpoint::MAX_DEPTH + 1];
    let shallow = vec![sibling; 3];
    for siblings in [deep, shallow] {
        let proof: &[u8] = bytemuck::cast_slice(&siblings);
        assert!(checkpoint::verify_to_root(&leaf, index, proof, &[0; 32], 0).is_err());
    }
}

fn evidence(log: &CheckpointLog, index: u32, key: [u8; 32], amount: u64) -> LeafEvidence {
    LeafEvidence {
        index,
        amount,
        slot: log.entries[0].slot,
        checkpoint: log.entries[0].hash,
        key: key.into(),
        ..LeafEvidence::zeroed()
    }
}

#[test]
fn a_contest_needs_a_contradiction_and_is_final() {
    let (log, council) = posted();
    let at = |index, key, amount| evidence(&log, index, [key; 32], amount);
    let (low, high, again) = (at(0, 1, 5), at(1, 2, 5), at(2, 2, 5));
    let (foreign_shard, nothing) = (at(3, 0x10, 5), at(3, 3, 0));
    let stale = LeafEvidence {
        checkpoint: [0; 32],
        ..again
    };
    for (first, second) in [
        (&low, None),
        (&low, Some(&high)),
        (&high, Some(&low)),
        (&high, Some(&high)),
    ] {
        let mut log = log;
        let result = checkpoint::contest(&mut log, first, second, None);
        assert_eq!(result, Err(CoreError::NoContradiction));
        assert_eq!(log.entries[0].state, checkpoint_state::POSTED);
    }
    for (first, second) in [
        (&high, Some(&again)),
        (&again, Some(&high)),
        (&foreign_shard, None),
        (&low, Some(&nothing)),
    ] {
        let mut log = log;
        checkpoint::contest(&mut log, first, second, None).expect("it contradicts");
        assert_eq!(log.entries[0].state, checkpoint_state::CONTESTED);
        assert_eq!(
            checkpoint::contest(&mut log, first, second, None),
            Err(CoreError::CheckpointContested)
        );
        let hash = log.entries[0].hash;
        let attested = checkpoint::attest(&mut log, &council, 1, 599, &hash);
        assert_eq!(attested, Err(CoreError::CheckpointContested));
    }
    let mut log = log;
    for (first, second) in [(&stale, None), (&high, Some(&stale))] {
        assert_eq!(
            checkpoint::contest(&mut log, first, second, None),
            Err(CoreError::NoSuchCheckpoint)
        );
    }
}

/// Only what an honest tree is hashed from is well formed, at its own place and with its own sum.
#[test]
fn a_node_is_what_an_honest_tree_has_or_evidence() {
    let tag = checkpoint::tag(&KEY, &KEY, 0, 1);
    let siblings = [0u8; 40 * 10];
    let (shard, place) = (5, 9);
    let (key, sum, path) = ([0x50; 32], 40u64, shard << 6 | place);
    let leaf = |tag: &[u8; 32], index: u32, key: &[u8; 32], amount: u64| {
        let (index, amount) = (index.to_le_bytes(), amount.to_le_bytes());
        [&[0][..], tag, &index, key, &[1; 32], &amount].concat()
    };
    let index = merkle::leaf_index(5, place);
    let check = |preimage: &[u8], sum, path| {
        let node = Revealed {
            preimage,
            sum,
            path,
            siblings: &siblings,
        };
        checkpoint::is_well_formed(&node, &tag)
    };
    let right = leaf(&tag, index, &key, sum);
    assert!(check(&right, sum, path));
    assert!(!check(&right, sum + 1, path));
    assert!(!check(&right, sum, path ^ 1));
    assert!(!check(&right, sum, path ^ 1 << 6));
    assert!(!check(&leaf(&[0; 32], index, &key, sum), sum, path));
    assert!(!check(&leaf(&tag, index + 1, &key, sum), sum, path));
    assert!(!check(&leaf(&tag, index, &[0x60; 32], sum), sum, path));
    assert!(!check(&leaf(&tag, index, &key, 0), 0, path));
    assert!(!check(&right[..108], sum, path));
    assert!(!check(&[&right[..], &[0]].concat(), sum, path));

    let node = |left: u64, right: u64| {
        let (left, right) = (left.to_le_bytes(), right.to_le_bytes());
        [&[1][..], &[7; 32], &left, &[8; 32], &right].concat()
    };
    assert!(check(&node(30, 10), 40, path));
    assert!(!check(&node(30, 10), 41, path));
    assert!(!check(&node(u64::MAX, 1), 0, path));
    assert!(!check(&node(30, 10)[..80], 40, path));
    // Leaves stand without a gap, within a shard.
    assert!(check(&node(40, 0), 40, path));
    assert!(!check(&node(0, 40), 40, path));
    let over_shards = Revealed {
        preimage: &node(0, 40),
        sum: 40,
        path: 0,
        siblings: &siblings[..40 * 3],
    };
    assert!(checkpoint::is_well_formed(&over_shards, &tag));
    assert!(!check(&[], 0, path));
    assert!(!check(&[2; 81], 0, path));
}
