//! A vault whose queue is a ledger: releases that wait, an evacuation, and the ledger read and restored.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{ChooseRestorationArgs, RegisterLedgerArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{
    constants::{CANCEL_SECONDS, verdict},
    layout::{Ledger, Release, Vault},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, Setup, VOTE_SECONDS, keypair, must};
use solana_signer::Signer;

use crate::{receiver, recovery::Recovery, world_with};

/// Number of the ledger that reads the queue.
pub const QUEUE: u8 = 7;

/// A protocol in operation, with the queue of its vault registered as ledger [`QUEUE`].
#[must_use]
pub fn world_with_queue(setup: &Setup) -> (Machine, Protocol) {
    let is_active = setup.activate;
    let setup = Setup {
        activate: false,
        ..setup.clone()
    };
    let (mut machine, protocol) = world_with(&setup);
    let by = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let args = RegisterLedgerArgs::of_queue(QUEUE, &protocol.vault.vault, &protocol.mint);
    let others: &[u8] = if setup.ledger { &[0] } else { &[] };
    let register = ix::register_ledger(by, machine.payer.pubkey(), args, others);
    protocol.must(&mut machine, &[register], &[&protocol.setup_authority]);
    if is_active {
        let activate = ix::activate_domain(protocol.setup_authority.pubkey());
        protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    }
    (machine, protocol)
}

/// Releases that wait in such a queue, and what becomes of them in an incident.
pub struct Queued {
    pub machine: Machine,
    pub protocol: Protocol,
    pub incident: Pubkey,
    /// The records, with who owns them.
    pub records: Vec<(Pubkey, Pubkey)>,
}

impl Default for Queued {
    fn default() -> Self {
        let (machine, protocol) = world_with_queue(&Setup {
            // Nothing latches: what waits is too much for a slot, and no theft.
            trip_limit: 100_000_000,
            ..Setup::default()
        });
        Self {
            incident: pda::incident(&protocol.domain, 0),
            machine,
            protocol,
            records: vec![],
        }
    }
}

impl Queued {
    /// Releases above the slot's limit, one for each name.
    #[must_use]
    pub fn of(names_and_amounts: &[(&str, u64)]) -> Self {
        let mut queued = Self::default();
        for (name, amount) in names_and_amounts {
            queued.queue(name, *amount);
        }
        queued
    }

    /// A release to an account of `name` that has to wait. Gives its number.
    pub fn queue(&mut self, name: &str, amount: u64) -> usize {
        let number = self.records.len();
        let to = receiver(&mut self.machine, &self.protocol, name);
        let outcome = must(self.protocol.release(&mut self.machine, to, amount, number as u64));
        assert_eq!(outcome.return_data, [verdict::QUEUED], "{name}");
        let key = pda::release(&self.protocol.vault.vault, number as u64);
        self.records.push((key, keypair(name).pubkey()));
        number
    }

    /// The ledger's address.
    #[must_use]
    pub fn key(&self) -> Pubkey {
        pda::ledger(&self.protocol.domain, QUEUE)
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.machine.load(&self.key())
    }

    /// The vault.
    #[must_use]
    pub fn vault(&self) -> Vault {
        self.machine.load(&self.protocol.vault.vault)
    }

    /// A record.
    #[must_use]
    pub fn record(&self, number: usize) -> Release {
        self.machine.load(&self.records[number].0)
    }

    /// Sends what anyone may send.
    ///
    /// # Errors
    /// What the program says.
    pub fn send(&mut self, instruction: solana_instruction::Instruction) -> Result<Outcome, Failure> {
        self.machine.next_slot();
        self.machine.send(&[instruction], &[])
    }

    /// The domain is frozen.
    pub fn freeze(&mut self) {
        self.machine.next_slot();
        self.incident = self.protocol.freeze(&mut self.machine);
    }

    /// The guardians confirm the evacuation, and anyone moves the vault.
    pub fn evacuate(&mut self) {
        self.confirm_evacuation();
        let evacuate = self.evacuation();
        must(self.send(evacuate));
    }

