//! What the integration tests share.

pub mod checkpoints;
pub mod detectors;
pub mod escaping;
pub mod every_instruction;
pub mod frozen;
pub mod idl;
pub mod insurance;
pub mod interim;
pub mod linked;
pub mod peers;
pub mod proving;
pub mod queue_ledger;
pub mod recovery;
pub mod token_2022;
pub mod upgrades;
pub mod weights;
pub mod whole_incident;

use anchor_lang::prelude::Pubkey;
use bulkhead::{decision::EncodedDecision, error::BulkheadError};
use bulkhead_core::machine::{Decision, Keys};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, deploy_dir};

/// What the machine's proposal to decide this holds in the program.
#[must_use]
pub fn encoded(decision: &Decision, keys: &Keys) -> EncodedDecision {
    let payload = decision.payload(keys);
    EncodedDecision([&[decision.kind().number()], &payload[..]].concat())
}

/// A machine with the Bulkhead program.
///
/// # Panics
/// When the program has not been built: run `make build`.
#[must_use]
pub fn machine() -> Machine {
    match Machine::new(&deploy_dir(), &[(bulkhead::ID, "bulkhead")]) {
        Ok(machine) => machine,
        Err(error) => panic!("{error}"),
    }
}

/// A machine with a protocol on it.
#[must_use]
pub fn world() -> (Machine, Protocol) {
    world_with(&Setup::default())
}

/// A machine with a protocol on it, set up as asked.
#[must_use]
pub fn world_with(setup: &Setup) -> (Machine, Protocol) {
    let mut machine = machine();
    let protocol = Protocol::set_up(&mut machine, setup);
    (machine, protocol)
}

/// Asserts that the program refused, by name.
///
/// # Panics
/// When it did not, or for another reason.
pub fn refused(result: Result<Outcome, Failure>, error: BulkheadError) {
    bulkhead_testbed::refused(result, error);
}

/// A token account of a new owner, for the protocol's mint.
pub fn receiver(machine: &mut Machine, protocol: &Protocol, name: &str) -> Pubkey {
    use solana_signer::Signer;
    let owner = bulkhead_testbed::keypair(name).pubkey();
    machine.create_associated(&protocol.mint, &owner, 0)
}
