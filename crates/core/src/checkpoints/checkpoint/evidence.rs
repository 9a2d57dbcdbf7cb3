//! Contradictions in a checkpoint: leaves and nodes of its own tree that no honest tree contains.

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_CANOPY_HEIGHT, SHARD_SHIFT, SHARDS, checkpoint_state},
    layout::{CheckpointLog, LeafEvidence, Node, ShardRoot},
};

use super::{Claim, canopy_height, entry_hash, find, log::find_mut, require_shards};
use crate::{
    CoreError,
    hash::sha256,
    snapshots::merkle::{self, NODE_BYTES, ProofError},
};

/// Levels over the shards.
const SHARD_LEVELS: usize = 4;
/// Levels a tree can have: below the canopy, over the canopy, over the shards.
pub const MAX_DEPTH: usize = MAX_CANOPY_HEIGHT + 2 * SHARD_LEVELS;

/// Is the leaf at `index` of the tree with this root and total? `siblings` lead up to the root, 40 bytes each.
///
/// # Errors
/// [`ProofError`]
pub fn verify_to_root(leaf: &Node, index: u32, siblings: &[u8], root: &[u8; 32], total: u64) -> Result<(), ProofError> {
    let levels = siblings.len().checked_div(NODE_BYTES).unwrap_or(0);
    let Some(below) = levels.checked_sub(SHARD_LEVELS).filter(|_| levels <= MAX_DEPTH) else {
        return Err(ProofError::WrongLength);
    };
    let (shard, place) = (index >> SHARD_SHIFT, index & (u32::MAX >> (32 - SHARD_SHIFT)));
    let above = u32::try_from(below).map_or(0, |below| place.unbounded_shr(below));
    if above != 0 || shard as usize >= SHARDS {
        return Err(ProofError::WrongIndex);
    }
    let Some((lower, upper)) = siblings.split_at_checked(below.saturating_mul(NODE_BYTES)) else {
        return Err(ProofError::WrongLength);
    };
    let node = merkle::fold_proof(leaf, place, lower)?;
    let node = merkle::fold_proof(&node, shard, upper)?;
    if node.hash == *root && node.sum == total {
        Ok(())
    } else {
        Err(ProofError::Mismatch)
    }
}

/// Is this the last leaf of its shard? Leaves are contiguous, so the nearest sibling on its right answers for all of
/// them: in an honest tree a node's sum is zero if and only if there is no leaf below it. [`verify_to_root`] must have
/// accepted the proof.
#[must_use]
pub fn is_last(index: u32, siblings: &[u8]) -> bool {
    let place = place_in_shard(index);
    let (siblings, _) = siblings.as_chunks::<NODE_BYTES>();
    let in_shard = siblings.get(..siblings.len().saturating_sub(SHARD_LEVELS));
    let nearest = usize::try_from(place.trailing_ones())
        .ok()
        .and_then(|level| in_shard?.get(level));
    nearest.is_none_or(|node| bytemuck::pod_read_unaligned::<Node>(node).sum == 0)
}

/// Index of a leaf within its shard.
pub(super) const fn place_in_shard(index: u32) -> u32 {
    index & !u32::MAX.unbounded_shl(SHARD_SHIFT)
}

/// Do the checkpoint's `shards` let the leaf be claimed: is its index below the count, and does its proof have the
/// length that the count implies?
#[must_use]
pub fn can_be_claimed(leaf: &LeafEvidence, shards: &[ShardRoot; SHARDS]) -> bool {
    let count = count_of(leaf, shards);
    let levels = canopy_height(count).map(|height| usize::from(height).saturating_add(2 * SHARD_LEVELS));
    place_in_shard(leaf.index) < count && levels == Some(leaf.levels.into())
}

/// Does the stated count of the leaf's shard differ from the tree's? A leaf that cannot be claimed proves this. So does
/// a last leaf of its shard that is not the one the count ends with, or the reverse.
#[must_use]
pub fn is_miscounted(leaf: &LeafEvidence, shards: &[ShardRoot; SHARDS]) -> bool {
    let ends = place_in_shard(leaf.index).checked_add(1) == Some(count_of(leaf, shards));
    !can_be_claimed(leaf, shards) || ends != (leaf.is_last != 0)
}

