//! The Merkle-sum tree: what a leaf and a node hash to, and the check of a proof.
//!
//! A node commits to the sum below it, so a root commits to the total and no set of proofs can
//! claim more than it. Leaf and node start with different bytes, so neither passes for the other.
//! The tag in every leaf binds it to one program, one snapshot and one ledger.

use alloc::vec::Vec;

use bulkhead_interface::{
    Pubkey,
    constants::{CANOPY, SHARD_SHIFT, snapshot_state},
    layout::{Node, Pair, SnapshotShard},
};
use bytemuck::{Pod, Zeroable};

use crate::{
    hash::{sha256, sha256_into},
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
    /// The shard is not sealed, or the seal it was part of was replaced.
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

/// A leaf as it is hashed: the 109 bytes from the prefix on.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct Leaf {
    padding: [u8; 3],
    prefix: u8,
    tag: [u8; 32],
    index: u32,
    key: [u8; 32],
    owner: [u8; 32],
    amount: u64,
}

impl Leaf {
    /// A leaf under a tag, to be filled.
    #[inline(always)]
    #[must_use]
    pub fn new(tag: &[u8; 32]) -> Self {
        Self {
            prefix: LEAF_PREFIX,
            tag: *tag,
            ..Self::zeroed()
        }
    }

    /// Fills it and writes its node.
    #[inline(always)]
    pub fn write(&mut self, index: u32, key: &[u8; 32], owner: &[u8; 32], amount: u64, node: &mut Node) {
        self.index = index;
        self.key = *key;
        self.owner = *owner;
        self.amount = amount;
        let [_, _, _, image @ ..] = bytemuck::bytes_of(self) else {
            return;
        };
        sha256_into(&[image], &mut node.hash);
        node.sum = amount;
    }
}

/// The node of a leaf.
#[must_use]
pub fn leaf(tag: &[u8; 32], index: u32, key: &[u8; 32], owner: &[u8; 32], amount: u64) -> Node {
    let mut node = Node::zeroed();
    Leaf::new(tag).write(index, key, owner, amount, &mut node);
    node
}

/// Writes the node over two nodes whose sums are known to fit together.
#[inline(always)]
pub(crate) fn write_parent(pair: &Pair, node: &mut Node) {
    if let [_, _, _, _, _, _, _, image @ ..] = bytemuck::bytes_of(pair) {
        sha256_into(&[image], &mut node.hash);
    }
    node.sum = pair.left.sum.wrapping_add(pair.right.sum);
}

