//! A frozen domain and one ledger of any layout, to be read and sealed.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{OverrideSealArgs, RegisterLedgerArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{
    constants::ledger_mode,
    layout::{Ledger, Snapshot, SnapshotShard},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, keypair};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::machine;

/// The ledger's number.
pub const NUMBER: u8 = 1;

/// A protocol whose ledger [`NUMBER`] is registered, and later its frozen domain with an open snapshot.
pub struct Frozen {
    pub machine: Machine,
    pub protocol: Protocol,
    pub incident: Pubkey,
    pub snapshot: Pubkey,
    pub cranker: Keypair,
}

impl Frozen {
    /// A protocol in set-up.
    #[must_use]
    pub fn in_set_up() -> Self {
        let mut machine = machine();
        let setup = Setup {
            activate: false,
            ledger: false,
            ..Setup::default()
        };
        let protocol = Protocol::set_up(&mut machine, &setup);
        let incident = pda::incident(&protocol.domain, 0);
        Self {
            snapshot: pda::snapshot(&incident, NUMBER),
            incident,
            machine,
            protocol,
            cranker: keypair("cranker"),
        }
    }

    /// Registers a ledger; its index is made [`NUMBER`].
    ///
    /// # Errors
    /// What the program says.
    pub fn register(&mut self, args: RegisterLedgerArgs) -> Result<Outcome, Failure> {
        let authority = ix::Authority {
            signer: self.protocol.setup_authority.pubkey(),
            domain: self.protocol.domain,
            proposal: None,
        };
        let args = RegisterLedgerArgs { index: NUMBER, ..args };
        let register = ix::register_ledger(authority, self.machine.payer.pubkey(), args, &[]);
        self.machine.send(&[register], &[&self.protocol.setup_authority])
    }

    /// Ends the set-up, holds the domain and opens the snapshot.
    pub fn freeze(&mut self) {
        self.hold();
        self.must(self.open());
    }

    /// Ends the set-up and holds the domain. The snapshot is still to be opened.
    pub fn hold(&mut self) {
        let activate = ix::activate_domain(self.protocol.setup_authority.pubkey());
        self.protocol
            .must(&mut self.machine, &[activate], &[&self.protocol.setup_authority]);
        self.hold_again();
    }

    /// Holds the domain once more and opens the snapshot.
    pub fn freeze_again(&mut self) {
        self.hold_again();
        self.must(self.open());
    }

    fn hold_again(&mut self) {
        self.incident = self.protocol.freeze(&mut self.machine);
        self.snapshot = pda::snapshot(&self.incident, NUMBER);
    }

    /// `open_snapshot`, with the accounts of the ledger's factors.
    #[must_use]
    pub fn open(&self) -> Instruction {
        let payer = self.machine.payer.pubkey();
        ix::open_snapshot_of(self.protocol.domain, payer, self.incident, &self.ledger())
    }

    /// Registers a ledger and holds the domain.
    ///
    /// # Panics
    /// When the program refuses the ledger.
    #[must_use]
    pub fn reading(args: impl FnOnce(&Protocol) -> RegisterLedgerArgs) -> Self {
        let mut frozen = Self::in_set_up();
        let args = args(&frozen.protocol);
        if let Err(failure) = frozen.register(args) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
        frozen.freeze();
        frozen
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.machine.load(&pda::ledger(&self.protocol.domain, NUMBER))
    }

    /// The cranker's account of a shard.
    #[must_use]
    pub fn shard(&self, number: u8) -> Pubkey {
        pda::shard(&self.snapshot, number, &self.cranker.pubkey())
    }

    /// That account's state.
    #[must_use]
    pub fn shard_state(&self, number: u8) -> SnapshotShard {
        self.machine.load(&self.shard(number))
    }

    /// `open_shard` of the cranker.
    #[must_use]
    pub fn open_shard(&self, number: u8) -> Instruction {
        let payer = self.machine.payer.pubkey();
        ix::open_shard(
            self.protocol.domain,
            self.cranker.pubkey(),
            payer,
            self.snapshot,
            number,
        )
    }

