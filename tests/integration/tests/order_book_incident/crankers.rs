//! Several crankers read several ledgers into their shards, taking turns.

use std::collections::VecDeque;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::layout::Ledger;
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, keypair};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// How many there are.
const CRANKERS: usize = 3;
/// Positions that fit one ingesting transaction.
const BATCH: usize = 20;

/// A cranker and what it still has to send.
pub struct Cranker {
    pub key: Keypair,
    pub work: VecDeque<Instruction>,
}

/// One ledger to be read.
pub struct Reading {
    pub index: u8,
    pub positions: Vec<Position>,
    /// Shards with positions, and whose they are.
    pub shards: Vec<Pubkey>,
    /// How many crankers read it.
    pub crankers: usize,
}

fn shard_of(position: &Position) -> u8 {
    merkle::shard_of(position.key.as_array())
}

/// Those who read, with nothing to do.
pub fn crankers(machine: &mut Machine) -> Vec<Cranker> {
    let cranker = |number: usize| {
        let key = keypair(&format!("cranker {number}"));
        machine.fund(&key.pubkey(), 10_000_000_000);
        Cranker {
            key,
            work: VecDeque::new(),
        }
    };
    (0..CRANKERS).map(cranker).collect()
}

/// Reads the host's accounts off chain, and shares the shards out among the crankers.
pub fn assign(
    machine: &Machine,
    crankers: &mut [Cranker],
    (domain, incident): (Pubkey, Pubkey),
    index: u8,
    keys: &[Pubkey],
) -> Reading {
    let ledger: Ledger = machine.load(&pda::ledger(&domain, index));
    let snapshot = pda::snapshot(&incident, index);
    let mut positions: Vec<_> = keys
        .iter()
        .map(|key| {
            let account = machine.account(key).expect("a position");
            Position::read(&ledger, *key, &account.owner, &account.data).expect("a position")
        })
        .collect();
    positions.sort_unstable();
    let mut reading = Reading {
        index,
        positions,
        shards: vec![],
        crankers: 0,
    };
    let mut at_work = [false; CRANKERS];
    for of_shard in reading.positions.chunk_by(|a, b| shard_of(a) == shard_of(b)) {
        let number = shard_of(&of_shard[0]);
        let whose = usize::from(number) % CRANKERS;
        at_work[whose] = true;
        let cranker = &mut crankers[whose];
        let key = cranker.key.pubkey();
        cranker
            .work
            .push_back(ix::open_shard(domain, key, key, snapshot, number));
        for batch in of_shard.chunks(BATCH) {
            let keys: Vec<_> = batch.iter().map(|position| position.key).collect();
            let ingest = ix::ingest_positions(domain, key, snapshot, index, number, &keys);
            cranker.work.push_back(ingest);
        }
        reading.shards.push(pda::shard(&snapshot, number, &key));
    }
    reading.crankers = at_work.into_iter().filter(|at_work| *at_work).count();
    reading
}
