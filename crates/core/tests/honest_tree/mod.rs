//! A log with a checkpoint of an honest tree, every node of which can be shown.
#![allow(dead_code)] // Each test uses some of it.

use std::collections::BTreeMap;

use bulkhead_core::{
    CoreError, acts,
    checkpoints::checkpoint::{self, Claim, Moment, Revealed, Seen},
    snapshots::{
        frontier::{self, Intake},
        merkle, root,
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, SHARDS, checkpoint_state, role},
    layout::{CheckpointLog, Council, LeafEvidence, Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

pub const KEY: Pubkey = Pubkey::new_from_array([9; 32]);
pub const PROGRAM: Pubkey = Pubkey::new_from_array([8; 32]);
pub const SLOT: u64 = 599;

pub fn council() -> Council {
    let mut council = Council::zeroed();
    council.member_count = 3;
    for (member, number) in council.members.iter_mut().zip(1..=3) {
        member.key = Pubkey::new_from_array([number; 32]);
        member.roles = role::ATTESTER;
    }
    council
}

pub fn empty_log() -> CheckpointLog {
    CheckpointLog {
        threshold: 2,
        min_interval_slots: MIN_CHECKPOINT_INTERVAL,
        keep_seconds: MIN_KEEP_SECONDS,
        tolerance_bps: 100,
        ..CheckpointLog::zeroed()
    }
}

/// What an attester says of a tree at a slot; every slot has the same hash.
pub fn claim(slot: u64, root: &Node, shards: &[ShardRoot; SHARDS]) -> Claim {
    Claim {
        slot,
        slot_hash: [3; 32],
        root: root.hash,
        total: root.sum,
        count: shards.iter().map(|shard| u64::from(shard.count)).sum(),
        shards_hash: checkpoint::shards_hash(shards),
    }
}

/// A log with one checkpoint of this root.
pub fn log_with(root: &Node, shards: &[ShardRoot; SHARDS]) -> CheckpointLog {
    let mut log = empty_log();
    let claim = claim(SLOT, root, shards);
    let slot_hashes = [&1u64.to_le_bytes()[..], &SLOT.to_le_bytes(), &[3; 32]].concat();
    let seen = Seen {
        slot_hashes: &slot_hashes,
        host_total: root.sum,
    };
    let at = Moment { slot: 600, now: 0 };
    checkpoint::post(&mut log, &KEY, &council(), 0, &claim, &seen, at).expect("it is posted");
    log
}

pub fn posted() -> (CheckpointLog, Council) {
    let shards = [root::empty_shard(); SHARDS];
    (log_with(&Node::zeroed(), &shards), council())
}

/// An honest tree, every node with its preimage, its path and its siblings.
pub struct Honest {
    pub log: CheckpointLog,
    pub root: Node,
    pub shards: [ShardRoot; SHARDS],
    pub leaves: Vec<LeafEvidence>,
    pub nodes: Vec<Shown>,
}

pub struct Shown {
    pub preimage: Vec<u8>,
    pub sum: u64,
    pub path: u32,
    pub siblings: Vec<u8>,
}

impl Shown {
    pub fn revealed(&self) -> Revealed<'_> {
        Revealed {
            preimage: &self.preimage,
            sum: self.sum,
            path: self.path,
            siblings: &self.siblings,
        }
    }
}

/// A shard: its number, its height, its nodes by level, and what they are hashed from.
type Levels = (u8, u32, Vec<Vec<Node>>, Vec<Vec<u8>>);

impl Honest {
    /// Of rows of key and amount, in any order.
    pub fn new(slot: u64, rows: &BTreeMap<[u8; 32], u64>) -> Self {
        let tag = checkpoint::tag(&PROGRAM, &KEY, 0, slot);
        let owner = [7; 32];
        let mut shards = [root::empty_shard(); SHARDS];
        let mut made: Vec<Levels> = vec![];
        let mut leaves = vec![];
        for number in 0..16u8 {
            let mut shard = SnapshotShard {
                shard: number,
                tag,
                ..SnapshotShard::zeroed()
            };
            let own: Vec<_> = rows.iter().filter(|(key, _)| merkle::shard_of(key) == number).collect();
            let mut intake = Intake::new(&mut shard).expect("open");
            for (key, amount) in &own {
                intake.append(key, &owner, **amount).expect("ascending");
            }
            drop(intake);
            shards[usize::from(number)] = frontier::finish(&mut shard).expect("open");
            // The same shard, level by level.
            let height = u32::from(shard.canopy_height);
            let mut preimages = vec![];
            let mut row: Vec<Node> = vec![];
            for ((key, amount), place) in own.iter().zip(0..) {
                let index = merkle::leaf_index(number, place);
                row.push(merkle::leaf(&tag, index, key, &owner, **amount));
                let (index_bytes, amount_bytes) = (index.to_le_bytes(), amount.to_le_bytes());
                preimages.push([&[0][..], &tag, &index_bytes, &key[..], &owner, &amount_bytes].concat());
                leaves.push(LeafEvidence {
                    index,
                    amount: **amount,
                    slot,
                    key: (**key).into(),
                    owner: owner.into(),
                    levels: u8::try_from(height + 8).expect("few"),
                    is_last: u8::from(place as usize + 1 == own.len()),
                    ..LeafEvidence::zeroed()
                });
            }
            row.resize(16 << height, Node::zeroed());
            let mut levels = vec![row];
            while levels.last().is_some_and(|row| row.len() > 1) {
                let above = pairs(levels.last().expect("not empty"));
                levels.push(above);
            }
            assert!(levels.last().expect("the root")[0].hash == shards[usize::from(number)].root.hash);
            made.push((number, height, levels, preimages));
        }
        let mut tops = vec![shards.map(|shard| shard.root).to_vec()];
        while tops.last().is_some_and(|row| row.len() > 1) {
            let above = pairs(tops.last().expect("not empty"));
            tops.push(above);
        }
        let mut sealed = shards;
        let (root, _) = root::seal(&mut sealed).expect("small sums");
        assert!(root.hash == tops[4][0].hash);
        let log = log_with(&root, &shards);
        let mut nodes = vec![];
        for (number, height, levels, preimages) in &made {
            let depth = *height as usize + 4;
            for level in 0..=depth {
                for place in 0..levels[level].len() {
                    let preimage = match level {
                        0 => match preimages.get(place) {
                            Some(preimage) => preimage.clone(),
                            // Nothing hashes to what is not there.
                            None => continue,
                        },
                        _ => children(&levels[level - 1], place),
                    };
                    let mut siblings = vec![];
                    let mut at = place;
                    for row in &levels[level..depth] {
                        siblings.extend_from_slice(bytemuck::bytes_of(&row[at ^ 1]));
                        at /= 2;
                    }
                    let mut at = usize::from(*number);
                    for row in &tops[..4] {
                        siblings.extend_from_slice(bytemuck::bytes_of(&row[at ^ 1]));
                        at /= 2;
                    }
                    nodes.push(Shown {
                        preimage,
                        sum: levels[level][place].sum,
                        path: u32::try_from(place).expect("small") | u32::from(*number) << (depth - level),
                        siblings,
                    });
                }
            }
        }
        for level in 1..=4 {
            for place in 0..tops[level].len() {
                let mut siblings = vec![];
                let mut at = place;
                for row in &tops[level..4] {
                    siblings.extend_from_slice(bytemuck::bytes_of(&row[at ^ 1]));
                    at /= 2;
                }
                nodes.push(Shown {
                    preimage: children(&tops[level - 1], place),
                    sum: tops[level][place].sum,
                    path: u32::try_from(place).expect("small"),
                    siblings,
                });
            }
        }
        for leaf in &mut leaves {
            leaf.checkpoint = log.entries[0].hash;
        }
        Self {
            log,
            root,
            shards,
            leaves,
            nodes,
        }
    }

    pub fn contest(&self, node: &Revealed) -> Result<[u8; 32], CoreError> {
        let mut log = self.log;
        let result = acts::contest_node(&PROGRAM, (&KEY, &mut log), SLOT, node);
        assert_eq!(log.entries[0].state == checkpoint_state::CONTESTED, result.is_ok());
        result
    }
}

/// Sixteen shards, all said to be the same, in a log of their own.
pub fn with_counts(
    tree: &Honest,
    change: impl FnOnce(&mut [ShardRoot; SHARDS]),
) -> (CheckpointLog, [ShardRoot; SHARDS]) {
    let mut shards = tree.shards;
    change(&mut shards);
    (log_with(&tree.root, &shards), shards)
}

pub fn pairs(row: &[Node]) -> Vec<Node> {
    row.chunks(2)
        .map(|pair| merkle::inner(&pair[0], &pair[1]).expect("small sums"))
        .collect()
}

pub fn children(below: &[Node], place: usize) -> Vec<u8> {
    [&[1][..], bytemuck::cast_slice(&below[2 * place..2 * place + 2])].concat()
}
