//! Where a leaf of the snapshot is recorded, and whether a position was a leaf of it.
//!
//! The snapshot may be sealed again after the share-out was opened. What claims were paid by is the earlier root, whose
//! dense places the share-out keeps.

use bulkhead_interface::{
    Pubkey,
    constants::{CLAIMS_PER_PAGE, SHARD_SHIFT, proved},
    layout::{Interim, ProvedLeaf},
};

use crate::{CoreError, restoration::claims::ClaimPlace, snapshots::merkle};

/// The bits of an index that count within the shard.
const WITHIN_SHARD: u32 = u32::MAX >> (32 - SHARD_SHIFT);

/// Number of leaves in one of the snapshot's shards when the share-out was opened.
fn count_of(interim: &Interim, shard: u32) -> u32 {
    let Ok(shard) = usize::try_from(shard) else { return 0 };
    let Some(first) = interim.snapshot_firsts.get(shard) else {
        return 0;
    };
    let next = shard.checked_add(1).and_then(|next| interim.snapshot_firsts.get(next));
    let end = next.copied().map_or(interim.snapshot_count, u64::from);
    u32::try_from(end.saturating_sub(u64::from(*first))).unwrap_or(0)
}

/// The place of a leaf of the snapshot.
#[must_use]
pub fn locate(interim: &Interim, index: u32) -> Option<ClaimPlace> {
    let shard = index.unbounded_shr(SHARD_SHIFT);
    let within = index & WITHIN_SHARD;
    if within >= count_of(interim, shard) {
        return None;
    }
    let first = interim.snapshot_firsts.get(usize::try_from(shard).ok()?)?;
    let dense = first.checked_add(within)?;
    Some(ClaimPlace {
        page: u16::try_from(dense.checked_div(CLAIMS_PER_PAGE)?).ok()?,
        at: dense.checked_rem(CLAIMS_PER_PAGE)?,
    })
}

/// The place of the position's leaf in the snapshot, if it was a leaf of `owner`: there it is recorded what was paid.
/// `None` for a position that was no leaf of the snapshot, or somebody else's: nothing was paid to this owner.
///
/// Keys ascend within a shard. So two neighbours around a key prove that it is missing, and so does the first leaf of
/// its shard, or the last, when it is beyond that end.
///
/// # Errors
/// [`CoreError::InterimProofMissing`]
pub fn find(
    interim: &Interim,
    leaves: &[ProvedLeaf; 2],
    key: &Pubkey,
    owner: &Pubkey,
) -> Result<Option<ClaimPlace>, CoreError> {
    let of_snapshot = |leaf: &&ProvedLeaf| leaf.of == proved::SNAPSHOT;
    if let Some(leaf) = leaves.iter().filter(of_snapshot).find(|leaf| leaf.key == *key) {
        let place = locate(interim, leaf.index).ok_or(CoreError::InterimProofMissing)?;
        return Ok((leaf.owner == *owner).then_some(place));
    }
    let shard = u32::from(merkle::shard_of(key.as_array()));
    let count = count_of(interim, shard);
    let in_shard = |leaf: &&ProvedLeaf| leaf.index.unbounded_shr(SHARD_SHIFT) == shard;
    let near = || leaves.iter().filter(of_snapshot).filter(in_shard);
    let within = |leaf: &ProvedLeaf| leaf.index & WITHIN_SHARD;
    let left = near()
        .filter(|leaf| leaf.key.as_array() < key.as_array())
        .map(within)
        .max();
    let right = near()
        .filter(|leaf| leaf.key.as_array() > key.as_array())
        .map(within)
        .min();
    let next = left.and_then(|left| left.checked_add(1));
    let is_missing = count == 0 || right == Some(0) || next == Some(count) || (next.is_some() && next == right);
    if is_missing {
        Ok(None)
    } else {
        Err(CoreError::InterimProofMissing)
    }
}
