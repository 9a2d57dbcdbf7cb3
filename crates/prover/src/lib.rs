//! Proofs that a plan pays every leaf of a ledger its share and not a unit more, page by page, and that a successor's
//! ledger holds exactly what the plan owes, to the same owners. `docs/proof-statement.md` specifies every byte.
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::expect_used, clippy::panic, clippy::unwrap_used))]

mod circuit;
mod error;
pub mod field;
pub mod file;
mod folder;
mod hash;
mod keys;
mod points;
mod proof;
mod statement;
mod subject;
#[cfg(test)]
mod testing;

pub use {
    circuit::{Counted, Shape},
    error::Error,
    field::Word,
    folder::{Compared, Ledger, Options, Plan, Proved, SCHEMA_VERSION, Verified, compare, prove_folder, verify_folder},
    hash::poseidon,
    keys::{ProvingKey, SetUp, VerifyingKey, set_up_insecurely},
    proof::{PROOF_LEN, PageProof, prove, verify, verify_input},
    statement::{Challenge, Leaf, Run, STATE_LEN, State, first_accumulator},
    subject::{Commitment, Drawn, Role, SHARDS, Subject},
};
