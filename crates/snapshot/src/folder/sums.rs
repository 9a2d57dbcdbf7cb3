//! Checks that a work folder contains what the sources contain.
//!
//! Anyone who can write the folder could have put other leaves there. So the sources are read again. For each shard,
//! the sum of a keyed hash over the source's positions is compared with the same sum over the file. The key is
//! generated at that moment, so nothing prepared earlier can match.

use std::{
    hash::{BuildHasher, RandomState},
    path::Path,
};

use bulkhead_core::snapshots::merkle;
use bulkhead_interface::constants::SHARDS;

use super::work::{entry_of, leaves_of, read_json, read_rows, rows_of};
use crate::{Error, Position, ShardEntry};

/// A 128-bit sum of hashes, in two halves.
type Sum = [u64; 2];

pub(super) struct Sums {
    keys: [RandomState; 2],
    shards: [OfShard; SHARDS],
}

#[derive(Clone, Copy, Default)]
struct OfShard {
    all: Sum,
    /// Excludes zero amounts.
    leaves: Sum,
    rows: u64,
}

impl Sums {
    pub(super) fn new() -> Self {
        Self {
            keys: [RandomState::new(), RandomState::new()],
            shards: [OfShard::default(); SHARDS],
        }
    }

    pub(super) fn add(&mut self, position: &Position) {
        let hash = self.of(position);
        let shard = usize::from(merkle::shard_of(position.key.as_array()));
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.rows += 1;
            shard.all = plus(shard.all, hash);
            if position.amount != 0 {
                shard.leaves = plus(shard.leaves, hash);
            }
        }
    }

    fn of(&self, position: &Position) -> Sum {
        let bytes = bytemuck::bytes_of(position);
        [self.keys[0].hash_one(bytes), self.keys[1].hash_one(bytes)]
    }

    /// Compares every file of the folder with what was added.
    pub(super) fn check(&self, work: &Path) -> Result<(), Error> {
        for (number, printed) in self.shards.iter().enumerate() {
            let entry = entry_of(work, number);
            let (file, expected, rows) = if entry.is_file() {
                let entry: ShardEntry = read_json(&entry)?;
                (leaves_of(work, number), printed.leaves, entry.seen.into())
            } else {
                (rows_of(work, number), printed.all, printed.rows)
            };
            let found = read_rows(&file)?;
            let sum = found.iter().fold([0; 2], |sum, row| plus(sum, self.of(row)));
            if sum != expected || rows != printed.rows {
                return Err(Error::ForeignWork(work.to_owned()));
            }
        }
        Ok(())
    }
}

fn plus([a, b]: Sum, [c, d]: Sum) -> Sum {
    [a.wrapping_add(c), b.wrapping_add(d)]
}
