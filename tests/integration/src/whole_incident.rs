//! One incident on the example exchange, from the first deposit to a withdrawal after the reopening.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::ReopenArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::layout::{Incident, Ledger, OutflowBreaker, Restoration, Snapshot};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, Protocol, deploy_dir, keypair};
use example_exchange::{constants::STALE_PRICE, error::ExchangeError};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::recovery::{LEDGER, Recovery};

/// The programs it runs on: address and file name.
pub const PROGRAMS: [(Pubkey, &str); 2] = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
/// What the breaker lets out of the exchange in any hour.
pub const LIMIT: u64 = 100_000;
/// And in any slot.
const SLOT_LIMIT: u64 = 60_000;
/// What the thief deposits.
const CAPITAL: u64 = 50_000;
/// What the thief asks for beyond the limit: more than may wait.
const BEYOND: u64 = LIMIT + 10_000;
/// What every user keeps outside of the exchange.
const KEPT: u64 = 1_000;
/// Number of the thief's release that is queued.
const QUEUED: u64 = 3;
/// Positions that fit one ingesting transaction.
const BATCH: usize = 24;

/// Facts of an incident that is over.
pub struct WholeIncident {
    /// Slot of the transaction that broke the limit, and of the crank that followed it.
    pub breach_slot: u64,
    /// Slot the breaker says it latched in.
    pub latched_slot: u64,
    /// What left custody.
    pub loss: u64,
    /// What the host said all its positions are.
    pub host_total: u64,
    /// The sealed snapshot.
    pub snapshot: Snapshot,
    /// Root and total of the same positions, read off chain.
    pub tree_root: ([u8; 32], u64),
    /// What was in custody when it was evacuated, and what the recovery account received.
    pub evacuated: (u64, u64),
    /// What was shared out.
    pub pool: u64,
    /// What lay in the pool after the last claim.
    pub dust: u64,
    /// Each leaf's amount, and what its owner received for it.
    pub claims: Vec<(u64, u64)>,
    /// The restoration after the last claim.
    pub restoration: Restoration,
    /// The incident's record.
    pub record: Incident,
    /// Tokens over all token accounts, before the attack and at the end.
    pub circulation: (u64, u64),
    /// The mint's supply at the end.
    pub supply: u64,
    /// Where the domain stood at the end.
    pub phase: u8,
}

struct User {
    key: Keypair,
    wallet: Pubkey,
}

struct Play {
    machine: Machine,
    exchange: Exchange,
    users: Vec<User>,
    thief: User,
}

/// Plays it with `positions` users. The machine has kept a journal of it.
///
/// # Panics
/// When a step does not do what it should.
#[must_use]
pub fn play(positions: usize) -> (WholeIncident, Machine) {
    let mut play = Play::set_up(positions);
    let before = play.machine.circulation(&play.exchange.mint);
    let (loss, breach_slot) = play.rob();
    let latched_slot = {
        let breaker = play.protocol().vault.breaker;
        play.machine.load::<OutflowBreaker>(&breaker).latch.slot
    };
    play.freeze();
    let recovery = play.snapshot();
    let snapshot: Snapshot = play.machine.load(&recovery.snapshot);
    let host: example_exchange::state::Exchange = play.machine.load(&play.exchange.key);
    let evacuated = play.evacuate(&recovery);
    play.machine.next_slot();
    recovery.restore(&mut play.machine);
    let (pool, claims) = play.pay_out(&recovery);
    play.reopen(&recovery);
    let (machine, mint) = (&play.machine, &play.exchange.mint);
    let facts = WholeIncident {
        breach_slot,
        latched_slot,
        loss,
        host_total: host.total_deposits,
        snapshot,
        tree_root: (recovery.tree.root().hash, recovery.tree.root().sum),
        evacuated,
        pool,
        dust: machine.balance(&recovery.pool()),
        claims,
        restoration: machine.load(&recovery.restoration),
        record: machine.load(&recovery.incident),
        circulation: (before, machine.circulation(mint)),
        supply: machine.mint(mint).supply,
        phase: recovery.protocol.state(machine).state,
    };
    play.exchange.protocol = Some(recovery.protocol);
    play.trade();
    (facts, play.machine)
}

