//! Counts of a checkpoint: whoever says others than the tree has is struck out by a leaf of it, and nobody else is.

mod honest_tree;

use std::collections::BTreeMap;

use bulkhead_core::{
    CoreError, acts,
    checkpoints::checkpoint::{self, Witness},
    snapshots::merkle,
};
use bulkhead_interface::{
    constants::{SHARDS, checkpoint_state},
    layout::{CheckpointLog, LeafEvidence, Node, PositionSample, ShardRoot},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};

use crate::honest_tree::{Honest, KEY, PROGRAM, SLOT, pairs, with_counts};

/// Every size up to a third level below the canopy, and the neighbours of powers of two after that.
const SIZES: [u32; 45] = {
    let mut sizes = [0; 45];
    let mut at = 0;
    while at < 36 {
        sizes[at] = at as u32;
        at += 1;
    }
    (sizes[36], sizes[37], sizes[38]) = (63, 64, 65);
    (sizes[39], sizes[40], sizes[41]) = (127, 128, 129);
    (sizes[42], sizes[43], sizes[44]) = (255, 256, 257);
    sizes
};

/// Shard `shard` has `count` leaves of 1,000 each.
fn fill(rows: &mut BTreeMap<[u8; 32], u64>, shard: u8, count: u32) {
    for number in 0..count {
        let mut key = [0; 32];
        key[0] = shard << 4;
        key[1..5].copy_from_slice(&number.to_be_bytes());
        rows.insert(key, 1_000);
    }
}

fn of_size(count: u32) -> Honest {
    let mut rows = BTreeMap::new();
    fill(&mut rows, 3, count);
    Honest::new(SLOT, &rows)
}

/// The leaves of a tree, each proved by the act with the proof that is shown.
fn proved(tree: &Honest, log: &CheckpointLog) -> Vec<LeafEvidence> {
    let leaves = tree.nodes.iter().filter(|node| node.preimage[0] == 0);
    let made = leaves.zip(&tree.leaves).map(|(shown, leaf)| {
        let mut evidence = LeafEvidence {
            slot: SLOT,
            index: leaf.index,
            key: leaf.key,
            owner: leaf.owner,
            amount: leaf.amount,
            ..LeafEvidence::zeroed()
        };
        acts::prove_leaf(&PROGRAM, (&KEY, log), &shown.siblings, &mut evidence).expect("a leaf");
        assert_eq!((evidence.levels, evidence.is_last), (leaf.levels, leaf.is_last));
        evidence
    });
    made.collect()
}

fn contest(log: &CheckpointLog, leaf: &LeafEvidence, shards: &[ShardRoot; SHARDS]) -> Result<(), CoreError> {
    let mut log = *log;
    let result = acts::contest_checkpoint(&mut log, leaf, None, Some(shards));
    assert_eq!(log.entries[0].state == checkpoint_state::CONTESTED, result.is_ok());
    result
}

#[test]
fn the_counts_of_an_honest_tree_are_no_evidence() {
    for count in SIZES {
        let tree = of_size(count);
        for leaf in proved(&tree, &tree.log) {
            let result = contest(&tree.log, &leaf, &tree.shards);
            assert_eq!(result, Err(CoreError::NoContradiction), "{count}");
        }
    }
    // In many shards at once, some of them empty, each of another height.
    let mut rows = BTreeMap::new();
    for (shard, count) in [0, 1, 2, 15, 16, 17, 0, 31, 32, 33, 64, 65, 0, 3, 129, 0]
        .into_iter()
        .enumerate()
    {
        fill(&mut rows, u8::try_from(shard).expect("sixteen"), count);
    }
    let tree = Honest::new(SLOT, &rows);
    for leaf in proved(&tree, &tree.log) {
        let result = contest(&tree.log, &leaf, &tree.shards);
        assert_eq!(result, Err(CoreError::NoContradiction));
    }
}

/// Whatever is said of a shard's leaves but what there are, an honest proof of the tree speaks against it: for every size
/// and every other count. What cannot even be shown as the checkpoint's shards is nobody's to restore.
#[test]
fn for_every_wrong_count_there_is_a_leaf_that_strikes_it_out() {
    for count in SIZES {
        let tree = of_size(count);
        for wrong in (0..80).chain([127, 128, 129, 256, 257, 1 << 20, (1 << 20) + 1, 1 << 24]) {
            if wrong == count {
                continue;
            }
            let (log, shards) = with_counts(&tree, |shards| shards[3].count = wrong);
            if checkpoint::require_shards(&log.entries[0], &mut shards.clone()).is_err() {
                let sum = tree.shards[3].root.sum;
                assert!(count == 0 || wrong == 0 || u64::from(wrong) > sum || wrong > 1 << 20);
                continue;
            }
            let struck = proved(&tree, &log)
                .iter()
                .any(|leaf| contest(&log, leaf, &shards).is_ok());
            assert!(struck, "{wrong} for {count}");
        }
    }
}