    /// The ingestion that fits the ledger's mode.
    #[must_use]
    pub fn ingest(&self, number: u8, keys: &[Pubkey]) -> Instruction {
        let (domain, cranker, ledger) = (self.protocol.domain, self.cranker.pubkey(), self.ledger());
        if ledger.mode == ledger_mode::EXPORT {
            return ix::ingest_export(domain, cranker, self.snapshot, &ledger, number, keys);
        }
        ix::ingest_positions(domain, cranker, self.snapshot, NUMBER, number, keys)
    }

    /// `seal_snapshot`, signed by the cranker: it is done with its shards.
    #[must_use]
    pub fn seal(&self, shards: &[Pubkey]) -> Instruction {
        let total_account = self.ledger().total_account;
        let (domain, crankers) = (self.protocol.domain, [self.cranker.pubkey()]);
        ix::seal_snapshot(domain, self.incident, NUMBER, total_account, shards, &crankers)
    }

    /// Proposes an override and waits until it may run.
    pub fn mature(&mut self, args: &OverrideSealArgs) -> ix::Authority {
        self.protocol.mature(&mut self.machine, args)
    }

    /// `override_seal`.
    #[must_use]
    pub fn override_seal(&self, authority: ix::Authority, shards: &[Pubkey], args: OverrideSealArgs) -> Instruction {
        ix::override_seal(
            authority,
            self.incident,
            NUMBER,
            self.ledger().total_account,
            shards,
            args,
        )
    }

    /// Sends it, signed by the cranker where it asks for that.
    ///
    /// # Errors
    /// What the program says.
    pub fn send(&mut self, instruction: Instruction) -> Result<Outcome, Failure> {
        let cranker = self.cranker.pubkey();
        let is_cranked = (instruction.accounts.iter()).any(|meta| meta.is_signer && meta.pubkey == cranker);
        let signers: &[&Keypair] = if is_cranked { &[&self.cranker] } else { &[] };
        self.machine.send(&[instruction], signers)
    }

    /// Sends what has to work.
    ///
    /// # Panics
    /// When it does not.
    pub fn must(&mut self, instruction: Instruction) -> Outcome {
        match self.send(instruction) {
            Ok(outcome) => outcome,
            Err(failure) => panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n")),
        }
    }

    /// Opens every shard that has positions and reads them all in; gives the shards' accounts.
    pub fn crank(&mut self, keys: &[Pubkey]) -> Vec<Pubkey> {
        let mut by_shard: [Vec<Pubkey>; 16] = Default::default();
        for key in keys {
            by_shard[usize::from(merkle::shard_of(key.as_array()))].push(*key);
        }
        let mut shards = vec![];
        for (number, mut keys) in (0..).zip(by_shard) {
            if keys.is_empty() {
                continue;
            }
            keys.sort_unstable();
            self.must(self.open_shard(number));
            for keys in keys.chunks(16) {
                self.must(self.ingest(number, keys));
            }
            shards.push(self.shard(number));
        }
        shards
    }

    /// The snapshot as it stands.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.machine.load(&self.snapshot)
    }

    /// What an override has to state for these shards: root, total and count as they would be sealed, and the difference
    /// to this total of the host's, to the unit.
    ///
    /// # Panics
    /// When a shard is missing.
    #[must_use]
    pub fn stated(&self, shards: &[Pubkey], host_total: u64) -> OverrideSealArgs {
        let mut roots = [bulkhead_core::snapshots::root::empty_shard(); 16];
        for key in shards {
            let mut shard: SnapshotShard = self.machine.load(key);
            let root = if shard.state == bulkhead_interface::constants::snapshot_state::OPEN {
                bulkhead_core::snapshots::frontier::finish(&mut shard)
            } else {
                bulkhead_core::snapshots::frontier::finished(&shard)
            };
            roots[usize::from(shard.shard)] = root.unwrap_or_else(|error| panic!("{error:?}"));
        }
        let (node, count) =
            bulkhead_core::snapshots::root::seal(&mut roots).unwrap_or_else(|error| panic!("{error:?}"));
        OverrideSealArgs {
            snapshot: self.snapshot,
            root: node.hash,
            total: node.sum,
            count: count.into(),
            max_excess: node.sum.saturating_sub(host_total),
            max_shortfall: host_total.saturating_sub(node.sum),
        }
    }
}
