//! The tree of a whole ledger, from its positions.

use bulkhead_core::{
    frontier::{self, FrontierError, Intake},
    merkle::{self, SumOverflow},
    root,
};
use bulkhead_interface::{
    Pubkey,
    constants::{CAPS, SHARDS},
    layout::{Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use crate::{Position, Proof};

/// Why positions make no ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A key comes twice.
    #[error("position {0} comes twice")]
    Duplicate(Pubkey),
    /// A shard has room for 2^20 leaves.
    #[error("shard {0} has no room for more leaves")]
    ShardFull(u8),
    /// The sum of the amounts does not fit 64 bits.
    #[error("the sum of the amounts does not fit 64 bits")]
    SumOverflow,
}

impl From<SumOverflow> for BuildError {
    fn from(_: SumOverflow) -> Self {
        Self::SumOverflow
    }
}

/// A ledger as it is sealed: sixteen shards with their leaves, the root and the total.
pub struct Tree {
    tag: [u8; 32],
    shards: Vec<Shard>,
    roots: [ShardRoot; SHARDS],
    root: Node,
}

struct Shard {
    sealed: SnapshotShard,
    /// In ascending order of the keys; zero amounts left out.
    leaves: Vec<Position>,
}

impl Tree {
    /// Builds the ledger of these positions, in any order. `tag` is [`merkle::tag`].
    ///
    /// # Errors
    /// [`BuildError`]
    pub fn build(tag: [u8; 32], mut positions: Vec<Position>) -> Result<Self, BuildError> {
        positions.sort_unstable();
        let mut roots = [root::empty_shard(); SHARDS];
        let mut shards = Vec::with_capacity(SHARDS);
        let mut rest = positions.as_slice();
        for (number, slot) in (0u8..).zip(&mut roots) {
            let len = rest.partition_point(|position| merkle::shard_of(position.key.as_array()) <= number);
            let (own, others) = rest.split_at(len);
            rest = others;
            let (shard, root) = Shard::build(number, tag, own)?;
            *slot = root;
            shards.push(shard);
        }
        let (root, _) = root::seal(&mut roots)?;
        Ok(Self {
            tag,
            shards,
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

    /// Leaves of all shards.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.roots.iter().map(|shard| u64::from(shard.count)).sum()
    }

    /// The shards' roots, as they stand in the sealed `Snapshot` account.
    #[must_use]
    pub fn roots(&self) -> &[ShardRoot; SHARDS] {
        &self.roots
    }

    /// A sealed shard: its caps and their height are those of the account.
    #[must_use]
    pub fn shard(&self, number: u8) -> Option<&SnapshotShard> {
        self.shards.get(usize::from(number)).map(|shard| &shard.sealed)
    }

    /// Every leaf with its index, in ascending order of the keys.
    pub fn leaves(&self) -> impl Iterator<Item = (u32, &Position)> {
        self.shards.iter().flat_map(|shard| {
            let number = shard.sealed.shard;
            (0u32..)
                .zip(&shard.leaves)
                .map(move |(place, leaf)| (merkle::leaf_index(number, place), leaf))
        })
    }

    /// The proof of one position, or `None` when it has no leaf.
    #[must_use]
    pub fn prove(&self, key: &Pubkey) -> Option<Proof> {
        let shard = self.shards.get(usize::from(merkle::shard_of(key.as_array())))?;
        let place = shard.leaves.binary_search_by(|leaf| leaf.key.cmp(key)).ok()?;
        let cap = place >> shard.sealed.cap_height;
        let below = shard.below_cap(cap).ok()?;
        self.assemble(shard, place, &below)
    }

    /// The proof of every leaf, in ascending order of the keys.
    pub fn proofs(&self) -> impl Iterator<Item = Proof> {
        self.shards.iter().flat_map(move |shard| {
            let width = 1usize << shard.sealed.cap_height;
            (0..shard.leaves.len().div_ceil(width)).flat_map(move |cap| {
                let below = shard.below_cap(cap).unwrap_or_default();
                let places = cap * width..shard.leaves.len().min((cap + 1) * width);
                places.filter_map(move |place| self.assemble(shard, place, &below))
            })
        })
    }

    /// Siblings below the cap, then through the caps, then through the shards.
    fn assemble(&self, shard: &Shard, place: usize, below: &[Vec<Node>]) -> Option<Proof> {
        let position = *shard.leaves.get(place)?;
        let number = shard.sealed.shard;
        let within = place & ((1 << shard.sealed.cap_height) - 1);
        let mut siblings = siblings(below, within)?;
        let canopy_from = siblings.len();
        siblings.extend(self::siblings(
            &levels(&shard.sealed.caps).ok()?,
            place >> shard.sealed.cap_height,
        )?);
        let roots = self.roots.map(|shard| shard.root);
        siblings.extend(self::siblings(&levels(&roots).ok()?, usize::from(number))?);
        Some(Proof {
            index: merkle::leaf_index(number, u32::try_from(place).ok()?),
            position,
            siblings,
            canopy_from,
        })
    }
}

impl Shard {
    fn build(number: u8, tag: [u8; 32], positions: &[Position]) -> Result<(Self, ShardRoot), BuildError> {
        let mut sealed = SnapshotShard {
            shard: number,
            tag,
            ..SnapshotShard::zeroed()
        };
        let mut intake = Intake::new(&mut sealed).map_err(|error| refused(error, number, Pubkey::default()))?;
        for Position { key, owner, amount } in positions {
            intake
                .append(key.as_array(), owner.as_array(), *amount)
                .map_err(|error| refused(error, number, *key))?;
        }
        drop(intake);
        let root = frontier::finish(&mut sealed).map_err(|error| refused(error, number, Pubkey::default()))?;
        let leaves = positions
            .iter()
            .filter(|position| position.amount != 0)
            .copied()
            .collect();
        Ok((Self { sealed, leaves }, root))
    }

    /// Every level of the subtree of a cap below the cap itself, leaves first.
    fn below_cap(&self, cap: usize) -> Result<Vec<Vec<Node>>, SumOverflow> {
        let height = self.sealed.cap_height;
        let first = cap << height;
        let mut row: Vec<Node> = (first..first + (1 << height))
            .map(|place| match (self.leaves.get(place), u32::try_from(place)) {
                (Some(leaf), Ok(place)) => merkle::leaf(
                    &self.sealed.tag,
                    merkle::leaf_index(self.sealed.shard, place),
                    leaf.key.as_array(),
                    leaf.owner.as_array(),
                    leaf.amount,
                ),
                _ => Node::zeroed(),
            })
            .collect();
        let mut levels = vec![];
        for _ in 0..height {
            let mut above = vec![Node::zeroed(); row.len() / 2];
            merkle::pair_up(&row, &mut above)?;
            levels.push(row);
            row = above;
        }
        Ok(levels)
    }
}

fn refused(error: FrontierError, shard: u8, key: Pubkey) -> BuildError {
    match error {
        FrontierError::SumOverflow => BuildError::SumOverflow,
        FrontierError::Full => BuildError::ShardFull(shard),
        // Positions are sorted and split by shard: what does not ascend is there twice.
        FrontierError::NotAscending | FrontierError::WrongShard | FrontierError::Sealed => BuildError::Duplicate(key),
    }
}

/// The four levels of a row of sixteen below its root.
fn levels(row: &[Node; CAPS]) -> Result<Vec<Vec<Node>>, SumOverflow> {
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
