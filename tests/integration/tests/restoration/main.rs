//! A ballot's winner, a matured proposal, and money: then every account is paid its share.

mod batches;
mod choosing;
mod claims;
mod pool;
mod recovery_account;
mod redirections;
mod wishes;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError,
    instructions::{ChooseRestorationArgs, ClaimBatchArgs, RedirectClaimsArgs, ReopenArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{associated::token_address, snapshots::merkle};
use bulkhead_interface::{
    constants::{CHOICE_NONE, NO_LEDGER, SUCCESSOR_NOTICE_SECONDS, VERSION, claim_wish, phase, snapshot_state, step},
    layout::{
        Ballot, ClaimPage, ClaimRedirect, ClaimTerms, Domain, Evacuation, Incident, Restoration, Snapshot,
        SnapshotShard, Vault,
    },
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, Outcome, VOTE_SECONDS, associated_token, keypair};
use bulkhead_tests::{
    recovery::{
        LEDGER, Recovery, forge, freeze, of_a_program, owner, positions, positions_of_one_shard, program_owner,
    },
    refused, world,
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

fn frozen(positions: Vec<Position>) -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions);
    (machine, recovery)
}

fn restored(count: u64) -> (Machine, Recovery) {
    let (mut machine, recovery) = frozen(positions(count));
    recovery.restore(&mut machine);
    (machine, recovery)
}

fn leaves(recovery: &Recovery) -> Vec<Position> {
    recovery.tree.leaves().map(|(_, leaf)| *leaf).collect()
}
