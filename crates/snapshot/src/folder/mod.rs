//! A snapshot's folder: `leaves.parquet` and `manifest.json`, written completely or not at all.
//!
//! A run works in a folder next to its result, `NAME.partial`. Positions are divided into sixteen files, and each shard
//! is sorted and hashed separately. Finished work stays there if the run is interrupted, and the same command resumes
//! it. Because anyone may have left these files, they are trusted only as far as they match the sources. The folder
//! gets its final name only at the end, after everything was read back and hashed again.

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
