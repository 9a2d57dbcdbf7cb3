//! A ledger read on chain counts everyone once, or is not sealed.

mod ingestion;
mod registration;
mod sealing;

use bulkhead::{
    error::BulkheadError,
    instructions::{AmountConfig, ByteFilterConfig, RegisterLedgerArgs, TotalConfig},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::{frontier::MAX_LEAVES, merkle};
use bulkhead_interface::{
    Pubkey,
    constants::{NO_LEDGER, length_rule, snapshot_state, step},
    layout::{Incident, Node, Snapshot, SnapshotShard},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use bulkhead_tests::{refused, world, world_with};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The same when another pays.
const BATCH: usize = 24;

/// A held protocol with an open snapshot of ledger 0.
struct Frozen {
    machine: Machine,
    protocol: Protocol,
    incident: Pubkey,
    snapshot: Pubkey,
    cranker: Keypair,
}

impl Frozen {
    fn new(positions: &[Position]) -> Self {
        let (mut machine, protocol) = world();
        write(&mut machine, &protocol, positions);
        let incident = protocol.freeze(&mut machine);
        let open = ix::open_snapshot(protocol.domain, machine.payer.pubkey(), incident, 0);
        protocol.must(&mut machine, &[open], &[]);
        Self {
            snapshot: pda::snapshot(&incident, 0),
            cranker: keypair("cranker"),
            machine,
            protocol,
            incident,
        }
    }

    fn shard(&self, number: u8) -> Pubkey {
        pda::shard(&self.snapshot, number, &self.cranker.pubkey())
    }

    fn open_shard(&self, number: u8) -> Instruction {
        let payer = self.machine.payer.pubkey();
        ix::open_shard(
            self.protocol.domain,
            self.cranker.pubkey(),
            payer,
            self.snapshot,
            number,
        )
    }

    fn ingest(&self, number: u8, keys: &[Pubkey]) -> Instruction {
        ix::ingest_positions(
            self.protocol.domain,
            self.cranker.pubkey(),
            self.snapshot,
            0,
            number,
            keys,
        )
    }

    fn seal(&self, shards: &[Pubkey]) -> Instruction {
        let Protocol {
            domain, total_account, ..
        } = self.protocol;
        ix::seal_snapshot(domain, self.incident, 0, total_account, shards, &[])
    }

    fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let is_cranked = instruction
            .accounts
            .iter()
            .any(|meta| meta.is_signer && meta.pubkey == self.cranker.pubkey());
        let signers: &[&Keypair] = if is_cranked { &[&self.cranker] } else { &[] };
        self.machine.send(&[instruction], signers)
    }

    fn must(&mut self, instruction: Instruction) -> Outcome {
        match self.send(instruction) {
            Ok(outcome) => outcome,
            Err(failure) => panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n")),
        }
    }

    /// Opens every shard that has positions and reads them all in; gives the shards' accounts.
    fn crank(&mut self, positions: &[Position]) -> Vec<Pubkey> {
        let mut shards = vec![];
        for (number, keys) in (0..).zip(by_shard(positions)) {
            if keys.is_empty() {
                continue;
            }
            self.must(self.open_shard(number));
            for keys in keys.chunks(BATCH) {
                self.must(self.ingest(number, keys));
            }
            shards.push(self.shard(number));
        }
        shards
    }

    fn sealed(&self) -> Snapshot {
        self.machine.load(&self.snapshot)
    }
}

fn write(machine: &mut Machine, protocol: &Protocol, positions: &[Position]) {
    for position in positions {
        protocol.write_position(machine, &position.key, &position.owner, position.amount);
    }
    protocol.write_total(machine, positions.iter().map(|position| position.amount).sum());
}

/// `count` positions spread over the shards, one in ten of them empty.
fn positions(count: u64) -> Vec<Position> {
    (0..count)
        .map(|i| Position {
            key: keypair(&format!("position {i}")).pubkey(),
            owner: keypair(&format!("owner {}", i % 11)).pubkey(),
            amount: i % 10 * 13,
        })
        .collect()
}

/// `count` positions of shard 5.
fn in_one_shard(count: u64) -> Vec<Position> {
    let mut positions: Vec<_> = positions(count);
    for position in &mut positions {
        let mut key = position.key.to_bytes();
        key[0] = 0x50 | key[0] & 0xf;
        (position.key, position.amount) = (Pubkey::new_from_array(key), position.amount + 1);
    }
    positions.sort_unstable();
    positions
}

fn by_shard(positions: &[Position]) -> [Vec<Pubkey>; 16] {
    let mut shards: [Vec<Pubkey>; 16] = Default::default();
    for position in positions {
        shards[usize::from(merkle::shard_of(position.key.as_array()))].push(position.key);
    }
    shards.iter_mut().for_each(|keys| keys.sort_unstable());
    shards
}

fn setup_authority(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}
