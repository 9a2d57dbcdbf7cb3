//! From a checkpoint to a snapshot that a ballot can choose and claims are proved against.

use bulkhead_interface::{
    constants::{CAPS, MAX_CAP_HEIGHT, SHARDS, checkpoint_state, snapshot_state},
    layout::{Checkpoint, CheckpointLog, Node, ShardRoot, SnapshotShard},
};

use super::{CheckpointError, find, shards_hash};
use crate::merkle;

/// The checkpoint of `slot`, if a ballot may choose it after an incident whose breach was in `breach`:
/// attested, not contested, and posted before. What was posted afterwards could have been made up with
/// the theft in view.
///
/// # Errors
/// [`CheckpointError::Missing`], [`CheckpointError::Contested`], [`CheckpointError::NotAttested`],
/// [`CheckpointError::NotBeforeBreach`]
pub fn require_usable(log: &CheckpointLog, slot: u64, breach: u64) -> Result<&Checkpoint, CheckpointError> {
    let entry = find(log, slot)?;
    match entry.state {
        checkpoint_state::ATTESTED if entry.slot < breach && entry.posted_slot < breach => Ok(entry),
        checkpoint_state::ATTESTED => Err(CheckpointError::NotBeforeBreach),
        checkpoint_state::CONTESTED => Err(CheckpointError::Contested),
        _ => Err(CheckpointError::NotAttested),
    }
}

/// Numbers the shards' leaves through, and requires that they are the checkpoint's: the tree they
/// make has its root, total and count, and their counts are those it was posted with.
///
/// # Errors
/// [`CheckpointError::WrongShards`]
pub fn require_shards(entry: &Checkpoint, shards: &mut [ShardRoot; SHARDS]) -> Result<(), CheckpointError> {
    let (root, count) = crate::root::seal(shards).map_err(|_| CheckpointError::WrongShards)?;
    let is_same = root.hash == entry.root
        && root.sum == entry.total
        && u64::from(count) == entry.count
        && shards_hash(shards) == entry.shards_hash;
    if is_same {
        Ok(())
    } else {
        Err(CheckpointError::WrongShards)
    }
}

/// Levels below the caps of a shard of `count` leaves: the least at which sixteen caps hold them.
#[must_use]
pub fn cap_height(count: u32) -> Option<u8> {
    let caps = u32::try_from(CAPS).ok()?;
    let most = u8::try_from(MAX_CAP_HEIGHT).ok()?;
    (0..=most).find(|height| caps.unbounded_shl(u32::from(*height)) >= count)
}

/// Fills a shard that was never read on chain with its caps, and seals it, if they make `expected`.
///
/// # Errors
/// [`CheckpointError::WrongShards`]
pub fn seal_shard(shard: &mut SnapshotShard, expected: &ShardRoot, caps: &[Node; CAPS]) -> Result<(), CheckpointError> {
    let root = merkle::over_sixteen(caps).map_err(|_| CheckpointError::WrongShards)?;
    let height = cap_height(expected.count).ok_or(CheckpointError::WrongShards)?;
    if root.hash != expected.root.hash || root.sum != expected.root.sum || expected.count == 0 {
        return Err(CheckpointError::WrongShards);
    }
    let width = 1u32.unbounded_shl(u32::from(height));
    shard.cap_height = height;
    shard.cap_count = u8::try_from(expected.count.div_ceil(width)).map_err(|_| CheckpointError::WrongShards)?;
    shard.sum = root.sum;
    shard.count = expected.count;
    shard.caps = *caps;
    shard.state = snapshot_state::SEALED;
    Ok(())
}
