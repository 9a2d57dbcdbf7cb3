//! From a checkpoint to a snapshot that a ballot can choose and claims are proved against.

use bulkhead_interface::{
    constants::{CANOPY, MAX_CANOPY_HEIGHT, SHARDS, checkpoint_state, log_flag, snapshot_state},
    layout::{Checkpoint, CheckpointLog, Node, ShardRoot, SnapshotShard},
};

use super::{entries, exceeds, find, is_published, shards_hash};
use crate::{
    CoreError,
    snapshots::{
        merkle,
        root::{self, empty_shard},
    },
};

/// The checkpoint of `slot`, if a ballot may choose it after an incident whose breach was in `breach`: attested, not
/// contested, and posted before. One posted afterwards could have been made up with the theft in view. One from before
/// the ledger's last restoration was already paid by it. Tolerance, attesters and the publication requirement are those
/// of the log when the checkpoint was posted: a later change of the rules does not affect it.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::CheckpointContested`], [`CoreError::CheckpointNotAttested`],
/// [`CoreError::CheckpointAfterBreach`], [`CoreError::CheckpointRestored`], [`CoreError::CheckpointNotPublished`],
/// [`CoreError::CheckpointDoubted`]
pub fn require_usable(log: &CheckpointLog, slot: u64, breach: u64) -> Result<&Checkpoint, CoreError> {
    let entry = find(log, slot)?;
    check_usable(log, entry, breach)?;
    Ok(entry)
}

fn check_usable(log: &CheckpointLog, entry: &Checkpoint, breach: u64) -> Result<(), CoreError> {
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
    Ok(())
}

/// Slot of the newest checkpoint that [`require_usable`] accepts and that was posted at or before `latest_ts`.
#[must_use]
pub fn newest_usable(log: &CheckpointLog, breach: u64, latest_ts: i64) -> Option<u64> {
    entries(log)
        .filter(|entry| entry.posted_ts <= latest_ts && check_usable(log, entry, breach).is_ok())
        .map(|entry| entry.slot)
        .max()
}

/// Must the snapshot of the checkpoint of `slot` be voided because of later findings? Any condition that prevents its
/// restoration also voids it; otherwise it could win a vote and never give way. The exception is a later restoration:
/// it was of this snapshot, or of another that ended its vote.
///
/// # Errors
/// [`CoreError::CheckpointStands`]
pub fn require_unusable(log: &CheckpointLog, slot: u64, breach: u64) -> Result<(), CoreError> {
    match require_usable(log, slot, breach) {
        Ok(_) | Err(CoreError::CheckpointRestored) => Err(CoreError::CheckpointStands),
        Err(_) => Ok(()),
    }
}

/// Numbers the leaves of all shards, and requires that the shards are the checkpoint's. The tree they form must have
/// its root, total and count. Their counts must be those it was posted with. A shard must have no leaf if and only if
/// its root is the empty root, and no more leaves than its sum and its room allow. Every operation that receives shards
/// (opening, publishing, comparing, contesting) performs this check: root and counts are committed separately, so a
/// shard said to be empty could have a sum. A count can still be wrong: leaves of the tree are evidence of that
/// ([`super::contest`]).
///
/// # Errors
/// [`CoreError::ShardsMismatch`]
pub fn require_shards(entry: &Checkpoint, shards: &mut [ShardRoot; SHARDS]) -> Result<(), CoreError> {
    let (root, count) = root::seal(shards).map_err(|_| CoreError::ShardsMismatch)?;
    let nothing = empty_shard().root;
    let is_empty = |shard: &ShardRoot| shard.root.hash == nothing.hash && shard.root.sum == nothing.sum;
    // Every leaf has a nonzero amount.
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

/// Levels below the canopy of a shard of `count` leaves: the fewest at which sixteen canopy nodes cover them.
#[must_use]
pub fn canopy_height(count: u32) -> Option<u8> {
    let canopy = u32::try_from(CANOPY).ok()?;
    let most = u8::try_from(MAX_CANOPY_HEIGHT).ok()?;
    (0..=most).find(|height| canopy.unbounded_shl(u32::from(*height)) >= count)
}

/// Fills a shard that was never read on chain with its canopy, and seals it, if the canopy hashes to `expected`.
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