/// The checkpoint's stated number of leaves in the leaf's shard.
fn count_of(leaf: &LeafEvidence, shards: &[ShardRoot; SHARDS]) -> u32 {
    let shard = usize::try_from(leaf.index >> SHARD_SHIFT).ok();
    shard.and_then(|shard| shards.get(shard)).map_or(0, |shard| shard.count)
}

/// Is this a leaf that no honest ledger can have: one in a shard its key does not belong to, or a zero-amount leaf?
#[must_use]
pub fn is_malformed(leaf: &LeafEvidence) -> bool {
    u32::from(merkle::shard_of(leaf.key.as_array())) != leaf.index >> SHARD_SHIFT || leaf.amount == 0
}

/// Is this a pair that no honest ledger can have: two indices whose keys do not ascend with them? A key that is counted
/// twice is such a pair.
#[must_use]
pub fn is_out_of_order(a: &LeafEvidence, b: &LeafEvidence) -> bool {
    let (first, second) = if a.index < b.index { (a, b) } else { (b, a) };
    first.index != second.index && first.key.as_array() >= second.key.as_array()
}

/// Marks the checkpoint contested forever if one or two of its leaves are contradictory, or contradict the stated
/// `shards`, if passed. The caller has checked that they are leaves of this log.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::NoContradiction`], [`CoreError::CheckpointContested`],
/// [`CoreError::ShardsMismatch`]
pub fn contest(
    log: &mut CheckpointLog,
    a: &LeafEvidence,
    b: Option<&LeafEvidence>,
    shards: Option<&[ShardRoot; SHARDS]>,
) -> Result<(), CoreError> {
    let entry = find(log, a.slot)?;
    let belongs = |leaf: &LeafEvidence| leaf.checkpoint == entry.hash;
    if !belongs(a) || !b.is_none_or(belongs) {
        return Err(CoreError::NoSuchCheckpoint);
    }
    if entry.state == checkpoint_state::CONTESTED {
        return Err(CoreError::CheckpointContested);
    }
    if let Some(shards) = shards {
        require_shards(entry, &mut shards.clone())?;
    }
    let is_wrong = |leaf| is_malformed(leaf) || shards.is_some_and(|shards| is_miscounted(leaf, shards));
    if !is_wrong(a) && !b.is_some_and(|b| is_wrong(b) || is_out_of_order(a, b)) {
        return Err(CoreError::NoContradiction);
    }
    find_mut(log, a.slot)?.state = checkpoint_state::CONTESTED;
    Ok(())
}

/// A node of a checkpoint's tree, with its preimage.
#[derive(Clone, Copy, Debug)]
pub struct Revealed<'a> {
    /// The preimage of its hash.
    pub preimage: &'a [u8],
    /// The sum that the tree states for it.
    pub sum: u64,
    /// Bit l: at the l-th level up from it, its sibling is on the left.
    pub path: u32,
    /// Siblings from it up to the root, 40 bytes each.
    pub siblings: &'a [u8],
}

