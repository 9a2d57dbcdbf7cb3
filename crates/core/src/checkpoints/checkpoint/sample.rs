//! Compares what the program read in a checkpoint's own slot with the checkpoint's leaves.

use bulkhead_interface::{
    constants::{SHARD_SHIFT, SHARDS, sample_state},
    layout::{CheckpointLog, LeafEvidence, PositionSample, ShardRoot},
};

use super::{can_be_claimed, find, find_mut, place_in_shard, require_shards};
use crate::{CoreError, snapshots::merkle};

/// Evidence of a checkpoint's statement about a position.
#[derive(Clone, Copy, Default)]
pub struct Witness<'a> {
    /// The position's own leaf, or one beside its place.
    pub first: Option<&'a LeafEvidence>,
    /// The leaf on the other side of that place.
    pub second: Option<&'a LeafEvidence>,
    /// The checkpoint's shards, to prove that the position's own leaf can be claimed, or that its shard is empty.
    pub shards: Option<&'a [ShardRoot; SHARDS]>,
}

/// Compares a sample with the checkpoint of its slot, once, and records the difference: 0 when they agree. A different
/// owner, a leaf that the checkpoint's counts let nobody claim, or a missing position counts with its whole amount.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::EvidenceUsed`], [`CoreError::ShardsMismatch`],
/// [`CoreError::NoContradiction`] when the witness says nothing about the position
pub fn compare(log: &mut CheckpointLog, sample: &mut PositionSample, witness: &Witness) -> Result<u64, CoreError> {
    if sample.state != sample_state::TAKEN {
        return Err(CoreError::EvidenceUsed);
    }
    let entry = find(log, sample.slot)?;
    let belongs = |leaf: Option<&LeafEvidence>| leaf.is_none_or(|leaf| leaf.checkpoint == entry.hash);
    if !belongs(witness.first) || !belongs(witness.second) {
        return Err(CoreError::NoSuchCheckpoint);
    }
    if let Some(shards) = witness.shards {
        require_shards(entry, &mut shards.clone())?;
    }
    let difference = match witness.first {
        Some(leaf) if leaf.key == sample.key => {
            let shards = witness.shards.ok_or(CoreError::ShardsMismatch)?;
            if leaf.owner == sample.owner && can_be_claimed(leaf, shards) {
                leaf.amount.abs_diff(sample.amount)
            } else {
                leaf.amount.max(sample.amount)
            }
        }
        _ if is_absent(sample, witness) => sample.amount,
        _ => return Err(CoreError::NoContradiction),
    };
    sample.state = sample_state::COMPARED;
    let entry = find_mut(log, sample.slot)?;
    if difference == 0 {
        entry.agreed = entry.agreed.saturating_add(sample.amount);
    } else {
        entry.differed = entry.differed.saturating_add(difference);
    }
    Ok(difference)
}

/// Does the checkpoint have no leaf for the position? Proved by neighbours on either side of it, a first leaf beyond
/// it, a last leaf before it, or a shard without leaves.
fn is_absent(sample: &PositionSample, witness: &Witness) -> bool {
    let number = merkle::shard_of(sample.key.as_array());
    let is_own = |leaf: &LeafEvidence| leaf.index >> SHARD_SHIFT == u32::from(number);
    let is_before = |leaf: &LeafEvidence| is_own(leaf) && leaf.key.as_array() < sample.key.as_array();
    let is_after = |leaf: &LeafEvidence| is_own(leaf) && leaf.key.as_array() > sample.key.as_array();
    match (witness.first, witness.second) {
        (None, None) => {
            let shard = witness.shards.and_then(|shards| shards.get(usize::from(number)));
            shard.is_some_and(|shard| shard.count == 0)
        }
        (Some(a), Some(b)) => is_before(a) && is_after(b) && a.index.checked_add(1) == Some(b.index),
        (Some(leaf), None) | (None, Some(leaf)) => {
            is_after(leaf) && place_in_shard(leaf.index) == 0 || is_before(leaf) && leaf.is_last != 0
        }
    }
}
