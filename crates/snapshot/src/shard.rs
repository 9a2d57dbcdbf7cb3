//! One shard off chain: the program's own accumulator, fed from memory or batch by batch.

use bulkhead_core::snapshots::frontier::{self, FrontierError, Intake};
use bulkhead_interface::{Pubkey, layout::SnapshotShard};
use bytemuck::Zeroable;

use crate::{BuildError, Position, ShardEntry};

/// A shard that accepts positions in ascending order of their keys. It stores no leaves: its size is that of the
/// account, however many leaves there are.
pub struct ShardBuilder(Box<SnapshotShard>);

impl ShardBuilder {
    /// An empty shard. `tag` is [`merkle::tag`](bulkhead_core::snapshots::merkle::tag).
    #[must_use]
    pub fn new(number: u8, tag: [u8; 32]) -> Self {
        Self(Box::new(SnapshotShard {
            shard: number,
            tag,
            ..SnapshotShard::zeroed()
        }))
    }

    /// Adds the next positions, as `ingest_positions` does. Zero amounts are counted as seen, but are not leaves.
    ///
    /// # Errors
    /// [`BuildError`]. After an error the shard must not be used any more.
    pub fn append<'a>(&mut self, positions: impl IntoIterator<Item = &'a Position>) -> Result<(), BuildError> {
        let number = self.0.shard;
        let named = |key| move |error| refused(error, number, key);
        let mut intake = Intake::new(&mut self.0).map_err(named(Pubkey::default()))?;
        for Position { key, owner, amount } in positions {
            intake
                .append(key.as_array(), owner.as_array(), *amount)
                .map_err(named(*key))?;
        }
        Ok(())
    }

    /// Number of leaves so far.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.0.count
    }

    /// Seals it. Returns the resulting account and the shard's entry in the manifest.
    ///
    /// # Errors
    /// [`BuildError`]
    pub fn finish(mut self) -> Result<(SnapshotShard, ShardEntry), BuildError> {
        let number = self.0.shard;
        let root = frontier::finish(&mut self.0).map_err(|error| refused(error, number, Pubkey::default()))?;
        let entry = ShardEntry {
            root: root.root.hash,
            sum: root.root.sum,
            count: root.count,
            first: 0,
            seen: self.0.seen,
            canopy_height: self.0.canopy_height,
        };
        Ok((*self.0, entry))
    }
}

fn refused(error: FrontierError, shard: u8, key: Pubkey) -> BuildError {
    match error {
        FrontierError::SumOverflow => BuildError::SumOverflow,
        FrontierError::Full => BuildError::ShardFull(shard),
        // The previous key is the same or greater.
        FrontierError::NotAscending => BuildError::NotAscending(key),
        FrontierError::WrongShard | FrontierError::Sealed => BuildError::WrongShard(key),
    }
}
