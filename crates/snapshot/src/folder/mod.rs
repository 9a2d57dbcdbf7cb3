//! A snapshot's folder: `leaves.parquet` and `manifest.json`, written whole or not at all.
//!
//! A run works in a folder beside its result, `NAME.partial`: positions are parted into sixteen files, each shard is
//! sorted and hashed on its own, and what is done stays there when the run is interrupted, for the same command to go
//! on from. What lies there is believed only as far as the sources bear it out: it may have been left by anybody. Only at
//! the end, after everything was read back and hashed again, the folder gets its name.

mod build;
mod collect;
mod opened;
mod shards;
mod sums;
mod verify;
mod work;

pub(crate) use verify::hashed_leaves;
pub use {
    build::{BuildOptions, build},
    collect::{collect, collect_source},
    opened::Snapshot,
    verify::verify,
};
