//! Proofs of state on the built program: real pages, made by `crates/prover`, from the decision to the reopening.

mod attacks;
mod gate;
mod ledgers;

use bulkhead::error::BulkheadError as E;
use bulkhead_client::{
    instructions::{self as ix, RestartChecks},
    pda,
};
use bulkhead_interface::{
    constants::{proof_flag, proof_role},
    layout::{ProofCheck, ProofRun, SealedLedger, StateProof},
};
use bulkhead_tests::{
    proving::{Page, Proving},
    recovery::LEDGER,
    refused,
};
use solana_signer::Signer;

const CHOSEN: u8 = proof_role::CHOSEN;
const SUCCESSOR: u8 = proof_role::SUCCESSOR;
/// A shard with two pages.
const LONG: u8 = 1;
/// A shard with one page.
const SHORT: u8 = 3;
/// A shard without leaves.
const EMPTY: u8 = 9;

/// The gate's checks of the ledger.
fn proved(proving: &Proving) -> RestartChecks {
    RestartChecks {
        covered: vec![],
        proved: vec![(proving.of().incident, LEDGER)],
    }
}
