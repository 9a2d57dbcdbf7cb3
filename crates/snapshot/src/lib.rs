//! Snapshots off chain: build the same tree as the program, prove its leaves, and verify proofs.
//!
//! Nothing is implemented twice: leaves, nodes, shards and layouts are `bulkhead_core`'s, the same functions the
//! program runs.
#![deny(missing_docs)]

mod diff;
mod digits;
mod error;
mod file;
mod folder;
mod hex;
mod input;
pub mod json;
mod manifest;
mod position;
mod progress;
mod proof;
mod quiet;
mod roots;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(feature = "serve")]
pub mod serve;
mod shard;
mod sort;
mod table;
mod text;
mod tree;

pub use {
    diff::{Diff, OwnerChange, diff},
    error::{Error, Place},
    folder::{BuildOptions, Snapshot, build, collect, collect_source, verify},
    input::{Source, Trial, TriedPosition, layout_from_file, try_ledger},
    manifest::{FileEntry, Manifest, ProofEntry, SourceEntry, TagInputs},
    position::{Position, ReadError},
    progress::{Progress, Silent},
    proof::{Proof, VerifyError},
    roots::{Roots, RootsBuilder, ShardEntry},
    shard::ShardBuilder,
    text::{harmless, is_harmless},
    tree::{BuildError, Tree},
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
