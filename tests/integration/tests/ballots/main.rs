//! Token holders choose; escrow keeps them honest.

mod escrow;
mod nominations;
mod plug_in;
mod rules;
mod voting;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError,
    instructions::{ChooseRestorationArgs, OpenDomainArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::ballots::ballot;
use bulkhead_interface::{
    constants::{
        CHOICE_NONE, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, ballot_state, class, snapshot_source,
        snapshot_state, step,
    },
    layout::{Council, Domain, Snapshot, VoteRecord, VoterEscrow},
};
use bulkhead_testbed::{Failure, Machine, Outcome, VOTE_SECONDS, associated_token, council_config, keypair};
use bulkhead_tests::{
    recovery::{LEDGER, Recovery, forge, positions},
    refused, world,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

fn frozen() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(40));
    (machine, recovery)
}

fn voting() -> (Machine, Recovery, [Keypair; 3]) {
    let (mut machine, recovery) = frozen();
    let voters = [("a", 700), ("b", 250), ("c", 50)].map(|(name, amount)| recovery.voter(&mut machine, name, amount));
    recovery.nominate(&mut machine);
    recovery.start(&mut machine);
    (machine, recovery, voters)
}

fn withdraw(recovery: &Recovery, voter: &Keypair, amount: u64) -> Instruction {
    let protocol = &recovery.protocol;
    let destination = associated_token(&voter.pubkey(), &protocol.governance_mint);
    ix::withdraw_votes(
        protocol.domain,
        voter.pubkey(),
        destination,
        protocol.governance_mint,
        TOKEN_PROGRAM,
        amount,
    )
}

/// A sealed snapshot of a checkpoint, as `open_checkpoint_snapshot` makes it.
fn checkpoint(machine: &mut Machine, recovery: &Recovery, name: &str) -> Pubkey {
    let sealed: Snapshot = machine.load(&recovery.snapshot);
    let key = keypair(name).pubkey();
    let state = Snapshot {
        source: snapshot_source::CHECKPOINT,
        checkpoint_slot: 5,
        root: key.to_bytes(),
        ..sealed
    };
    forge(machine, &key, &state);
    key
}
