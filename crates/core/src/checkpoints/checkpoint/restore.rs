//! From a checkpoint to a snapshot that a ballot can choose and claims are proved against.

use bulkhead_interface::{
    constants::{CANOPY, MAX_CANOPY_HEIGHT, SHARDS, checkpoint_state, log_flag, snapshot_state},
    layout::{Checkpoint, CheckpointLog, Node, ShardRoot, SnapshotShard},
};

use super::{exceeds, find, is_published, shards_hash};
use crate::{
    CoreError,
    snapshots::{
        merkle,
        root::{self, empty_shard},
    },
};

/// The checkpoint of `slot`, if a ballot may choose it after an incident whose breach was in `breach`: attested, not
/// contested, and posted before. What was posted afterwards could have been made up with the theft in view. What is
/// from before the ledger's last restoration was paid by it. Tolerance, attesters and whether its leaves have to be
/// published are as the log had them when it was posted: a decision on later rules is none on what is there.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::CheckpointContested`], [`CoreError::CheckpointNotAttested`],
/// [`CoreError::CheckpointAfterBreach`], [`CoreError::CheckpointRestored`], [`CoreError::CheckpointNotPublished`],
/// [`CoreError::CheckpointDoubted`]
pub fn require_usable(log: &CheckpointLog, slot: u64, breach: u64) -> Result<&Checkpoint, CoreError> {
    let entry = find(log, slot)?;
    match entry.state {
        checkpoint_state::CONTESTED => return Err(CoreError::CheckpointContested),
        checkpoint_state::ATTESTED => {}
        _ => return Err(CoreError::CheckpointNotAttested),
    }
    if entry.slot >= breach || entry.posted_slot >= breach {
        return Err(CoreError::CheckpointAfterBreach);
    }
    if entry.slot <= log.restored_slot {
        return Err(CoreError::CheckpointRestored);
    }
    if entry.flags & log_flag::PUBLISHED_ONLY != 0 && !is_published(entry) {
        return Err(CoreError::CheckpointNotPublished);
    }
    if exceeds(entry.tolerance_bps, entry.differed, entry.total.max(entry.host_total)) {
        return Err(CoreError::CheckpointDoubted);
    }
    Ok(entry)
}

/// Must the snapshot of the checkpoint of `slot` go, because of what came out after it was opened? Whatever keeps it from
/// being restored takes it away as well, or it could win a vote and never make way. But for a restoration since: that was
/// of this snapshot, or of another that ended its vote.
///
/// # Errors
/// [`CoreError::CheckpointStands`]
pub fn require_unusable(log: &CheckpointLog, slot: u64, breach: u64) -> Result<(), CoreError> {
    match require_usable(log, slot, breach) {
        Ok(_) | Err(CoreError::CheckpointRestored) => Err(CoreError::CheckpointStands),
        Err(_) => Ok(()),
    }
}

/// Numbers the shards' leaves through, and requires that they are the checkpoint's: the tree they make has its root,
/// total and count, their counts are those it was posted with, a shard has no leaf if and only if its root is that of
/// nothing, and no more than its sum and its room allow. Whoever is shown shards, to open, to publish, to compare or to
/// contest, asks this: root and counts are committed to apart, so that a shard said to have no leaf could have a sum. A
/// count can be wrong still: leaves of the tree are evidence of that ([`super::contest`]).
///
/// # Errors
/// [`CoreError::ShardsMismatch`]
pub fn require_shards(entry: &Checkpoint, shards: &mut [ShardRoot; SHARDS]) -> Result<(), CoreError> {
    let (root, count) = root::seal(shards).map_err(|_| CoreError::ShardsMismatch)?;
    let nothing = empty_shard().root;
    let is_empty = |shard: &ShardRoot| shard.root.hash == nothing.hash && shard.root.sum == nothing.sum;
    // Every leaf has an amount.
    let is_sound = |shard: &ShardRoot| {
        (shard.count == 0) == is_empty(shard)
            && u64::from(shard.count) <= shard.root.sum
            && canopy_height(shard.count).is_some()
    };
    let is_same = shards.iter().all(is_sound)
        && root.hash == entry.root
        && root.sum == entry.total
        && count == entry.count
        && shards_hash(shards) == entry.shards_hash;
    if is_same {
        Ok(())
    } else {
        Err(CoreError::ShardsMismatch)
    }
}

/// Levels below the caps of a shard of `count` leaves: the least at which sixteen caps hold them.
#[must_use]
pub fn canopy_height(count: u32) -> Option<u8> {
    let canopy = u32::try_from(CANOPY).ok()?;
    let most = u8::try_from(MAX_CANOPY_HEIGHT).ok()?;
    (0..=most).find(|height| canopy.unbounded_shl(u32::from(*height)) >= count)
}

/// Fills a shard that was never read on chain with its caps, and seals it, if they make `expected`.
///
/// # Errors
/// [`CoreError::ShardsMismatch`]
pub fn seal_shard(shard: &mut SnapshotShard, expected: &ShardRoot, canopy: &[Node; CANOPY]) -> Result<(), CoreError> {
    let root = merkle::over_sixteen(canopy).map_err(|_| CoreError::ShardsMismatch)?;
    let height = canopy_height(expected.count).ok_or(CoreError::ShardsMismatch)?;
    if root.hash != expected.root.hash || root.sum != expected.root.sum || expected.count == 0 {
        return Err(CoreError::ShardsMismatch);
    }
    let width = 1u32.unbounded_shl(u32::from(height));
    shard.canopy_height = height;
    shard.canopy_count = u8::try_from(expected.count.div_ceil(width)).map_err(|_| CoreError::ShardsMismatch)?;
    shard.sum = root.sum;
    shard.count = expected.count;
    shard.canopy = *canopy;
    shard.state = snapshot_state::SEALED;
    Ok(())
}
