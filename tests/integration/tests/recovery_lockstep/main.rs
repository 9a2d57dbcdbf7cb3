//! The built program and the pure machine of one ledger's way back, step by step: random moves by random signers at
//! random times succeed and fail together, for the same reason, and leave the same bytes and tokens. So what
//! `crates/core/tests/recovery_scope` says of the machine, it says of the program.

#[path = "../model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;

mod compare;
mod instructions;
mod moves;
mod world;

use std::rc::Rc;

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction::transfer};
use bulkhead::{
    authority::core_error,
    instructions::{ChooseRestorationArgs, SetClaimTermsArgs, SetRecoveryRulesArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    CoreError,
    acts::{At, Plan},
    machine::recovery::{Book, Leaf, Move, Purse, Recovery as State, RecoveryKeys, Voter},
};
use bulkhead_interface::{
    constants::{
        CHOICE_NONE, CHOICE_NOTED, MIN_CLAIM_DAYS, MIN_ESCAPE_SECONDS, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS,
        SUCCESSOR_NOTICE_SECONDS, VERSION, checkpoint_state, proved, snapshot_source, snapshot_state,
    },
    layout::{CheckpointLog, ClaimRedirect, ClaimTerms, Council, Evacuation, Ledger, Snapshot, Vault, VoteRecord},
    seeds::SEED_CHECKPOINTS,
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, VOTE_SECONDS, associated_token, keypair};
use bulkhead_tests::{
    interim::Shared,
    recovery::{LEDGER, Recovery, forge, owner, positions},
    weights, world,
};
use bytemuck::Zeroable;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use self::{moves::*, rng::Rng, world::*};

const SEEDS: u64 = 16;
const STEPS: u64 = 500;
const LEAVES: u64 = 5;
/// What the funder has: more than is ever paid in.
const TREASURY: u64 = 1_000_000;
/// What the evacuation brought to the recovery account, of what is there.
const EVACUATED: u64 = 2_000;
const IN_RECOVERY_ACCOUNT: u64 = 3_000;
/// What each voter has in the plug-in.
const WEIGHT: u64 = 1_000;
/// What custody still holds.
const IN_CUSTODY: u64 = 1_501;

/// One ledger's way back, twice.
struct Twins {
    machine: Machine,
    recovery: Recovery,
    before: Tree,
    voters: Vec<Keypair>,
    funder: Keypair,
    state: State,
}

#[test]
fn program_and_machine_agree_step_by_step() {
    let mut reached = [0u32; 12];
    for seed in 0..SEEDS {
        let mut twins = Twins::new(seed);
        let mut rng = Rng::new(seed);
        let members = [
            keypair("stranger"),
            twins.recovery.protocol.members[0].insecure_clone(),
            twins.recovery.protocol.members[1].insecure_clone(),
            // The one that vetoes.
            twins.recovery.protocol.members[3].insecure_clone(),
        ];
        for step in 0..STEPS {
            let anyone = &members[usize::try_from(rng.below(4)).unwrap_or(0)];
            let action = pick(&mut rng, twins.state.restoration.is_some());
            let signer = &maker(&mut rng, action, (anyone, &members[3]));
            let story = format!("seed {seed}, step {step}, {action:?} by {}", signer.pubkey());
            let is_done = twins.step(&story, signer, action);
            let number = match action {
                Move::Choose(_) => 0,
                Move::Claim(_) => 1,
                Move::Renew(_) => 2,
                Move::ClaimInterim(_) => 3,
                Move::Escape(_) => 4,
                Move::DrawCustody => 5,
                Move::Sweep => 6,
                Move::Veto => 7,
                Move::Note(_) => 8,
                Move::ClaimBatch(..) => 9,
                Move::Wish(..) => 10,
                Move::Consume(..) => 11,
                _ => continue,
            };
            reached[number] += u32::from(is_done);
            // A snapshot becomes another one: what was voted on is stale.
            if matches!(action, Move::Renew(_)) && rng.percent(20) {
                let (key, old) = twins.state.snapshots[2];
                let again = Snapshot {
                    root: [100 + u8::try_from(step % 100).unwrap_or(0); 32],
                    state: snapshot_state::SEALED,
                    ..old
                };
                forge(&mut twins.machine, &key, &again);
                twins.state.snapshots[2].1 = again;
            }
        }
    }
    assert!(reached.iter().all(|number| *number > 0), "{reached:?}");
}