impl Play {
    fn set_up(positions: usize) -> Self {
        let mut machine = Machine::new(&deploy_dir(), &PROGRAMS).unwrap_or_else(|error| panic!("{error}"));
        machine.keep_journal();
        let setup = ExchangeSetup {
            name: "whole incident",
            protected: true,
            vulnerable_redemption: true,
            withdraw_limit: u64::MAX,
            limit: LIMIT,
            slot_limit: SLOT_LIMIT,
            trip_limit: LIMIT,
            window_seconds: 3_600,
            upstream: None,
        };
        let exchange = Exchange::set_up(&mut machine, &setup);
        let mut new_user = |name: &str, tokens: u64| {
            let key = keypair(name);
            machine.fund(&key.pubkey(), 1_000_000_000);
            let wallet = machine.create_associated(&exchange.mint, &key.pubkey(), tokens);
            User { key, wallet }
        };
        let thief = new_user("thief", CAPITAL);
        let users: Vec<_> = (0..positions)
            .map(|number| new_user(&format!("user {number}"), deposit_of(number) + KEPT))
            .collect();
        let mut play = Self {
            machine,
            exchange,
            users,
            thief,
        };
        for number in 0..positions {
            let user = &play.users[number];
            let steps = play.join(user, deposit_of(number));
            let key = user.key.insecure_clone();
            play.must(&steps, &[&key]);
        }
        play
    }

    /// A margin account and its first deposit.
    fn join(&self, user: &User, amount: u64) -> [Instruction; 2] {
        let owner = user.key.pubkey();
        [
            self.exchange.open_margin_account(owner, self.machine.payer.pubkey()),
            self.exchange.deposit(owner, user.wallet, amount),
        ]
    }

    fn protocol(&self) -> &Protocol {
        self.exchange.protocol.as_ref().expect("the exchange is under Bulkhead")
    }

    fn must(&mut self, instructions: &[Instruction], signers: &[&Keypair]) {
        if let Err(failure) = self.machine.send(instructions, signers) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
    }

    fn by_member(&mut self, number: usize, instruction: Instruction) {
        let member = self.protocol().members[number].insecure_clone();
        self.must(&[instruction], &[&member]);
    }

    /// The thief takes all that a window allows, and goes over it in the very transaction that
    /// takes the last of it. Anyone carries the latch to the board in the same slot. Gives what
    /// left custody, and the slot.
    fn rob(&mut self) -> (u64, u64) {
        let (thief, wallet) = (self.thief.key.insecure_clone(), self.thief.wallet);
        let steps = self.join(&self.thief, CAPITAL);
        self.must(&steps, &[&thief]);
        // What the thief brought in does not count as taken until its note has ended.
        self.machine.warp_seconds(4_000);
        let before = self.machine.balance(&self.exchange.tokens);
        let owner = thief.pubkey();
        let redeem = |play: &Self, amount: u64, index: u64| {
            play.exchange
                .redeem_at_stale_price(owner, wallet, amount / STALE_PRICE, index)
        };
        let first = redeem(self, SLOT_LIMIT, 1);
        self.must(&[first], &[&thief]);
        self.machine.next_slot();
        let breach = [redeem(self, LIMIT - SLOT_LIMIT, 2), redeem(self, BEYOND, QUEUED)];
        self.must(&breach, &[&thief]);
        let (domain, breaker) = (self.protocol().domain, self.protocol().vault.breaker);
        let payer = self.machine.payer.pubkey();
        self.must(&[ix::propagate_trip(domain, payer, breaker, 0)], &[]);
        let slot = self.machine.clock().slot;

        self.machine.next_slot();
        let again = redeem(self, STALE_PRICE, 4);
        let failure = self.machine.send(&[again], &[&thief]).expect_err("paused");
        assert_eq!(failure.code(), Some(u32::from(ExchangeError::ActionPaused)));
        let loss = before - self.machine.balance(&self.exchange.tokens);
        assert_eq!(self.machine.balance(&wallet), loss);
        (loss, slot)
    }

    /// Two guardians confirm, a third one cancels what the thief has in the queue.
    fn freeze(&mut self) {
        let (domain, vault) = (self.protocol().domain, self.protocol().vault.vault);
        let incident = pda::incident(&domain, 0);
        self.machine.warp_seconds(1_200);
        for number in 0..2 {
            let guardian = self.protocol().members[number].pubkey();
            self.by_member(number, ix::confirm_incident(domain, guardian, incident));
            self.machine.next_slot();
        }
        let guardian = self.protocol().members[2].pubkey();
        let release = pda::release_of(&vault, &self.thief.key.pubkey(), QUEUED);
        self.by_member(2, ix::cancel_release(domain, guardian, incident, vault, release));
    }

