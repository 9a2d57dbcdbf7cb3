//! Snapshots off chain: build the tree that the program builds, prove its leaves, verify proofs.
//!
//! There is no second implementation of anything: leaves, nodes, shards and layouts are
//! `bulkhead_core`'s, the same functions the program runs.
#![deny(missing_docs)]

mod position;
mod proof;
mod tree;

pub use {
    position::{Position, ReadError},
    proof::{Proof, VerifyError},
    tree::{BuildError, Tree},
};
