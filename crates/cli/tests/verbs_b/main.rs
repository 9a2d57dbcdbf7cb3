//! The verbs of a recovery on the built programs: what they leave in the accounts, and what they refuse.

mod bench;
mod checkpoint;
#[path = "../common/mod.rs"]
mod common;
mod help;
mod recovery;
mod snapshot;
