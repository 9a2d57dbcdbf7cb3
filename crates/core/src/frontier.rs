//! One shard's tree, built leaf by leaf in ascending order of the keys.
//!
//! Sixteen caps hold the roots of the complete subtrees of height h, the frontier the left
//! siblings that wait below them. When all sixteen are full and another leaf comes, they pair up
//! into eight and h grows by one: h is the least height at which sixteen caps hold all leaves,
//! whatever their number turns out to be, and a proof needs only the h siblings below a cap.

use bulkhead_interface::{
    constants::{CAPS, MAX_CAP_HEIGHT, SHARD_SHIFT, snapshot_state},
    layout::{Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use crate::{
    merkle::{self, SumOverflow},
    words,
};

/// Leaves a shard has room for.
pub const MAX_LEAVES: u32 = 1 << SHARD_SHIFT;

const _: () = assert!(MAX_LEAVES as usize == CAPS << MAX_CAP_HEIGHT);

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

/// Takes the next position. A position of amount zero is seen, but is no leaf.
///
/// After an error the shard is as it was, except after [`FrontierError::SumOverflow`].
///
/// # Errors
/// [`FrontierError`]
#[inline(always)]
pub fn append(
    shard: &mut SnapshotShard,
    key: &[u8; 32],
    owner: &[u8; 32],
    amount: u64,
) -> Result<(), FrontierError> {
    if shard.state != snapshot_state::OPEN {
        return Err(FrontierError::Sealed);
    }
    if merkle::shard_of(key) != shard.shard {
        return Err(FrontierError::WrongShard);
    }
    if shard.seen != 0 && words::compare(key, shard.last_key.as_array()).is_le() {
        return Err(FrontierError::NotAscending);
    }
    shard.seen = shard.seen.checked_add(1).ok_or(FrontierError::Full)?;
    words::copy(bytemuck::cast_mut(&mut shard.last_key), key);
    if amount == 0 {
        return Ok(());
    }
    let place = shard.count;
    if place >= MAX_LEAVES {
        return Err(FrontierError::Full);
    }
    if place == capacity(shard) {
        grow(shard)?;
    }
    shard.sum = shard.sum.checked_add(amount).ok_or(FrontierError::SumOverflow)?;
    shard.count = place.saturating_add(1);
    let index = merkle::leaf_index(shard.shard, place);
    let mut node = merkle::leaf(&shard.tag, index, key, owner, amount);
    let mut place = place;
    for waiting in shard.frontier.iter_mut().take(shard.cap_height.into()) {
        if place & 1 == 0 {
            *waiting = node;
            return Ok(());
        }
        node = merkle::inner(waiting, &node)?;
        place >>= 1;
    }
    let cap = shard.caps.get_mut(usize::from(shard.cap_count));
    *cap.ok_or(FrontierError::Full)? = node;
    shard.cap_count = shard.cap_count.saturating_add(1);
    Ok(())
}

/// Leaves that sixteen caps of the present height hold.
#[inline(always)]
fn capacity(shard: &SnapshotShard) -> u32 {
    (CAPS as u32).unbounded_shl(shard.cap_height.into())
}

/// Pairs sixteen full caps up into eight that are a level higher.
#[inline(never)]
fn grow(shard: &mut SnapshotShard) -> Result<(), FrontierError> {
    let mut above = [Node::zeroed(); CAPS];
    merkle::pair_up(&shard.caps, &mut above)?;
    shard.caps = above;
    shard.cap_count >>= 1;
    shard.cap_height = shard.cap_height.saturating_add(1);
    Ok(())
}

/// Completes the shard with empty leaves, seals it and gives its root.
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
    for left in shard.frontier.iter().take(shard.cap_height.into()) {
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
    let mut unused = shard.caps.iter_mut().skip(shard.cap_count.into());
    if partial {
        *unused.next().ok_or(FrontierError::Full)? = node;
        shard.cap_count = shard.cap_count.saturating_add(1);
    }
    unused.for_each(|cap| *cap = zero);
    shard.state = snapshot_state::SEALED;
    Ok(ShardRoot {
        root: merkle::over_sixteen(&shard.caps)?,
        count: shard.count,
        first: 0,
    })
}
