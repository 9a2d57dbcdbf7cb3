//! Ballots, their rules, and the weights that count in them: escrowed votes, or those of a voter-weight plug-in.

pub(crate) mod acts;
pub mod ballot;
pub mod escrow;
pub mod rules;
pub mod weight;
