//! The tree of a whole ledger, built from its positions.

use std::thread;

use bulkhead_core::snapshots::{
    merkle::{self, SumOverflow},
    root,
};
use bulkhead_interface::{
    Pubkey,
    constants::{CANOPY, SHARD_SHIFT, SHARDS},
    layout::{Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use crate::{Position, Proof, ShardBuilder, roots::shard_by_shard, sort};

/// Why positions do not form a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A key appears twice.
    #[error("position {0} appears twice")]
    Duplicate(Pubkey),
    /// A key follows one that is not less.
    #[error("position {0} follows one that is not less")]
    NotAscending(Pubkey),
    /// A key was passed to the builder of another shard.
    #[error("position {0} belongs to another shard")]
    WrongShard(Pubkey),
    /// A shard has room for 2^20 leaves.
    #[error("shard {0} has no room for more leaves")]
    ShardFull(u8),
    /// The sum of the amounts does not fit 64 bits.
    #[error("the sum of the amounts does not fit 64 bits")]
    SumOverflow,
}

impl BuildError {
    /// In sorted positions, a key that does not ascend is a duplicate.
    pub(crate) fn of_sorted(self) -> Self {
        match self {
            Self::NotAscending(key) => Self::Duplicate(key),
            other => other,
        }
    }
}

impl From<SumOverflow> for BuildError {
    fn from(_: SumOverflow) -> Self {
        Self::SumOverflow
    }
}

/// A sealed ledger: sixteen shards, the root and the total, and all leaves.
pub struct Tree {
    tag: [u8; 32],
    /// In ascending order of the keys, without zero amounts.
    leaves: Vec<Position>,
    shards: Vec<SnapshotShard>,
    roots: [ShardRoot; SHARDS],
    root: Node,
}

impl Tree {
    /// Builds the ledger from these positions, in any order, on all processors. `tag` is [`merkle::tag`].
    ///
    /// # Errors
    /// [`BuildError`]
    pub fn build(tag: [u8; 32], mut positions: Vec<Position>) -> Result<Self, BuildError> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let sealed = shard_by_shard(threads, sort::by_shard(&mut positions), |number, own| {
            sort::by_key(own);
            let mut shard = ShardBuilder::new(number, tag);
            shard.append(&*own).map_err(BuildError::of_sorted)?;
            shard.finish()
        })?;
        positions.retain(|position| position.amount != 0);
        let mut roots = [root::empty_shard(); SHARDS];
        for (root, (_, entry)) in roots.iter_mut().zip(&sealed) {
            *root = entry.shard_root();
        }
        let (root, _) = root::seal(&mut roots)?;
        Ok(Self {
            tag,
            leaves: positions,
            shards: sealed.into_iter().map(|(shard, _)| shard).collect(),
            roots,
            root,
        })
    }

    /// What binds the leaves to their snapshot.
    #[must_use]
    pub fn tag(&self) -> &[u8; 32] {
        &self.tag
    }

    /// Root and total.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Number of leaves in all shards.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.roots.iter().map(|shard| u64::from(shard.count)).sum()
    }

    /// The shards' roots, as in the sealed `Snapshot` account.
    #[must_use]
    pub fn roots(&self) -> &[ShardRoot; SHARDS] {
        &self.roots
    }

    /// A sealed shard. Its canopy and canopy height are those of the account.
    #[must_use]
    pub fn shard(&self, number: u8) -> Option<&SnapshotShard> {
        self.shards.get(usize::from(number))
    }

    /// The leaf with this index.
    #[must_use]
    pub fn leaf(&self, index: u32) -> Option<&Position> {
        let (_, leaves) = self.leaves_in(u8::try_from(index >> SHARD_SHIFT).ok()?)?;
        leaves.get((index & ((1 << SHARD_SHIFT) - 1)) as usize)
    }

    /// Every leaf with its index, in ascending order of the keys.
    pub fn leaves(&self) -> impl Iterator<Item = (u32, &Position)> {
        let numbers = (0..16).flat_map(|number| Some((number, self.leaves_in(number)?.1)));
        numbers.flat_map(|(number, leaves)| {
            let indices = merkle::leaf_index(number, 0)..;
            indices.zip(leaves)
        })
    }

    /// The proof of one position, or `None` if it has no leaf.
    #[must_use]
    pub fn prove(&self, key: &Pubkey) -> Option<Proof> {
        let (shard, leaves) = self.leaves_in(merkle::shard_of(key.as_array()))?;
        let place = leaves.binary_search_by(|leaf| leaf.key.cmp(key)).ok()?;
        let below = below_canopy(shard, leaves, place >> shard.canopy_height).ok()?;
        self.assemble(shard, leaves, place, &below)
    }

    /// The proof of every leaf, in ascending order of the keys.
    pub fn proofs(&self) -> impl Iterator<Item = Proof> {
        let shards = (0..16).filter_map(|number| self.leaves_in(number));
        shards.flat_map(move |(shard, leaves)| {
            let width = 1usize << shard.canopy_height;
            (0..leaves.len().div_ceil(width)).flat_map(move |cap| {
                let below = below_canopy(shard, leaves, cap).unwrap_or_default();
                let places = cap * width..leaves.len().min((cap + 1) * width);
                places.filter_map(move |place| self.assemble(shard, leaves, place, &below))
            })
        })
    }

    /// A shard and its leaves.
    fn leaves_in(&self, number: u8) -> Option<(&SnapshotShard, &[Position])> {
        let root = self.roots.get(usize::from(number))?;
        let own = self.leaves.get(root.first as usize..)?.get(..root.count as usize)?;
        Some((self.shard(number)?, own))
    }

    /// Siblings below the canopy node, then within the canopy, then among the shards.
    fn assemble(&self, shard: &SnapshotShard, leaves: &[Position], place: usize, below: &[Vec<Node>]) -> Option<Proof> {
        let position = *leaves.get(place)?;
        let within = place & ((1 << shard.canopy_height) - 1);
        let mut siblings = siblings(below, within)?;
        let canopy_from = siblings.len();
        siblings.extend(self::siblings(
            &levels(&shard.canopy).ok()?,
            place >> shard.canopy_height,
        )?);
        let roots = self.roots.map(|shard| shard.root);
        siblings.extend(self::siblings(&levels(&roots).ok()?, usize::from(shard.shard))?);
        Some(Proof {
            index: merkle::leaf_index(shard.shard, u32::try_from(place).ok()?),
            position,
            siblings,
            canopy_from,
        })
    }
}