    /// The guardians confirm the evacuation.
    pub fn confirm_evacuation(&mut self) {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        for member in &self.protocol.members[..2] {
            let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, self.incident);
            self.protocol.must(&mut self.machine, &[confirm], &[member]);
        }
    }

    /// `evacuate`, with the ledger of the queue.
    #[must_use]
    pub fn evacuation(&self) -> solana_instruction::Instruction {
        let evacuate = ix::evacuate(self.protocol.vault, self.incident, self.protocol.recovery_account);
        ix::with_queue(evacuate, self.key())
    }

    /// Guardian 0 cancels a release alone.
    ///
    /// # Errors
    /// What the program says.
    pub fn cancel(&mut self, number: usize) -> Result<Outcome, Failure> {
        let guardian = self.protocol.members[0].insecure_clone();
        let (domain, vault) = (self.protocol.domain, self.protocol.vault.vault);
        let cancel = ix::cancel_release(domain, guardian.pubkey(), self.incident, vault, self.records[number].0);
        self.machine.next_slot();
        self.machine.send(&[ix::with_queue(cancel, self.key())], &[&guardian])
    }

    /// `requeue_release`.
    ///
    /// # Errors
    /// What the program says.
    pub fn requeue(&mut self, number: usize) -> Result<Outcome, Failure> {
        let (domain, vault) = (self.protocol.domain, self.protocol.vault.vault);
        let requeue = ix::requeue_release(&domain, vault, self.vault().evacuation.incident, self.records[number].0);
        self.send(ix::with_queue(requeue, self.key()))
    }

    /// Until guardians can cancel no more.
    pub fn wait_out_the_guardians(&mut self) {
        self.machine.warp_seconds(CANCEL_SECONDS);
    }

    /// What the ledger's snapshot is about once its queue was read.
    #[must_use]
    pub fn recovery(&self) -> Recovery {
        let snapshot = pda::snapshot(&self.incident, QUEUE);
        let ledger = self.ledger();
        let is_read = |release: &Release| {
            release.state == 0 && (ledger.queue_from..ledger.queue_until).contains(&release.evacuations)
        };
        let of = |(key, owner): &(Pubkey, Pubkey)| {
            let release = self.machine.try_load::<Release>(key).filter(is_read)?;
            Some(Position {
                key: *key,
                owner: *owner,
                amount: release.amount - release.paid,
            })
        };
        let tag = merkle::tag(&bulkhead::ID, &snapshot, QUEUE);
        let positions = self.records.iter().filter_map(of).collect();
        Recovery {
            protocol: self.protocol.twin(),
            incident: self.incident,
            snapshot,
            ballot: pda::ballot(&self.incident, QUEUE),
            restoration: pda::restoration(&self.incident, QUEUE),
            tree: Tree::build(tag, positions).unwrap_or_else(|error| panic!("{error}")),
        }
    }

    /// Reads these records, as whoever pays fees, and gives the shards.
    pub fn read(&mut self, keys: &[Pubkey]) -> Vec<Pubkey> {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let snapshot = pda::snapshot(&self.incident, QUEUE);
        if self.machine.account(&snapshot).is_none() {
            must(self.send(ix::open_snapshot(domain, payer, self.incident, QUEUE)));
        }
        let mut shards = vec![];
        for number in 0..16 {
            let mut of_shard: Vec<_> = keys.to_vec();
            of_shard.retain(|key| merkle::shard_of(key.as_array()) == number);
            of_shard.sort_unstable();
            if of_shard.is_empty() {
                continue;
            }
            must(self.send(ix::open_shard(domain, payer, payer, snapshot, number)));
            must(self.send(ix::ingest_positions(domain, payer, snapshot, QUEUE, number, &of_shard)));
            shards.push(pda::shard(&snapshot, number, &payer));
        }
        shards
    }

    /// `seal_snapshot`.
    ///
    /// # Errors
    /// What the program says.
    pub fn seal(&mut self, shards: &[Pubkey]) -> Result<Outcome, Failure> {
        let vault = self.protocol.vault.vault;
        let seal = ix::seal_snapshot(self.protocol.domain, self.incident, QUEUE, vault, shards, &[]);
        self.send(seal)
    }

    /// The whole supply votes for the queue's snapshot, and a proposal for it matures. Gives its authority.
    pub fn elect(&mut self, recovery: &Recovery) -> (ix::Authority, ChooseRestorationArgs) {
        let machine = &mut self.machine;
        let (domain, member) = (self.protocol.domain, &self.protocol.members[0]);
        let payer = machine.payer.pubkey();
        let voter = recovery.voter(machine, "elector", 1_000);
        let open = ix::open_ballot(domain, member.pubkey(), payer, self.incident, QUEUE);
        let add = ix::add_candidate(domain, member.pubkey(), recovery.ballot, recovery.snapshot);
        self.protocol.must(machine, &[open, add], &[member]);
        recovery.start(machine);
        must(recovery.vote(machine, &voter, 0));
        machine.warp_seconds(VOTE_SECONDS);
        let args = ChooseRestorationArgs {
            incident: self.incident,
            snapshot: recovery.snapshot,
            root: recovery.tree.root().hash,
            ledger_index: QUEUE,
        };
        (self.protocol.mature(machine, &args), args)
    }

    /// `choose_restoration` of the queue.
    #[must_use]
    pub fn choice(&self, authority: ix::Authority, args: ChooseRestorationArgs) -> solana_instruction::Instruction {
        let payer = self.machine.payer.pubkey();
        let choose = ix::choose_restoration(authority, payer, self.protocol.mint, TOKEN_PROGRAM, args);
        ix::with_queue_of(choose, self.protocol.vault.vault, self.key())
    }
}