    /// Anyone reads all positions into their shards and seals them.
    fn snapshot(&mut self) -> Recovery {
        let (domain, total_account) = (self.protocol().domain, self.protocol().total_account);
        let (incident, payer) = (pda::incident(&domain, 0), self.machine.payer.pubkey());
        let snapshot = pda::snapshot(&incident, LEDGER);
        let ledger: Ledger = self.machine.load(&pda::ledger(&domain, LEDGER));
        let mut positions: Vec<_> = self
            .users
            .iter()
            .chain([&self.thief])
            .map(|user| {
                let key = self.exchange.margin(&user.key.pubkey());
                let account = self.machine.account(&key).expect("a margin account");
                Position::read(&ledger, key, &account.owner, &account.data).expect("a position")
            })
            .collect();
        positions.sort_unstable();

        self.must(&[ix::open_snapshot(domain, payer, incident, LEDGER)], &[]);
        let mut shards = Vec::new();
        for of_shard in positions.chunk_by(|a, b| shard_of(a) == shard_of(b)) {
            let number = shard_of(&of_shard[0]);
            self.must(&[ix::open_shard(domain, payer, payer, snapshot, number)], &[]);
            for batch in of_shard.chunks(BATCH) {
                self.machine.next_slot();
                let keys: Vec<_> = batch.iter().map(|position| position.key).collect();
                let ingest = ix::ingest_positions(domain, payer, snapshot, LEDGER, number, &keys);
                self.must(&[ingest], &[]);
            }
            shards.push(pda::shard(&snapshot, number, &payer));
        }
        let seal = ix::seal_snapshot(domain, incident, LEDGER, total_account, &shards, &[]);
        self.must(&[seal], &[]);
        let protocol = self.exchange.protocol.take().expect("the exchange is under Bulkhead");
        Recovery::of(protocol, incident, positions)
    }

    /// Two guardians confirm, anyone moves the vault to its recovery account. Gives what was in custody, and
    /// what is in the recovery account.
    fn evacuate(&mut self, recovery: &Recovery) -> (u64, u64) {
        let (protocol, payer) = (&recovery.protocol, self.machine.payer.pubkey());
        let custody = self.machine.balance(&protocol.custody());
        for guardian in &protocol.members[..2] {
            self.machine.next_slot();
            let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, recovery.incident);
            protocol.must(&mut self.machine, &[confirm], &[guardian]);
        }
        self.machine.next_slot();
        let evacuate = ix::evacuate(protocol.vault, recovery.incident, protocol.recovery_account);
        protocol.must(&mut self.machine, &[evacuate], &[]);
        assert_eq!(self.machine.balance(&protocol.custody()), 0);
        (custody, self.machine.balance(&protocol.recovery_account))
    }

    /// The recovery account's tokens are shared out, and anyone pushes every claim. Gives what was shared
    /// out, and each leaf with what its owner received.
    fn pay_out(&mut self, recovery: &Recovery) -> (u64, Vec<(u64, u64)>) {
        let (protocol, machine) = (&recovery.protocol, &mut self.machine);
        let fund = ix::fund_from_recovery_account(
            recovery.keys(),
            protocol.domain,
            protocol.vault.vault,
            protocol.recovery_account,
        );
        protocol.must(machine, &[fund], &[]);
        let pool = machine.balance(&recovery.pool());
        machine.next_slot();
        let share = ix::share_out(recovery.restoration, recovery.incident);
        let page = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 0);
        protocol.must(machine, &[share, page], &[]);
        let leaves: Vec<_> = recovery.tree.leaves().map(|(_, leaf)| *leaf).collect();
        let claims = leaves.iter().map(|leaf| {
            let (keys, args) = recovery.prepare(machine, &leaf.key);
            let before = machine.balance(&keys.destination);
            let claim = ix::claim(recovery.keys(), keys, args);
            protocol.must(machine, &[claim], &[]);
            (leaf.amount, machine.balance(&keys.destination) - before)
        });
        (pool, claims.collect())
    }

    /// The proposal to reopen, with a quarter of the limits.
    fn reopen(&mut self, recovery: &Recovery) {
        let protocol = &recovery.protocol;
        let args = ReopenArgs {
            incident: recovery.incident,
            ramp_bps: 2_500,
            grace_seconds: 3_600,
        };
        let authority = protocol.mature(&mut self.machine, &args);
        protocol.must(&mut self.machine, &[ix::reopen(authority, args)], &[]);
    }

    /// A user deposits, and withdraws some of it in the next slot.
    fn trade(&mut self) {
        let (key, wallet) = (self.users[0].key.insecure_clone(), self.users[0].wallet);
        let before = self.machine.balance(&wallet);
        let deposit = self.exchange.deposit(key.pubkey(), wallet, KEPT);
        self.must(&[deposit], &[&key]);
        assert_eq!(self.machine.balance(&self.exchange.tokens), KEPT);
        self.machine.next_slot();
        let withdraw = self.exchange.withdraw(key.pubkey(), wallet, KEPT / 2, 10);
        self.must(&[withdraw], &[&key]);
        assert_eq!(self.machine.balance(&wallet), before - KEPT + KEPT / 2);
        assert_eq!(self.machine.balance(&self.exchange.tokens), KEPT - KEPT / 2);
    }
}

/// Uneven, so that shares do not come out even.
fn deposit_of(number: usize) -> u64 {
    let number = u64::try_from(number).unwrap_or(0);
    9_001 + number * number * 37 % 7_919
}

fn shard_of(position: &Position) -> u8 {
    merkle::shard_of(position.key.as_array())
}
