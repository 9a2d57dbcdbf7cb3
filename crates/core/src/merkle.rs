//! The Merkle-sum tree: what a leaf and a node hash to, and the check of a proof.
//!
//! A node commits to the sum below it, so a root commits to the total and no set of proofs can
//! claim more than it. Leaf and node start with different bytes, so neither passes for the other.
//! The tag in every leaf binds it to one program, one snapshot and one ledger.

use bulkhead_interface::{
    Pubkey,
    constants::{CAPS, SHARD_SHIFT, snapshot_state},
    layout::{Node, SnapshotShard},
};
use bytemuck::{Pod, Zeroable};

use crate::{
    hash::{sha256, sha256_into, sha256_within},
    words,
};

/// First bytes of the tag.
pub const TAG_PREFIX: &[u8] = b"bulkhead-ledger-v1";
/// First byte of a leaf's preimage.
pub const LEAF_PREFIX: u8 = 0;
/// First byte of an inner node's preimage.
pub const NODE_PREFIX: u8 = 1;
/// Bytes of one proof entry: hash, then sum in little endian.
pub const NODE_BYTES: usize = core::mem::size_of::<Node>();

// A node is hashed as it lies in memory, so its sum has to lie in little endian.
const _: () = assert!(cfg!(target_endian = "little") && NODE_BYTES == 40);

/// Two sums do not fit 64 bits together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumOverflow;

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The shard is not sealed.
    NotSealed,
    /// The index is of another shard, or beyond its last leaf.
    WrongIndex,
    /// The proof has another length than the shard's cap height.
    WrongLength,
    /// The sums of the proof overflow.
    SumOverflow,
    /// The proof leads to another node than the shard holds.
    Mismatch,
}

/// The value that binds all leaves of a snapshot to it.
#[must_use]
pub fn tag(program: &Pubkey, snapshot: &Pubkey, ledger_index: u8) -> [u8; 32] {
    sha256(&[TAG_PREFIX, program.as_ref(), snapshot.as_ref(), &[ledger_index]])
}

/// The shard a position belongs to: the top four bits of its key.
#[inline(always)]
#[must_use]
pub const fn shard_of(key: &[u8; 32]) -> u8 {
    key[0] >> 4
}

/// The index a leaf has in the ledger: its shard and its place in the shard.
#[inline(always)]
#[must_use]
pub const fn leaf_index(shard: u8, place: u32) -> u32 {
    (shard as u32) << SHARD_SHIFT | place
}

/// What the leaves of one snapshot begin with: prefix and tag, then the index. Four bytes a word,
/// the prefix in the last byte of the first, so that everything behind it is aligned.
pub struct Leaves {
    words: [u32; 10],
}

impl Leaves {
    /// The leaves under a tag.
    #[must_use]
    pub fn new(tag: &[u8; 32]) -> Self {
        let mut words = [0; 10];
        words[0] = u32::from_le_bytes([0, 0, 0, LEAF_PREFIX]);
        let tag: [u32; 8] = bytemuck::cast(*tag);
        for (word, part) in words.iter_mut().skip(1).zip(tag) {
            *word = part;
        }
        Self { words }
    }

    /// Writes one leaf.
    #[inline(always)]
    pub fn write(&mut self, index: u32, key: &[u8; 32], owner: &[u8; 32], amount: u64, leaf: &mut Node) {
        self.words[9] = index;
        let [_, _, _, head @ ..] = bytemuck::bytes_of(&self.words) else {
            return;
        };
        sha256_into(&[head, key, owner, bytemuck::bytes_of(&amount)], &mut leaf.hash);
        leaf.sum = amount;
    }
}

/// A leaf of the tree.
#[must_use]
pub fn leaf(tag: &[u8; 32], index: u32, key: &[u8; 32], owner: &[u8; 32], amount: u64) -> Node {
    let mut leaf = Node::zeroed();
    Leaves::new(tag).write(index, key, owner, amount, &mut leaf);
    leaf
}

/// Two nodes side by side, as their parent hashes them: seven bytes to keep them aligned, the
/// prefix, left, right.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Pair {
    padding: [u8; 7],
    prefix: u8,
    left: Node,
    /// Where a node goes before [`Pair::fold`], and its parent is found after it.
    pub right: Node,
}

impl Pair {
    /// No nodes yet.
    #[inline(always)]
    #[must_use]
    pub fn new() -> Self {
        Self {
            prefix: NODE_PREFIX,
            ..Self::zeroed()
        }
    }

