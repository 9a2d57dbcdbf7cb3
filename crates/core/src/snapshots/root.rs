//! A ledger's root over its sixteen shards, and the place of every shard's leaves in the claim bitmap.

use bulkhead_interface::{
    constants::{CANOPY, SHARD_SHIFT, SHARDS},
    layout::{Node, ShardRoot},
};
use bytemuck::Zeroable;

use crate::snapshots::merkle::{self, SumOverflow};

const _: () = assert!(SHARDS == CANOPY && SHARDS as u64 >> 4 == 1 && 1u64 << SHARD_SHIFT <= u32::MAX as u64 >> 4);

/// Numbers the leaves of all shards through and gives the ledger's root and the number of leaves.
///
/// Shard s starts at the number of leaves before it, so that claim bits are dense
/// ([`claims::locate`](crate::restoration::claims::locate)).
///
/// # Errors
/// [`SumOverflow`]
pub fn seal(shards: &mut [ShardRoot; SHARDS]) -> Result<(Node, u32), SumOverflow> {
    let mut roots = [Node::zeroed(); SHARDS];
    let mut leaves = 0u32;
    for (shard, root) in shards.iter_mut().zip(&mut roots) {
        shard.first = leaves;
        leaves = leaves.checked_add(shard.count).ok_or(SumOverflow)?;
        *root = shard.root;
    }
    Ok((merkle::over_sixteen(&roots)?, leaves))
}

/// The root of a shard without a leaf.
#[must_use]
pub fn empty_shard() -> ShardRoot {
    // Sixteen canopy nodes of height 0 are four levels of empty leaves.
    ShardRoot {
        root: merkle::zero(4),
        ..ShardRoot::zeroed()
    }
}
