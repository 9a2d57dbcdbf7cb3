//! The tree over the leaves of a ledger, in memory: its roots, and the proofs that claims take.
//!
//! `bulkhead-snapshot` builds the same tree, with files and several threads around it. Leaves, nodes and shards are
//! core's in both.

use bulkhead_core::snapshots::{
    frontier::{self, FrontierError, Intake},
    merkle::{self, SumOverflow},
    root::{self, empty_shard},
};
use bulkhead_interface::{
    constants::{SHARD_SHIFT, SHARDS},
    layout::{Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use super::positions::Leaf;
use crate::flows::FlowError;

/// A ledger's tree, with all its leaves.
pub struct Tree {
    tag: [u8; 32],
    /// In ascending order of their keys, without zero amounts.
    leaves: Vec<Leaf>,
    shards: Vec<SnapshotShard>,
    roots: [ShardRoot; SHARDS],
    root: Node,
}

/// A leaf with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// Index of the leaf: its shard and its place in the shard.
    pub index: u32,
    /// The leaf.
    pub leaf: Leaf,
    /// Siblings up to the shard's canopy, 40 bytes each: hash and sum.
    pub proof: Vec<u8>,
}

impl Tree {
    /// The tree of these leaves, in any order. Zero amounts are left out, as the program leaves them out.
    ///
    /// # Errors
    /// [`FlowError::NotPossible`] when a key appears twice, when a shard has no room, or when the sum does not fit 64
    /// bits.
    pub fn build(tag: [u8; 32], mut leaves: Vec<Leaf>) -> Result<Self, FlowError> {
        leaves.retain(|leaf| leaf.amount != 0);
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        let mut roots = [empty_shard(); SHARDS];
        let mut shards = Vec::with_capacity(SHARDS);
        let mut rest = leaves.as_slice();
        for (number, root) in (0..).zip(&mut roots) {
            let is_own = |leaf: &Leaf| merkle::shard_of(leaf.key.as_array()) == number;
            let (own, others) = rest.split_at(rest.partition_point(is_own));
            rest = others;
            let (shard, sealed) = read(tag, number, own).map_err(|error| unfit(error, number))?;
            *root = sealed;
            shards.push(shard);
        }
        let (root, _) = root::seal(&mut roots).map_err(|SumOverflow| unfit(FrontierError::SumOverflow, 0))?;
        Ok(Self {
            tag,
            leaves,
            shards,
            roots,
            root,
        })
    }

    /// Root and total.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }

    /// Roots, counts and first places of the shards, as in the sealed snapshot.
    #[must_use]
    pub const fn roots(&self) -> &[ShardRoot; SHARDS] {
        &self.roots
    }

    /// The sealed shard of this number: its canopy is that of the account.
    #[must_use]
    pub fn shard(&self, number: u8) -> Option<&SnapshotShard> {
        self.shards.get(usize::from(number))
    }

    /// All leaves, in ascending order of their keys: the place of a leaf is its place over all shards.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Number of leaves.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The index of the leaf at a place over all shards.
    fn index(&self, place: u32) -> Option<u32> {
        let is_in = |shard: &ShardRoot| {
            place
                .checked_sub(shard.first)
                .is_some_and(|within| within < shard.count)
        };
        let number = self.roots.iter().position(is_in)?;
        let first = self.roots.get(number)?.first;
        Some(merkle::leaf_index(u8::try_from(number).ok()?, place - first))
    }
}

/// Reads leaves into an empty shard and seals it.
fn read(tag: [u8; 32], number: u8, leaves: &[Leaf]) -> Result<(SnapshotShard, ShardRoot), FrontierError> {
    let mut shard = SnapshotShard {
        shard: number,
        tag,
        ..SnapshotShard::zeroed()
    };
    let mut intake = Intake::new(&mut shard)?;
    for Leaf { key, owner, amount } in leaves {
        intake.append(key.as_array(), owner.as_array(), *amount)?;
    }
    drop(intake);
    let root = frontier::finish(&mut shard)?;
    Ok((shard, root))
}

fn unfit(error: FrontierError, shard: u8) -> FlowError {
    let why = match error {
        FrontierError::NotAscending => format!("a position of shard {shard} is listed twice"),
        FrontierError::Full => format!("shard {shard} has more positions than a shard has room for"),
        FrontierError::SumOverflow => "the sum of the positions does not fit 64 bits".into(),
        FrontierError::WrongShard | FrontierError::Sealed => format!("shard {shard} cannot be built"),
    };
    FlowError::NotPossible {
        why,
        next: "pass the positions of one ledger, each once, with their amounts in native units".into(),
    }
}

/// Siblings of node `at` of sixteen, up to the node over all of them.
fn path(nodes: &[Node; SHARDS], mut at: usize) -> Option<Vec<u8>> {
    let mut row = nodes.to_vec();
    let mut siblings = Vec::new();
    while row.len() > 1 {
        siblings.extend_from_slice(bytemuck::bytes_of(row.get(at ^ 1)?));
        let mut above = vec![Node::zeroed(); row.len() / 2];
        merkle::pair_up(&row, &mut above).ok()?;
        row = above;
        at /= 2;
    }
    Some(siblings)
}

/// Proves leaves one after the other. Neighbours are proved quickly, because the last subtree is kept.
pub struct Prover<'a> {
    tree: &'a Tree,
    /// Shard and canopy node of the subtree, and its levels below that node, leaves first.
    kept: Option<((u8, u32), Vec<Vec<Node>>)>,
}