/// Could an honest tree with this tag have the node? An inner node's sum is the sum of its two children, and within a
/// shard the right child is empty if the left one is. A leaf has the tag, its own index, and its amount as its sum.
/// Nothing else is ever hashed.
#[must_use]
pub fn is_well_formed(node: &Revealed, tag: &[u8; 32]) -> bool {
    match node.preimage {
        [merkle::NODE_PREFIX, children @ ..] if children.len() == 2 * NODE_BYTES => {
            let (children, _) = children.as_chunks::<NODE_BYTES>();
            let [left, right] = children else {
                return false;
            };
            let [left, right] = [left, right].map(|child| bytemuck::pod_read_unaligned::<Node>(child).sum);
            let is_in_shard = node.siblings.len() >= SHARD_LEVELS.saturating_mul(NODE_BYTES);
            let is_gap = is_in_shard && left == 0 && right != 0;
            left.checked_add(right) == Some(node.sum) && !is_gap
        }
        [merkle::LEAF_PREFIX, leaf @ ..] => {
            let Some((own, rest)) = leaf.split_first_chunk::<32>() else {
                return false;
            };
            let Some((index, rest)) = rest.split_first_chunk::<4>() else {
                return false;
            };
            let Some((keys, amount)) = rest.split_first_chunk::<64>() else {
                return false;
            };
            let expected = place_of(node).map(u32::to_le_bytes);
            let shard = keys.first_chunk().map(merkle::shard_of);
            own == tag
                && expected == Some(*index)
                && place_of(node).map(|index| index >> SHARD_SHIFT) == shard.map(u32::from)
                && node.sum != 0
                && *amount == node.sum.to_le_bytes()
        }
        _ => false,
    }
}

/// Index of a leaf at the end of this path. [`contest_node`] must have found the leaf to be in the tree.
fn place_of(node: &Revealed) -> Option<u32> {
    let levels = node.siblings.len().checked_div(NODE_BYTES)?;
    let below = u32::try_from(levels.checked_sub(SHARD_LEVELS)?).ok()?;
    let shard = u8::try_from(node.path.unbounded_shr(below)).ok()?;
    let place = node.path & !u32::MAX.unbounded_shl(below);
    (usize::from(shard) < SHARDS && place >> SHARD_SHIFT == 0).then(|| merkle::leaf_index(shard, place))
}

/// Marks the checkpoint of `slot` contested forever if its tree has a node that no honest tree has: one whose sum
/// differs from the sum below it, one with a gap before a leaf, or one that is neither node nor leaf. The checkpoint
/// must be of the log at `key`. A path with bits above its siblings is refused: it would give an honest leaf another
/// index than the tree does.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::CheckpointContested`], [`CoreError::InvalidProof`],
/// [`CoreError::NoContradiction`]
pub fn contest_node(
    log: &mut CheckpointLog,
    key: &Pubkey,
    slot: u64,
    tag: &[u8; 32],
    node: &Revealed,
) -> Result<[u8; 32], CoreError> {
    let ledger_index = log.ledger_index;
    let entry = find_mut(log, slot)?;
    if entry_hash(key, ledger_index, &Claim::of(entry), &entry.previous) != entry.hash {
        return Err(CoreError::NoSuchCheckpoint);
    }
    if entry.state == checkpoint_state::CONTESTED {
        return Err(CoreError::CheckpointContested);
    }
    let start = Node {
        hash: sha256(&[node.preimage]),
        sum: node.sum,
    };
    let levels = node.siblings.len().checked_div(NODE_BYTES).unwrap_or(0);
    if levels > MAX_DEPTH {
        return Err(CoreError::InvalidProof);
    }
    let top = merkle::fold_proof(&start, node.path, node.siblings).map_err(|_| CoreError::InvalidProof)?;
    if top.hash != entry.root || top.sum != entry.total {
        return Err(CoreError::InvalidProof);
    }
    if is_well_formed(node, tag) {
        return Err(CoreError::NoContradiction);
    }
    entry.state = checkpoint_state::CONTESTED;
    Ok(entry.hash)
}

/// Counts a leaf that differs from the host's live account: `live` is its owner and amount, or `None` if it is no
/// longer a position. The checkpoint's state does not change. The caller ensures that each leaf counts once.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`], [`CoreError::NoContradiction`]
pub fn dispute(log: &mut CheckpointLog, leaf: &LeafEvidence, live: Option<(&[u8; 32], u64)>) -> Result<u16, CoreError> {
    let entry = find_mut(log, leaf.slot)?;
    if leaf.checkpoint != entry.hash {
        return Err(CoreError::NoSuchCheckpoint);
    }
    if live == Some((leaf.owner.as_array(), leaf.amount)) {
        return Err(CoreError::NoContradiction);
    }
    entry.disputes = entry.disputes.saturating_add(1);
    Ok(entry.disputes)
}
