//! One shard's tree, built leaf by leaf in ascending order of the keys.
//!
//! Sixteen canopy nodes are the roots of the complete subtrees of height h; the frontier stores the left siblings that
//! wait below them. When all sixteen are full and another leaf arrives, they pair up into eight and h grows by one. So
//! h is the least height at which sixteen canopy nodes cover all leaves, whatever their number turns out to be, and a
//! proof needs only the h siblings below a canopy node.

use bulkhead_interface::{
    constants::{CANOPY, MAX_CANOPY_HEIGHT, SHARD_SHIFT, shard_flag, snapshot_state},
    layout::{Node, Pair, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    proofs::{Curve, leaf},
    snapshots::merkle::{self, Leaf, NODE_PREFIX, SumOverflow},
    words,
};

/// Leaves a shard has room for.
pub const MAX_LEAVES: u32 = 1 << SHARD_SHIFT;

/// Leaves a shard of height 0 has room for.
const SMALLEST: u32 = MAX_LEAVES >> MAX_CANOPY_HEIGHT;

const _: () = assert!(SMALLEST as usize == CANOPY);

/// Why a position is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontierError {
    /// The shard is sealed.
    Sealed,
    /// The key does not start with the shard's four bits.
    WrongShard,
    /// The key is not greater than the last one.
    NotAscending,
    /// There is no room for another leaf.
    Full,
    /// The sum does not fit 64 bits.
    SumOverflow,
}

impl From<SumOverflow> for FrontierError {
    fn from(_: SumOverflow) -> Self {
        Self::SumOverflow
    }
}

/// A shard that takes positions. It is up to date again when this is dropped.
pub struct Intake<'shard, 'key> {
    shard: &'shard mut SnapshotShard,
    leaf: Leaf,
    /// Leaves the shard has room for before it grows.
    capacity: u32,
    /// First eight bytes of the last key; most keys differ there.
    last_word: u64,
    last_key: Option<&'key [u8; 32]>,
}

impl<'shard, 'key> Intake<'shard, 'key> {
    /// Goes on where the shard is.
    ///
    /// # Errors
    /// [`FrontierError::Sealed`]
    #[inline(always)]
    pub fn new(shard: &'shard mut SnapshotShard) -> Result<Self, FrontierError> {
        if shard.state != snapshot_state::OPEN {
            return Err(FrontierError::Sealed);
        }
        if shard.seen == 0 {
            shard.frontier.iter_mut().for_each(|pair| pair.prefix = NODE_PREFIX);
        }
        Ok(Self {
            leaf: Leaf::new(&shard.tag),
            capacity: capacity(shard),
            last_word: words::first(shard.last_key.as_array()),
            last_key: None,
            shard,
        })
    }

    /// Appends the next position. A position with amount zero is read but adds no leaf.
    ///
    /// # Errors
    /// [`FrontierError`]; after [`FrontierError::SumOverflow`] and [`FrontierError::Full`] the shard
    /// is not to be used any more.
    // A frame of its own: inlined, it runs out of registers and costs a tenth more.
    #[inline(never)]
    pub fn append(&mut self, key: &'key [u8; 32], owner: &[u8; 32], amount: u64) -> Result<(), FrontierError> {
        let shard = &mut *self.shard;
        if merkle::shard_of(key) != shard.shard {
            return Err(FrontierError::WrongShard);
        }
        let word = words::first(key);
        if word <= self.last_word && shard.seen != 0 {
            let last_key = self.last_key.unwrap_or(shard.last_key.as_array());
            if words::compare(key, last_key).is_le() {
                return Err(FrontierError::NotAscending);
            }
        }
        self.last_word = word;
        self.last_key = Some(key);
        shard.seen = shard.seen.checked_add(1).ok_or(FrontierError::Full)?;
        if amount == 0 {
            return Ok(());
        }
        if shard.count >= self.capacity {
            grow(shard)?;
            self.capacity = capacity(shard);
        }
        shard.sum = shard.sum.checked_add(amount).ok_or(FrontierError::SumOverflow)?;
        let place = shard.count;
        shard.count = place.wrapping_add(1);
        let index = merkle::leaf_index(shard.shard, place);
        let is_left = place & 1 == 0;
        let node = match shard.frontier.first_mut() {
            Some(pair) if shard.canopy_height != 0 => {
                if is_left {
                    &mut pair.left
                } else {
                    &mut pair.right
                }
            }
            _ => next_canopy_node(&mut shard.canopy, &mut shard.canopy_count)?,
        };
        self.leaf.write(index, key, owner, amount, node);
        if is_left || shard.canopy_height == 0 {
            return Ok(());
        }
        carry(shard, place.into())
    }