impl<'a> Prover<'a> {
    /// Of this tree.
    #[must_use]
    pub const fn new(tree: &'a Tree) -> Self {
        Self { tree, kept: None }
    }

    /// The leaf at a place over all shards, with its proof. `None` if there is no such leaf.
    pub fn prove(&mut self, place: u32) -> Option<Proved> {
        let index = self.tree.index(place)?;
        let leaf = *self.tree.leaves.get(place as usize)?;
        let number = u8::try_from(index >> SHARD_SHIFT).ok()?;
        let within = index & ((1 << SHARD_SHIFT) - 1);
        let height = self.tree.shard(number)?.canopy_height;
        let subtree = (number, within >> height);
        if self.kept.as_ref().is_none_or(|(kept, _)| *kept != subtree) {
            self.kept = Some((subtree, self.levels(subtree, height)?));
        }
        let (_, levels) = self.kept.as_ref()?;
        let below = (within & ((1 << height) - 1)) as usize;
        let mut proof = Vec::with_capacity(levels.len() * merkle::NODE_BYTES);
        for (level, row) in levels.iter().enumerate() {
            proof.extend_from_slice(bytemuck::bytes_of(row.get((below >> level) ^ 1)?));
        }
        Some(Proved { index, leaf, proof })
    }

    /// The same with all siblings up to the root, as a checkpoint's leaves are proved.
    pub fn prove_to_root(&mut self, place: u32) -> Option<Proved> {
        let mut proved = self.prove(place)?;
        let number = u8::try_from(proved.index >> SHARD_SHIFT).ok()?;
        let shard = self.tree.shard(number)?;
        let within = proved.index & ((1 << SHARD_SHIFT) - 1);
        let roots = self.tree.roots.map(|shard| shard.root);
        for (nodes, at) in [
            (&shard.canopy, (within >> shard.canopy_height) as usize),
            (&roots, usize::from(number)),
        ] {
            proved.proof.extend(path(nodes, at)?);
        }
        Some(proved)
    }

    /// Every level of a subtree below its canopy node.
    fn levels(&self, (number, canopy): (u8, u32), height: u8) -> Option<Vec<Vec<Node>>> {
        let shard = self.tree.roots.get(usize::from(number))?;
        let own = self
            .tree
            .leaves
            .get(shard.first as usize..)?
            .get(..shard.count as usize)?;
        let first = canopy << height;
        let node = |place: u32| match own.get(place as usize) {
            Some(Leaf { key, owner, amount }) => {
                let index = merkle::leaf_index(number, place);
                merkle::leaf(&self.tree.tag, index, key.as_array(), owner.as_array(), *amount)
            }
            None => Node::zeroed(),
        };
        let mut row: Vec<Node> = (first..first + (1 << height)).map(node).collect();
        let mut levels = Vec::with_capacity(height.into());
        for _ in 0..height {
            let mut above = vec![Node::zeroed(); row.len() / 2];
            merkle::pair_up(&row, &mut above).ok()?;
            levels.push(std::mem::replace(&mut row, above));
        }
        Some(levels)
    }
}
