//! The tree as its definition says it, recursively and without shortcuts, to compare the rules with.

#![allow(dead_code)]

use bulkhead_core::snapshots::{
    frontier::{FrontierError, Intake},
    merkle,
};
use bulkhead_interface::{
    Pubkey,
    layout::{Node, SnapshotShard},
};
use bytemuck::Zeroable;
use sha2::{Digest, Sha256};

pub const TAG: [u8; 32] = [0xa7; 32];

/// (key, owner, amount)
pub type Row = ([u8; 32], [u8; 32], u64);

/// `count` rows of one shard in ascending order.
pub fn rows(shard: u8, count: u32) -> Vec<Row> {
    (0..count)
        .map(|i| {
            let mut key = [0; 32];
            key[0] = shard << 4;
            key[3..7].copy_from_slice(&i.to_be_bytes());
            let owner = Sha256::digest(i.to_le_bytes()).into();
            (key, owner, u64::from(i) * 7919 % 1_000_003 + 1)
        })
        .collect()
}

pub fn shard(number: u8, rows: &[Row]) -> SnapshotShard {
    let mut shard = SnapshotShard {
        shard: number,
        tag: TAG,
        snapshot: Pubkey::new_from_array([3; 32]),
        ..SnapshotShard::zeroed()
    };
    for row in rows {
        append(&mut shard, row).unwrap();
    }
    shard
}

pub fn append(shard: &mut SnapshotShard, (key, owner, amount): &Row) -> Result<(), FrontierError> {
    Intake::new(shard)?.append(key, owner, *amount)
}

pub fn leaf(number: u8, place: u32, (key, owner, amount): &Row) -> Node {
    let index = u32::from(number) * (1 << 20) + place;
    let mut bytes = vec![0];
    bytes.extend(TAG);
    bytes.extend(index.to_le_bytes());
    bytes.extend(key);
    bytes.extend(owner);
    bytes.extend(amount.to_le_bytes());
    Node {
        hash: Sha256::digest(bytes).into(),
        sum: *amount,
    }
}

pub fn inner(left: &Node, right: &Node) -> Node {
    let mut bytes = vec![1];
    for node in [left, right] {
        bytes.extend(node.hash);
        bytes.extend(node.sum.to_le_bytes());
    }
    Node {
        hash: Sha256::digest(bytes).into(),
        sum: left.sum.checked_add(right.sum).unwrap(),
    }
}

/// Every level of the smallest tree of at least 16 leaves that holds `leaves`, leaves first.
pub fn levels(leaves: Vec<Node>) -> Vec<Vec<Node>> {
    let mut level = leaves;
    level.resize(level.len().next_power_of_two().max(16), Node::zeroed());
    let mut levels = vec![level];
    while levels.last().unwrap().len() > 1 {
        let above = levels
            .last()
            .unwrap()
            .chunks(2)
            .map(|pair| inner(&pair[0], &pair[1]))
            .collect();
        levels.push(above);
    }
    levels
}

/// Siblings of the leaf at `place`, up to the row of sixteen.
pub fn proof(levels: &[Vec<Node>], place: usize) -> Vec<u8> {
    levels
        .iter()
        .take_while(|level| level.len() > 16)
        .enumerate()
        .flat_map(|(height, level)| bytemuck::bytes_of(&level[(place >> height) ^ 1]).to_vec())
        .collect()
}

pub fn verify(shard: &SnapshotShard, place: u32, row: &Row, proof: &[u8]) -> Result<(), merkle::ProofError> {
    let index = merkle::leaf_index(shard.shard, place);
    merkle::verify_leaf(shard, shard.seal, index, &row.0, &row.1, row.2, proof)
}

/// Fields and bytes of two nodes.
pub fn assert_same(a: &Node, b: &Node) {
    assert_eq!((a.hash, a.sum), (b.hash, b.sum));
}