    /// Adds the position just appended to the shard's accumulator, if the ledger needs a proof of state.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] if there is no such hash; the shard is not to be used any more.
    #[inline(always)]
    pub fn accumulate(
        &mut self,
        key: &[u8; 32],
        owner: &[u8; 32],
        amount: u64,
        curve: &impl Curve,
    ) -> Result<(), CoreError> {
        if self.shard.flags & shard_flag::ACCUMULATES == 0 || amount == 0 {
            return Ok(());
        }
        leaf::accumulate(&mut self.shard.accumulator, key, owner, amount, curve)
    }

    /// Counts what the position just taken is in the host's units.
    ///
    /// # Errors
    /// [`FrontierError::SumOverflow`]; the shard is not to be used any more.
    pub fn add_host_amount(&mut self, amount: u128) -> Result<(), FrontierError> {
        let sum = host_sum(self.shard).checked_add(amount);
        self.shard.host_sum = bytemuck::cast(sum.ok_or(FrontierError::SumOverflow)?);
        Ok(())
    }
}

/// Sum of a shard's positions in the host's units, where it is kept.
#[must_use]
pub fn host_sum(shard: &SnapshotShard) -> u128 {
    let [low, high] = shard.host_sum;
    u128::from(high).unbounded_shl(u64::BITS) | u128::from(low)
}

/// Writes the parents of the pair that is complete at level 0 and of all it completes in turn.
/// No sum overflows: the shard's is that of all leaves, and fits.
#[inline(never)]
fn carry(shard: &mut SnapshotShard, mut place: u64) -> Result<(), FrontierError> {
    let mut levels = shard.frontier.iter_mut().take(shard.canopy_height.into());
    let mut pair = levels.next().ok_or(FrontierError::Full)?;
    for above in levels {
        place >>= 1;
        if place & 1 == 0 {
            merkle::write_parent(pair, &mut above.left);
            return Ok(());
        }
        merkle::write_parent(pair, &mut above.right);
        pair = above;
    }
    merkle::write_parent(pair, next_canopy_node(&mut shard.canopy, &mut shard.canopy_count)?);
    Ok(())
}

/// Room for another canopy node.
#[inline(always)]
fn next_canopy_node<'a>(canopy: &'a mut [Node; CANOPY], count: &mut u8) -> Result<&'a mut Node, FrontierError> {
    let cap = canopy.get_mut(usize::from(*count)).ok_or(FrontierError::Full)?;
    *count = count.wrapping_add(1);
    Ok(cap)
}

impl Drop for Intake<'_, '_> {
    fn drop(&mut self) {
        if let Some(key) = self.last_key {
            self.shard.last_key = (*key).into();
        }
    }
}

/// Number of leaves that sixteen canopy nodes of the current height cover.
fn capacity(shard: &SnapshotShard) -> u32 {
    SMALLEST.unbounded_shl(shard.canopy_height.into())
}

/// Pairs sixteen full canopy nodes up into eight that are one level higher.
#[inline(never)]
fn grow(shard: &mut SnapshotShard) -> Result<(), FrontierError> {
    if shard.count >= MAX_LEAVES {
        return Err(FrontierError::Full);
    }
    let mut above = [Node::zeroed(); CANOPY];
    merkle::pair_up(&shard.canopy, &mut above)?;
    shard.canopy = above;
    shard.canopy_count >>= 1;
    shard.canopy_height = shard.canopy_height.saturating_add(1);
    Ok(())
}

/// The root of a shard that was finished before.
///
/// # Errors
/// [`FrontierError::SumOverflow`], which no finished shard has.
pub fn finished(shard: &SnapshotShard) -> Result<ShardRoot, FrontierError> {
    Ok(ShardRoot {
        root: merkle::over_sixteen(&shard.canopy)?,
        count: shard.count,
        first: 0,
    })
}

/// Completes the shard with empty leaves, seals it and returns its root.
///
/// # Errors
/// [`FrontierError::Sealed`] when it has been sealed before.
pub fn finish(shard: &mut SnapshotShard) -> Result<ShardRoot, FrontierError> {
    if shard.state != snapshot_state::OPEN {
        return Err(FrontierError::Sealed);
    }
    let mut place = shard.count;
    let mut partial = false;
    let mut zero = Node::zeroed();
    let mut node = zero;
    for Pair { left, .. } in shard.frontier.iter().take(shard.canopy_height.into()) {
        let has_left = place & 1 == 1;
        node = if has_left {
            merkle::inner(left, &node)?
        } else {
            merkle::inner(&node, &zero)?
        };
        partial |= has_left;
        zero = merkle::zero_above(&zero);
        place >>= 1;
    }
    let mut unused = shard.canopy.iter_mut().skip(shard.canopy_count.into());
    if partial {
        *unused.next().ok_or(FrontierError::Full)? = node;
        shard.canopy_count = shard.canopy_count.saturating_add(1);
    }
    unused.for_each(|cap| *cap = zero);
    shard.state = snapshot_state::SEALED;
    finished(shard)
}
