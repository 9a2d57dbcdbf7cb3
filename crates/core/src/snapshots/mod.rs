//! Ledgers read on chain: layouts, the Merkle-sum tree, seals.

pub(crate) mod acts;
pub mod fetch;
pub mod frontier;
pub mod layout;
pub mod merkle;
pub mod root;
