//! Publication of a checkpoint's leaves: whoever has them sends them, and the program rebuilds the tree.
//!
//! A published tree is proved to be sound: keys ascend, each in its shard, and every sum is the sum of its leaves. Its
//! leaves are in the transaction history for everyone, so nobody can keep the tree to themselves.

use bulkhead_interface::{
    constants::SHARDS,
    layout::{Checkpoint, CheckpointLog, ShardRoot, SnapshotShard},
};

use super::{find, find_mut, require_shards};
use crate::{
    CoreError,
    snapshots::frontier::{self, Intake},
};

/// Size of a published leaf in bytes: key, owner, amount in little endian.
pub const LEAF_BYTES: usize = 72;

/// Are all its leaves published?
#[must_use]
pub fn is_published(entry: &Checkpoint) -> bool {
    entry.published == u16::MAX
}

/// Appends the next leaves of a shard, in ascending order of their keys.
///
/// # Errors
/// [`CoreError::InvalidProof`] for a truncated leaf or a zero-amount leaf, [`CoreError::from`]
pub fn publish(shard: &mut SnapshotShard, leaves: &[u8]) -> Result<(), CoreError> {
    let (leaves, rest) = leaves.as_chunks::<LEAF_BYTES>();
    if !rest.is_empty() {
        return Err(CoreError::InvalidProof);
    }
    let mut intake = Intake::new(shard).map_err(CoreError::from)?;
    for leaf in leaves {
        let parts = leaf.split_first_chunk::<32>().and_then(|(key, rest)| {
            let (owner, amount) = rest.split_first_chunk::<32>()?;
            Some((key, owner, u64::from_le_bytes(*amount.first_chunk()?)))
        });
        let (key, owner, amount) = parts.ok_or(CoreError::InvalidProof)?;
        if amount == 0 {
            return Err(CoreError::InvalidProof);
        }
        intake.append(key, owner, amount).map_err(CoreError::from)?;
    }
    Ok(())
}

/// Completes a shard after all its leaves were appended, and marks it published if it matches the checkpoint. `shards`
/// are what the checkpoint commits to. This also publishes shards without a leaf. Returns whether all shards are
/// published.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::ShardsMismatch`], [`CoreError::from`]
pub fn finish_publication(
    log: &mut CheckpointLog,
    slot: u64,
    shard: &mut SnapshotShard,
    shards: &[ShardRoot; SHARDS],
) -> Result<bool, CoreError> {
    require_shards(find(log, slot)?, &mut shards.clone())?;
    let made = frontier::finish(shard).map_err(CoreError::from)?;
    let number = usize::from(shard.shard);
    let expected = shards.get(number).ok_or(CoreError::ShardsMismatch)?;
    let is_same =
        made.root.hash == expected.root.hash && made.root.sum == expected.root.sum && made.count == expected.count;
    if !is_same {
        return Err(CoreError::ShardsMismatch);
    }
    let entry = find_mut(log, slot)?;
    for (other, bit) in shards.iter().zip(0u32..) {
        if other.count == 0 || bit == u32::from(shard.shard) {
            entry.published |= 1u16.unbounded_shl(bit);
        }
    }
    Ok(is_published(entry))
}
