//! Ballots and escrowed votes.

pub(crate) mod acts;
pub mod ballot;
pub mod escrow;
