//! Checkpoints as their attesters have posted them, true ones and lies.

use std::sync::Arc;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{ContestNodeArgs, PostCheckpointArgs, ProveLeafArgs};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::layout::{Node, ShardRoot};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_tests::checkpoints::{Forged, inflated, leaf_of, statement};

use crate::rng::Rng;

/// A checkpoint.
#[derive(Clone)]
pub struct Posted {
    pub ledger: u8,
    pub slot: u64,
    is_lie: bool,
    said: Arc<Said>,
}

/// A position that was read in its slot.
#[derive(Clone)]
pub struct Sample {
    pub ledger: u8,
    pub slot: u64,
    pub key: Pubkey,
}

enum Said {
    /// A tree that is sound, whether its amounts are true or not.
    Sound(Arc<Tree>),
    /// One position counted twice.
    Twice(Forged),
    /// A tree that is sound, said to have another number of leaves.
    Miscounted(Arc<Tree>, [ShardRoot; 16]),
    /// A sum that is not that of its leaves.
    Inflated(Forged, PostCheckpointArgs, ContestNodeArgs),
}

impl Posted {
    /// The truth about `rows`, or what somebody might say in its place.
    pub fn new(rng: &mut Rng, ledger: u8, slot: u64, tag: [u8; 32], rows: &[Position]) -> Self {
        let mut rows = rows.to_vec();
        let sum: u64 = rows.iter().map(|row| row.amount).sum();
        let kind = rng.below(10);
        let said = match kind {
            0 => {
                let half = |amount| Position { amount, ..rows[0] };
                Said::Twice(Forged::new(tag, &[half(sum / 2), half(sum - sum / 2)]))
            }
            1 => {
                rows.last_mut().expect("positions").amount -= 1;
                let tree = Forged::new(tag, &rows);
                let (args, contest) = inflated(slot, &tree, 1);
                Said::Inflated(tree, args, contest)
            }
            2 => {
                rows.last_mut().expect("positions").amount -= 1;
                Said::Sound(Arc::new(Tree::build(tag, rows).expect("a few positions")))
            }
            3 => {
                let tree = Tree::build(tag, rows).expect("a few positions");
                let mut roots = *tree.roots();
                let shard = roots.iter_mut().find(|shard| shard.count > 0).expect("leaves");
                shard.count += rng.pick(&[1, 16]);
                Said::Miscounted(Arc::new(tree), roots)
            }
            _ => Said::Sound(Arc::new(Tree::build(tag, rows).expect("a few positions"))),
        };
        Self {
            ledger,
            slot,
            is_lie: kind < 4,
            said: Arc::new(said),
        }
    }

    /// Does it say anything but what the host has?
    pub fn is_lie(&self) -> bool {
        self.is_lie
    }

    /// What is posted.
    pub fn statement(&self) -> PostCheckpointArgs {
        match &*self.said {
            Said::Sound(tree) => statement(self.slot, tree.root(), tree.roots()),
            Said::Miscounted(tree, roots) => statement(self.slot, tree.root(), roots),
            Said::Twice(tree) => statement(self.slot, &tree.root, &tree.roots),
            Said::Inflated(_, args, _) => args.clone(),
        }
    }

    pub fn roots(&self) -> [ShardRoot; 16] {
        match &*self.said {
            Said::Sound(tree) => *tree.roots(),
            Said::Miscounted(_, roots) => *roots,
            Said::Twice(tree) | Said::Inflated(tree, ..) => tree.roots,
        }
    }

    /// The shard with leaves.
    pub fn shard(&self) -> u8 {
        match &*self.said {
            Said::Sound(tree) | Said::Miscounted(tree, _) => {
                let (_, row) = tree.leaves().next().expect("leaves");
                merkle::shard_of(row.key.as_array())
            }
            _ => 0,
        }
    }

    /// Its canopy.
    pub fn canopy(&self) -> [Node; 16] {
        match &*self.said {
            Said::Sound(tree) | Said::Miscounted(tree, _) => tree.shard(self.shard()).expect("it has leaves").canopy,
            Said::Twice(tree) | Said::Inflated(tree, ..) => tree.canopy,
        }
    }

    /// Its leaves, in order.
    pub fn rows(&self) -> Vec<Position> {
        match &*self.said {
            Said::Sound(tree) | Said::Miscounted(tree, _) => tree.leaves().map(|(_, row)| *row).collect(),
            Said::Twice(tree) | Said::Inflated(tree, ..) => tree.rows.clone(),
        }
    }

    /// What proves leaf `number`.
    pub fn leaf(&self, number: usize) -> ProveLeafArgs {
        match &*self.said {
            Said::Sound(tree) | Said::Miscounted(tree, _) => leaf_of(self.slot, tree, &self.rows()[number].key),
            Said::Twice(tree) | Said::Inflated(tree, ..) => tree.leaf(self.slot, u32::try_from(number).expect("few")),
        }
    }

    /// What shows a sum that is none.
    pub fn contest(&self) -> Option<ContestNodeArgs> {
        match &*self.said {
            Said::Inflated(.., contest) => Some(contest.clone()),
            _ => None,
        }
    }

    /// The tree claims are paid by, if it is one.
    pub fn tree(&self) -> Option<Arc<Tree>> {
        match &*self.said {
            Said::Sound(tree) => Some(tree.clone()),
            _ => None,
        }
    }
}