/// One leaf more here and one less there: the number of all is right.
#[test]
fn counts_that_add_up_are_evidence_as_well() {
    let mut rows = BTreeMap::new();
    fill(&mut rows, 2, 5);
    fill(&mut rows, 9, 20);
    let tree = Honest::new(SLOT, &rows);
    for by in 1..5u32 {
        let (log, shards) = with_counts(&tree, |shards| {
            shards[2].count -= by;
            shards[9].count += by;
        });
        let struck = proved(&tree, &log)
            .iter()
            .filter(|leaf| contest(&log, leaf, &shards).is_ok())
            .count();
        // Those behind the smaller count, the one it ends with, and the last of the other shard.
        assert_eq!(struck, by as usize + 2);
    }
}

/// What is shown has to be what the checkpoint commits to: nobody brings counts of their own.
#[test]
fn others_shards_are_refused() {
    let tree = of_size(20);
    let leaves = proved(&tree, &tree.log);
    for change in [
        |shards: &mut [ShardRoot; SHARDS]| shards[3].count = 19,
        |shards: &mut [ShardRoot; SHARDS]| shards[3].count = 400,
        |shards: &mut [ShardRoot; SHARDS]| shards.swap(3, 4),
        |shards: &mut [ShardRoot; SHARDS]| (shards[3].count, shards[5].count) = (19, 1),
        |shards: &mut [ShardRoot; SHARDS]| shards[3].root.sum += 1,
        |shards: &mut [ShardRoot; SHARDS]| shards[3].root.hash[0] ^= 1,
    ] {
        let mut shards = tree.shards;
        change(&mut shards);
        for leaf in &leaves {
            assert_eq!(contest(&tree.log, leaf, &shards), Err(CoreError::ShardsMismatch));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any place, any siblings and any number of them: a leaf or inner node of an honest tree is proved at its own place and
    /// with its own proof only, so that no shape but its own is ever held against the counts.
    #[test]
    fn no_other_shape_of_an_honest_leaf_is_proved(
        count in 0u32..70,
        noise in vec((any::<u32>(), any::<prop::sample::Index>(), 0usize..30), 1..30),
    ) {
        let tree = of_size(count);
        let prove = |leaf: &LeafEvidence, index, siblings: &[u8]| {
            let mut evidence = LeafEvidence { index, levels: 0, is_last: 0, ..*leaf };
            acts::prove_leaf(&PROGRAM, (&KEY, &tree.log), siblings, &mut evidence).map(|()| evidence)
        };
        let shown: Vec<_> = tree.nodes.iter().filter(|node| node.preimage[0] == 0).collect();
        for (own, leaf) in shown.iter().zip(&tree.leaves) {
            for (path, other, levels) in &noise {
                let other = other.get(&tree.nodes);
                let mut longer = own.siblings.clone();
                longer.resize(40 * levels, 0);
                let longer_than_other = [&own.siblings[..own.siblings.len().min(40 * levels)], &other.siblings].concat();
                for siblings in [&own.siblings, &other.siblings, &longer, &longer_than_other] {
                    for index in [leaf.index, *path, leaf.index ^ 1 << (path % 32), leaf.index | path << 20] {
                        let Ok(evidence) = prove(leaf, index, siblings) else {
                            continue;
                        };
                        prop_assert_eq!((index, evidence.levels, evidence.is_last), (leaf.index, leaf.levels, leaf.is_last));
                        prop_assert_eq!(
                            contest(&tree.log, &evidence, &tree.shards),
                            Err(CoreError::NoContradiction)
                        );
                    }
                }
            }
        }
    }

    /// A tree whose leaves are anywhere: whatever is said of how many there are, a leaf or a node of it is evidence, unless
    /// they are at the front and as many as said.
    #[test]
    fn a_gap_is_evidence_whatever_is_counted(places in proptest::collection::btree_set(0u32..64, 1..20), count in 1u32..70) {
        let tree = Scattered::new(&places);
        let (log, shards) = tree.said(count);
        let is_honest = places.iter().copied().eq(0..count) && checkpoint::canopy_height(count) == Some(2);
        let by_leaf = tree.leaves(&log).iter().any(|leaf| contest(&log, leaf, &shards).is_ok());
        prop_assert_eq!(by_leaf || tree.has_contested_node(&log), !is_honest);
    }
}

/// A tree of height 6 in shard 0 whose leaves are at any places.
struct Scattered {
    places: Vec<u32>,
    levels: Vec<Vec<Node>>,
    tops: Vec<Vec<Node>>,
}

impl Scattered {
    fn new(places: &std::collections::BTreeSet<u32>) -> Self {
        let tag = checkpoint::tag(&PROGRAM, &KEY, 0, SLOT);
        let mut row = vec![Node::zeroed(); 64];
        for place in places {
            row[*place as usize] = merkle::leaf(&tag, *place, &key_of(*place), &[7; 32], 1_000);
        }
        let up = |mut rows: Vec<Vec<Node>>| {
            while rows.last().is_some_and(|row| row.len() > 1) {
                rows.push(pairs(rows.last().expect("not empty")));
            }
            rows
        };
        let levels = up(vec![row]);
        let mut roots = vec![merkle::zero(4); SHARDS];
        roots[0] = levels[6][0];
        Self {
            places: places.iter().copied().collect(),
            levels,
            tops: up(vec![roots]),
        }
    }

    fn said(&self, count: u32) -> (CheckpointLog, [ShardRoot; SHARDS]) {
        let mut shards = [bulkhead_core::snapshots::root::empty_shard(); SHARDS];
        (shards[0].root, shards[0].count) = (self.levels[6][0], count);
        (honest_tree::log_with(&self.tops[4][0], &shards), shards)
    }

    /// Siblings of a node of the shard.
    fn siblings(&self, level: usize, place: usize) -> Vec<u8> {
        let own = self.levels[level..6]
            .iter()
            .enumerate()
            .map(|(up, row)| row[place >> up ^ 1]);
        let top = self.tops[..4].iter().map(|row| row[1]);
        own.chain(top)
            .flat_map(|node| bytemuck::bytes_of(&node).to_vec())
            .collect()
    }

    fn leaves(&self, log: &CheckpointLog) -> Vec<LeafEvidence> {
        let made = self.places.iter().map(|place| {
            let mut evidence = LeafEvidence {
                slot: SLOT,
                index: *place,
                key: key_of(*place).into(),
                owner: [7; 32].into(),
                amount: 1_000,
                ..LeafEvidence::zeroed()
            };
            let siblings = self.siblings(0, *place as usize);
            acts::prove_leaf(&PROGRAM, (&KEY, log), &siblings, &mut evidence).expect("a leaf");
            evidence
        });
        made.collect()
    }

    fn has_contested_node(&self, log: &CheckpointLog) -> bool {
        (1..=6).any(|level| {
            (0..self.levels[level].len()).any(|place| {
                let node = checkpoint::Revealed {
                    preimage: &honest_tree::children(&self.levels[level - 1], place),
                    sum: self.levels[level][place].sum,
                    path: u32::try_from(place).expect("few"),
                    siblings: &self.siblings(level, place),
                };
                acts::contest_node(&PROGRAM, (&KEY, &mut log.clone()), SLOT, &node).is_ok()
            })
        })
    }
}

fn key_of(place: u32) -> [u8; 32] {
    let mut key = [0; 32];
    key[1..5].copy_from_slice(&place.to_be_bytes());
    key
}

/// A sample whose leaf is there and cannot be claimed counts as one that was left out.
#[test]
fn a_sample_of_a_leaf_that_cannot_be_claimed_differs_by_all_of_it() {
    let tree = of_size(2);
    for (count, differed) in [(2, [0, 0]), (1, [0, 1_000]), (17, [1_000, 1_000]), (3, [0, 0])] {
        let (log, shards) = with_counts(&tree, |shards| shards[3].count = count);
        for (leaf, differed) in proved(&tree, &log).iter().zip(differed) {
            let sample = PositionSample {
                slot: SLOT,
                key: leaf.key,
                owner: leaf.owner,
                amount: leaf.amount,
                ..PositionSample::zeroed()
            };
            let compare = |shards| {
                let witness = Witness {
                    first: Some(leaf),
                    second: None,
                    shards,
                };
                acts::compare_sample(&mut log.clone(), &mut sample.clone(), &witness)
            };
            assert_eq!(compare(Some(&shards)), Ok(differed), "{count}");
            assert_eq!(compare(None), Err(CoreError::ShardsMismatch));
        }
    }
}

/// Who is left out behind the last leaf is shown by that leaf, whatever is counted.
#[test]
fn a_count_that_is_too_large_hides_nobody_behind_the_last_leaf() {
    let tree = of_size(2);
    let (log, _) = with_counts(&tree, |shards| shards[3].count = 9);
    let sample = PositionSample {
        slot: SLOT,
        key: [0x3f; 32].into(),
        owner: [7; 32].into(),
        amount: 50,
        ..PositionSample::zeroed()
    };
    let leaves = proved(&tree, &log);
    let compare = |first| {
        let witness = Witness {
            first: Some(first),
            ..Witness::default()
        };
        acts::compare_sample(&mut log.clone(), &mut sample.clone(), &witness)
    };
    assert_eq!(compare(&leaves[0]), Err(CoreError::NoContradiction));
    assert_eq!(compare(&leaves[1]), Ok(50));
}