/// Every level of a canopy node's subtree below that node, leaves first.
fn below_canopy(shard: &SnapshotShard, leaves: &[Position], cap: usize) -> Result<Vec<Vec<Node>>, SumOverflow> {
    let first = cap << shard.canopy_height;
    let mut row: Vec<Node> = (first..first + (1 << shard.canopy_height))
        .map(|place| match (leaves.get(place), u32::try_from(place)) {
            (Some(leaf), Ok(place)) => merkle::leaf(
                &shard.tag,
                merkle::leaf_index(shard.shard, place),
                leaf.key.as_array(),
                leaf.owner.as_array(),
                leaf.amount,
            ),
            _ => Node::zeroed(),
        })
        .collect();
    let mut levels = vec![];
    for _ in 0..shard.canopy_height {
        let mut above = vec![Node::zeroed(); row.len() / 2];
        merkle::pair_up(&row, &mut above)?;
        levels.push(row);
        row = above;
    }
    Ok(levels)
}

/// The four levels above a row of sixteen nodes.
fn levels(row: &[Node; CANOPY]) -> Result<Vec<Vec<Node>>, SumOverflow> {
    let mut levels = vec![row.to_vec()];
    for width in [8, 4, 2] {
        let mut above = vec![Node::zeroed(); width];
        if let Some(below) = levels.last() {
            merkle::pair_up(below, &mut above)?;
        }
        levels.push(above);
    }
    Ok(levels)
}

fn siblings(levels: &[Vec<Node>], place: usize) -> Option<Vec<Node>> {
    levels
        .iter()
        .enumerate()
        .map(|(height, level)| level.get((place >> height) ^ 1).copied())
        .collect()
}
