//! Computes only a ledger's roots: the fast path, in the memory of the positions themselves.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use bulkhead_core::{
    checkpoints::checkpoint,
    snapshots::{merkle, root},
};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{Node, ShardRoot},
};
use serde::{Deserialize, Serialize};

use crate::{
    BuildError, Position, ShardBuilder,
    hex::{self, decimal},
    sort,
};

/// What a sealed ledger commits to: sixteen shards, their roots, the root over them and the total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// The shards, as in the sealed `Snapshot` account.
    pub shards: [ShardEntry; SHARDS],
    /// Hash of the topmost node.
    #[serde(with = "hex")]
    pub root: [u8; 32],
    /// Sum of all leaves.
    #[serde(with = "decimal")]
    pub total: u64,
    /// Number of leaves in all shards.
    pub count: u64,
}

/// One shard of a sealed ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardEntry {
    /// Root over the shard's canopy nodes.
    #[serde(with = "hex")]
    pub root: [u8; 32],
    /// Sum of its leaves.
    #[serde(with = "decimal")]
    pub sum: u64,
    /// Number of its leaves.
    pub count: u32,
    /// Number of leaves in all shards before it.
    pub first: u32,
    /// Positions read, zero amounts included.
    pub seen: u32,
    /// Levels below its canopy.
    pub canopy_height: u8,
}

impl Roots {
    /// Builds from positions in any order, on `threads` threads. Sorts the positions in place and uses no additional
    /// memory.
    ///
    /// # Errors
    /// [`BuildError`]
    pub fn of(tag: &[u8; 32], positions: &mut [Position], threads: usize) -> Result<Self, BuildError> {
        let sealed = shard_by_shard(threads, sort::by_shard(positions), |number, own| {
            sort::by_key(own);
            let mut shard = ShardBuilder::new(number, *tag);
            shard.append(&*own).map_err(BuildError::of_sorted)?;
            shard.finish().map(|(_, entry)| entry)
        })?;
        Self::seal(in_order(sealed))
    }

    /// Builds from sixteen shards, in the order of their numbers. Sets each shard's `first`.
    ///
    /// # Errors
    /// [`BuildError::SumOverflow`]
    pub fn seal(mut shards: [ShardEntry; SHARDS]) -> Result<Self, BuildError> {
        let mut roots = shards.map(|entry| entry.shard_root());
        let (top, count) = root::seal(&mut roots)?;
        for (entry, root) in shards.iter_mut().zip(&roots) {
            entry.first = root.first;
        }
        Ok(Self {
            shards,
            root: top.hash,
            total: top.sum,
            count: count.into(),
        })
    }

    /// What a checkpoint commits to besides the root: its shards, including their leaf counts.
    #[must_use]
    pub fn shards_hash(&self) -> [u8; 32] {
        checkpoint::shards_hash(&self.shards.map(|entry| entry.shard_root()))
    }

    /// Root and total as one node.
    #[must_use]
    pub fn node(&self) -> Node {
        Node {
            hash: self.root,
            sum: self.total,
        }
    }
}

/// Builds from positions in ascending order, batch by batch. Memory use does not grow with their number.
pub struct RootsBuilder {
    tag: [u8; 32],
    open: ShardBuilder,
    number: u8,
    sealed: Vec<ShardEntry>,
}

impl RootsBuilder {
    /// Starts with no positions.
    #[must_use]
    pub fn new(tag: [u8; 32]) -> Self {
        Self {
            tag,
            open: ShardBuilder::new(0, tag),
            number: 0,
            sealed: Vec::with_capacity(SHARDS),
        }
    }

    /// Adds the next positions.
    ///
    /// # Errors
    /// [`BuildError`]. After an error the builder must not be used any more.
    pub fn append(&mut self, mut positions: &[Position]) -> Result<(), BuildError> {
        while let Some(first) = positions.first() {
            let shard = merkle::shard_of(first.key.as_array());
            if shard < self.number {
                return Err(BuildError::NotAscending(first.key));
            }
            while self.number < shard {
                self.turn()?;
            }
            let len = positions
                .iter()
                .take_while(|position| merkle::shard_of(position.key.as_array()) == shard)
                .count();
            let (own, others) = positions.split_at(len);
            self.open.append(own)?;
            positions = others;
        }
        Ok(())
    }

    /// Moves on to the next shard.
    fn turn(&mut self) -> Result<(), BuildError> {
        self.number += 1;
        let next = ShardBuilder::new(self.number, self.tag);
        self.sealed.push(std::mem::replace(&mut self.open, next).finish()?.1);
        Ok(())
    }

    /// Seals the ledger.
    ///
    /// # Errors
    /// [`BuildError`]
    pub fn finish(mut self) -> Result<Roots, BuildError> {
        while self.sealed.len() < SHARDS {
            self.turn()?;
        }
        Roots::seal(in_order(self.sealed))
    }
}

/// Finished shards in order. Missing shards are empty.
pub(crate) fn in_order(done: Vec<ShardEntry>) -> [ShardEntry; SHARDS] {
    let mut shards = [ShardEntry::empty(); SHARDS];
    for (shard, entry) in shards.iter_mut().zip(done) {
        *shard = entry;
    }
    shards
}

impl ShardEntry {
    /// As in the `Snapshot` account.
    pub(crate) fn shard_root(&self) -> ShardRoot {
        ShardRoot {
            root: Node {
                hash: self.root,
                sum: self.sum,
            },
            count: self.count,
            first: self.first,
        }
    }

    /// A shard without a leaf.
    fn empty() -> Self {
        Self {
            root: root::empty_shard().root.hash,
            sum: 0,
            count: 0,
            first: 0,
            seen: 0,
            canopy_height: 0,
        }
    }
}

/// Runs `work` over the sixteen shards. Each thread takes the next free shard. The results are in the order of the
/// shards. If several shards fail, the error of the lowest shard is returned.
pub(crate) fn shard_by_shard<I: Send, T: Send, E: Send>(
    threads: usize,
    shards: [I; SHARDS],
    work: impl Fn(u8, I) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let shards = shards.map(|shard| std::sync::Mutex::new(Some(shard)));
    let take = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let shard = shards.get(number)?.lock().ok()?.take()?;
        Some((number, work(u8::try_from(number).ok()?, shard)))
    };
    let mut done: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads.clamp(1, SHARDS))
            .map(|_| scope.spawn(|| std::iter::from_fn(take).collect::<Vec<_>>()))
            .collect();
        let mut done: Vec<_> = std::iter::from_fn(take).collect();
        for worker in workers {
            match worker.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}