/// The node over two nodes.
///
/// # Errors
/// [`SumOverflow`]
pub fn inner(left: &Node, right: &Node) -> Result<Node, SumOverflow> {
    left.sum.checked_add(right.sum).ok_or(SumOverflow)?;
    let pair = Pair {
        padding: [0; 7],
        prefix: NODE_PREFIX,
        left: *left,
        right: *right,
    };
    let mut node = Node::zeroed();
    write_parent(&pair, &mut node);
    Ok(node)
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
pub fn over_sixteen(nodes: &[Node; CANOPY]) -> Result<Node, SumOverflow> {
    let (mut eight, mut four, mut two) = ([Node::zeroed(); 8], [Node::zeroed(); 4], [Node::zeroed(); 2]);
    pair_up(nodes, &mut eight)?;
    pair_up(&eight, &mut four)?;
    pair_up(&four, &mut two)?;
    let [left, right] = &two;
    inner(left, right)
}

/// Folds a leaf with its siblings, bottom up. Bit l of `place` says whether the sibling at level l
/// is on the left; a place beyond `2^siblings` is no place of such a tree, though every bit of it that is read
/// would be right. Each sibling is 40 bytes: hash and sum.
///
/// # Errors
/// [`ProofError::WrongLength`], [`ProofError::WrongIndex`] and [`ProofError::SumOverflow`]
pub fn fold_proof(leaf: &Node, place: u32, siblings: &[u8]) -> Result<Node, ProofError> {
    let (siblings, rest) = siblings.as_chunks::<NODE_BYTES>();
    if !rest.is_empty() {
        return Err(ProofError::WrongLength);
    }
    let levels = u32::try_from(siblings.len()).map_err(|_| ProofError::WrongLength)?;
    if place.unbounded_shr(levels) != 0 {
        return Err(ProofError::WrongIndex);
    }
    let mut node = *leaf;
    let mut place = place;
    for sibling in siblings {
        let sibling: Node = bytemuck::pod_read_unaligned(sibling);
        let (left, right) = if place & 1 == 0 {
            (&node, &sibling)
        } else {
            (&sibling, &node)
        };
        node = inner(left, right).map_err(|SumOverflow| ProofError::SumOverflow)?;
        place >>= 1;
    }
    Ok(node)
}

/// Folds neighbours, the first of which is at `place`, up to the nodes over them so many levels above, with one proof for
/// all of them. At each level the proof has the node to the left of the row if the row begins with a right child, then the
/// node to its right if it ends with a left one. So neighbours prove each other, and a single leaf has the proof of
/// [`fold_proof`].
///
/// # Errors
/// [`ProofError::WrongLength`] and [`ProofError::SumOverflow`]
pub fn fold_range(mut row: Vec<Node>, place: u32, levels: u8, siblings: &[u8]) -> Result<Vec<Node>, ProofError> {
    let (siblings, rest) = siblings.as_chunks::<NODE_BYTES>();
    if !rest.is_empty() {
        return Err(ProofError::WrongLength);
    }
    let mut siblings = siblings.iter().map(|sibling| bytemuck::pod_read_unaligned(sibling));
    let over = |left: &Node, right: &Node| inner(left, right).map_err(|SumOverflow| ProofError::SumOverflow);
    let mut place = place;
    for _ in 0..levels {
        let mut next = || siblings.next().ok_or(ProofError::WrongLength);
        let mut above = Vec::with_capacity(row.len().div_ceil(2).saturating_add(1));
        let mut below = row.as_slice();
        if place & 1 == 1
            && let Some((first, others)) = below.split_first()
        {
            above.push(over(&next()?, first)?);
            below = others;
        }
        let (pairs, odd) = below.as_chunks::<2>();
        for [left, right] in pairs {
            above.push(over(left, right)?);
        }
        if let [left] = odd {
            above.push(over(left, &next()?)?);
        }
        row = above;
        place >>= 1;
    }
    match siblings.next() {
        None => Ok(row),
        Some(_) => Err(ProofError::WrongLength),
    }
}

/// The proof that [`fold_range`] takes, made from those of the first and the last of the neighbours: whatever lies between
/// them is above one of the leaves. `None` if the proofs have different lengths, or the last is before the first.
#[must_use]
pub fn range_proof(first: (u32, &[u8]), last: (u32, &[u8])) -> Option<Vec<u8>> {
    let ((mut low, left), (mut high, right)) = (first, last);
    if low > high || left.len() != right.len() {
        return None;
    }
    let mut proof = Vec::with_capacity(left.len());
    for (left, right) in left.chunks(NODE_BYTES).zip(right.chunks(NODE_BYTES)) {
        if low & 1 == 1 {
            proof.extend_from_slice(left);
        }
        if high & 1 == 0 {
            proof.extend_from_slice(right);
        }
        (low, high) = (low >> 1, high >> 1);
    }
    Some(proof)
}

/// Are these (key, owner, amount) the leaves from `first` on of this sealed shard? `proof` is that of [`fold_range`], up
/// to the shard's canopy. Otherwise like [`verify_leaf`].
///
/// # Errors
/// [`ProofError`]
pub fn verify_range<'a>(
    shard: &SnapshotShard,
    seal: u32,
    first: u32,
    leaves: impl ExactSizeIterator<Item = (&'a Pubkey, &'a Pubkey, u64)>,
    proof: &[u8],
) -> Result<(), ProofError> {
    if shard.state != snapshot_state::SEALED || shard.seal != seal {
        return Err(ProofError::NotSealed);
    }
    let place = first ^ leaf_index(shard.shard, 0);
    let count = u32::try_from(leaves.len()).map_err(|_| ProofError::WrongIndex)?;
    // Places beyond the last leaf are padding: nothing there can be claimed.
    if count == 0 || place.checked_add(count).is_none_or(|end| end > shard.count) {
        return Err(ProofError::WrongIndex);
    }
    let mut leaf = Leaf::new(&shard.tag);
    let mut row = Vec::with_capacity(leaves.len());
    for (index, (key, owner, amount)) in (first..).zip(leaves) {
        let mut node = Node::zeroed();
        leaf.write(index, key.as_array(), owner.as_array(), amount, &mut node);
        row.push(node);
    }
    let row = fold_range(row, place, shard.canopy_height, proof)?;
    let canopy = shard
        .canopy
        .get(place.unbounded_shr(shard.canopy_height.into()) as usize..);
    let caps = canopy.and_then(|canopy| canopy.get(..row.len()));
    let is_same = |(cap, node): (&Node, &Node)| words::same_key(&cap.hash, &node.hash) && cap.sum == node.sum;
    match caps {
        Some(caps) if caps.iter().zip(&row).all(is_same) => Ok(()),
        _ => Err(ProofError::Mismatch),
    }
}

/// Is (key, owner, amount) the leaf at `index` of this sealed shard?
///
/// `seal` is the snapshot's last seal: a shard of a replaced seal proves nothing. `proof` contains the siblings from
/// the leaf up to the shard's canopy: `canopy_height` entries of hash and sum, 40 bytes each. The caller has checked
/// that the shard belongs to the intended snapshot.
///
/// # Errors
/// [`ProofError`]
pub fn verify_leaf(
    shard: &SnapshotShard,
    seal: u32,
    index: u32,
    key: &[u8; 32],
    owner: &[u8; 32],
    amount: u64,
    proof: &[u8],
) -> Result<(), ProofError> {
    if shard.state != snapshot_state::SEALED || shard.seal != seal {
        return Err(ProofError::NotSealed);
    }
    // A place beyond the last leaf is padding: nothing there can be claimed.
    let place = index ^ leaf_index(shard.shard, 0);
    if place >= shard.count {
        return Err(ProofError::WrongIndex);
    }
    let height = usize::from(shard.canopy_height);
    if proof.len() != height.saturating_mul(NODE_BYTES) {
        return Err(ProofError::WrongLength);
    }
    let below = place & !u32::MAX.unbounded_shl(shard.canopy_height.into());
    let node = fold_proof(&leaf(&shard.tag, index, key, owner, amount), below, proof)?;
    match shard
        .canopy
        .get(place.unbounded_shr(shard.canopy_height.into()) as usize)
    {
        Some(cap) if words::same_key(&cap.hash, &node.hash) && cap.sum == node.sum => Ok(()),
        _ => Err(ProofError::Mismatch),
    }
}
