//! Checkpoints against the built program: how one would back-date, replace, fake, push out or strike
//! out a root from before the incident, and that it does not work.

#[path = "../model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;

mod ballot;
mod contests;
mod counts;
mod disputes;
mod lockstep;
mod logs;
mod posting;
mod publishing;
mod ring;
mod samples;
mod sizes;
mod truth;

use anchor_lang::{prelude::Pubkey, solana_program::system_instruction};
use bulkhead::{
    error::BulkheadError,
    instructions::{ContestNodeArgs, OpenBreakerArgs, OpenCheckpointLogArgs, PostCheckpointArgs, SLOT_HASHES_SYSVAR},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{acts, checkpoints::checkpoint, snapshots::root};
use bulkhead_interface::{
    constants::{
        MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, checkpoint_state, log_flag, phase, role, snapshot_state, step,
    },
    layout::{
        CheckpointLog, Council, Incident, LeafEvidence, Member, Node, PositionSample, ShardRoot, Snapshot,
        SnapshotShard,
    },
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{
    Failure, Machine, Outcome, Protocol, Setup, VOTE_SECONDS, associated_token, council_config, keypair,
};
use bulkhead_tests::{
    checkpoints::{Forged, Watched, inflated, leaf_of, published, rules, statement},
    detectors::{configure, in_set_up},
    recovery::{LEDGER, Recovery, forge, owner, positions},
    refused, world, world_with,
};
use solana_instruction::Instruction;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;

/// Bytes of a transaction.
const PACKET: usize = 1_232;

fn honest(watched: &mut Watched) -> (u64, PostCheckpointArgs) {
    let slot = watched.slot();
    let tree = watched.tree(slot, positions(40));
    (slot, statement(slot, tree.root(), tree.roots()))
}

fn position(byte: u8, amount: u64) -> Position {
    Position {
        key: Pubkey::new_from_array([byte; 32]),
        owner: owner(0).pubkey(),
        amount,
    }
}

/// Evidence of the first leaves of a lie.
fn prove_all(watched: &mut Watched, slot: u64, tree: &Forged, count: u32) -> Vec<Pubkey> {
    (0..count)
        .map(|index| watched.prove(tree.leaf(slot, index)).expect("a leaf"))
        .collect()
}

/// Another checkpoint by member 1.
fn watched_next(watched: &mut Watched) -> (u64, PostCheckpointArgs) {
    let (slot, args) = honest(watched);
    watched.post(1, args.clone()).expect("an attester");
    (slot, args)
}

/// A checkpoint by member 1, attested by member 2.
fn watched_after(watched: &mut Watched) -> (u64, PostCheckpointArgs) {
    let (slot, args) = watched_next(watched);
    watched.attest(2, slot).expect("another attester");
    (slot, args)
}
