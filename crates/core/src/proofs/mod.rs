//! Proofs of state: that a plan pays what it should, and that the ledger a repaired host restarts with owes exactly that.
//! `docs/proof-statement.md` has every byte of it. The prover is `crates/prover`; here is what the chain has to check.
//!
//! Poseidon and pairings are the caller's, as [`Curve`]: syscalls on chain.

pub mod acts;
pub mod challenge;
pub mod leaf;
pub mod points;
pub mod state;
pub mod word;

use self::{
    points::{KeyPoints, PageProof},
    word::Word,
};

/// What syscalls compute on chain.
pub trait Curve {
    /// Poseidon over one to seven words, with circom's parameters.
    fn poseidon(&self, words: &[Word]) -> Option<Word>;

    /// Are all of these points of their groups? A pairing over them says so: it fails otherwise.
    fn are_points(&self, key: &KeyPoints) -> bool;

    /// Does the pairing equation of `docs/proof-statement.md` hold? Not if a point is not of its group.
    fn accepts(&self, key: &KeyPoints, public: &Word, proof: &PageProof) -> bool;
}

/// Computes nothing: for readers of ledgers that need no proof.
#[derive(Clone, Copy, Debug)]
pub struct NoCurve;

impl Curve for NoCurve {
    fn poseidon(&self, _words: &[Word]) -> Option<Word> {
        None
    }

    fn are_points(&self, _key: &KeyPoints) -> bool {
        false
    }

    fn accepts(&self, _key: &KeyPoints, _public: &Word, _proof: &PageProof) -> bool {
        false
    }
}