    /// Replaces `right` by the node over `left` and it.
    ///
    /// # Errors
    /// [`SumOverflow`]
    #[inline(always)]
    pub fn fold(&mut self, left: &Node) -> Result<(), SumOverflow> {
        self.left = *left;
        sha256_within(
            bytemuck::bytes_of_mut(self),
            core::mem::offset_of!(Self, prefix),
            core::mem::offset_of!(Self, right),
        );
        self.right.sum = self.right.sum.checked_add(left.sum).ok_or(SumOverflow)?;
        Ok(())
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

/// The node over two nodes.
///
/// # Errors
/// [`SumOverflow`]
pub fn inner(left: &Node, right: &Node) -> Result<Node, SumOverflow> {
    let mut pair = Pair::new();
    pair.right = *right;
    pair.fold(left)?;
    Ok(pair.right)
}

/// The node over `2^level` leaves that are not there. Level 0 is all zero bytes, which no leaf hashes to.
#[must_use]
pub fn zero(level: u8) -> Node {
    (0..level).fold(Node::zeroed(), |below, _| zero_above(&below))
}

/// The zero node one level above another.
#[must_use]
pub fn zero_above(below: &Node) -> Node {
    // Nothing and nothing is nothing: this sum does not overflow.
    inner(below, below).unwrap_or(Node::zeroed())
}

/// Writes the nodes over each two of `row`.
///
/// # Errors
/// [`SumOverflow`]
pub fn pair_up(row: &[Node], above: &mut [Node]) -> Result<(), SumOverflow> {
    for (node, [left, right]) in above.iter_mut().zip(row.as_chunks().0) {
        *node = inner(left, right)?;
    }
    Ok(())
}

/// The node over sixteen: four levels.
///
/// # Errors
/// [`SumOverflow`]
pub fn over_sixteen(nodes: &[Node; CAPS]) -> Result<Node, SumOverflow> {
    let (mut eight, mut four, mut two) = ([Node::zeroed(); 8], [Node::zeroed(); 4], [Node::zeroed(); 2]);
    pair_up(nodes, &mut eight)?;
    pair_up(&eight, &mut four)?;
    pair_up(&four, &mut two)?;
    let [left, right] = &two;
    inner(left, right)
}

/// Folds a leaf with its siblings, bottom up. Bit l of `place` says whether the sibling at level l
/// is on the left. Each sibling is 40 bytes: hash and sum.
///
/// # Errors
/// [`ProofError::WrongLength`] and [`ProofError::SumOverflow`]
pub fn fold_proof(leaf: &Node, place: u32, siblings: &[u8]) -> Result<Node, ProofError> {
    let (siblings, rest) = siblings.as_chunks::<NODE_BYTES>();
    if !rest.is_empty() {
        return Err(ProofError::WrongLength);
    }
    let mut pair = Pair::new();
    pair.right = *leaf;
    let mut place = place;
    for sibling in siblings {
        let mut left: Node = bytemuck::pod_read_unaligned(sibling);
        if place & 1 == 0 {
            core::mem::swap(&mut left, &mut pair.right);
        }
        pair.fold(&left).map_err(|SumOverflow| ProofError::SumOverflow)?;
        place >>= 1;
    }
    Ok(pair.right)
}

/// Is (key, owner, amount) the leaf at `index` of this sealed shard?
///
/// `proof` holds the siblings from the leaf up to the shard's caps: `cap_height` entries of hash
/// and sum, 40 bytes each. The caller has checked that the shard belongs to the snapshot it means.
///
/// # Errors
/// [`ProofError`]
pub fn verify_leaf(
    shard: &SnapshotShard,
    index: u32,
    key: &[u8; 32],
    owner: &[u8; 32],
    amount: u64,
    proof: &[u8],
) -> Result<(), ProofError> {
    if shard.state != snapshot_state::SEALED {
        return Err(ProofError::NotSealed);
    }
    // A place beyond the last leaf is padding: nothing there can be claimed.
    let place = index ^ leaf_index(shard.shard, 0);
    if place >= shard.count {
        return Err(ProofError::WrongIndex);
    }
    let height = usize::from(shard.cap_height);
    if proof.len() != height.saturating_mul(NODE_BYTES) {
        return Err(ProofError::WrongLength);
    }
    let node = fold_proof(&leaf(&shard.tag, index, key, owner, amount), place, proof)?;
    match shard.caps.get(place.unbounded_shr(shard.cap_height.into()) as usize) {
        Some(cap) if words::same_key(&cap.hash, &node.hash) && cap.sum == node.sum => Ok(()),
        _ => Err(ProofError::Mismatch),
    }
}
