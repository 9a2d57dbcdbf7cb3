//! The incident, from the first deposit to the last claim.

mod attack;
mod reading;
mod setting_up;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::layout::{Incident, OutflowBreaker, Release, Snapshot};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{
    BASE_LEDGER, Exchange, ExchangeSetup, LP_LEDGER, MARGIN_LEDGER, Machine, Market, Protocol, QUOTE_LEDGER,
    deploy_dir, keypair,
};
use bulkhead_tests::whole_incident::PROGRAMS;
use example_exchange::{
    constants::{order_kind, side},
    engine::locked_by,
    instructions::{CreateMarketArgs, PlaceOrderArgs},
    state::{self, Book, OpenOrders},
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    crankers::{Reading, assign, crankers},
    restoring::{Claimed, restore},
};

const TRADERS: u64 = 40;
const LIMIT: u64 = 100_000;
const SLOT_LIMIT: u64 = 60_000;
/// Number of the thief's release that is queued.
const QUEUED: u64 = 3;
const TERMS: CreateMarketArgs = CreateMarketArgs {
    base_lot: 10,
    tick: 3,
    min_lots: 2,
    taker_fee_bps: 25,
};

/// One ledger, when it was over.
pub struct LedgerFacts {
    pub snapshot: Snapshot,
    pub positions: Vec<Position>,
    /// Root and total of the same accounts, read off chain.
    pub tree_root: ([u8; 32], u64),
    /// Who read it.
    pub crankers: usize,
    /// What was shared out.
    pub pool: u64,
}

/// Tokens of one open-orders account.
pub struct Lock {
    pub ledger: u8,
    pub held: u64,
    pub locked: u64,
    /// By the book's own orders.
    pub by_orders: u64,
}

/// Facts of the incident.
pub struct Played {
    pub incident: Pubkey,
    pub record: Incident,
    pub breach_slot: u64,
    pub latched_slot: u64,
    pub phase_at_snapshot: u8,
    pub phase: u8,
    /// What traders tried while the domain was frozen, and the error each got.
    pub refusals: Vec<(&'static str, Option<u32>)>,
    /// Margin, pool, quote and base of the market: what their vaults hold.
    pub balances_at_freeze: [u64; 4],
    pub balances_at_seal: [u64; 4],
    /// What the host says of the same four ledgers.
    pub host_totals_at_freeze: [u64; 4],
    pub host_totals_at_seal: [u64; 4],
    pub pool_assets: u64,
    pub share_supply: u64,
    /// Base that is owed by Bulkhead's queue.
    pub queued: u64,
    pub was_crossed: bool,
    pub locks: Vec<Lock>,
    pub ledgers: Vec<LedgerFacts>,
    pub claims: Vec<Claimed>,
    /// Whose order rested, and the quote it locked.
    pub order_owner: (Pubkey, u64),
}

struct Trader {
    key: Keypair,
    quote: Pubkey,
    base: Pubkey,
    shares: Pubkey,
}

impl Trader {
    fn owner(&self) -> Pubkey {
        self.key.pubkey()
    }
}

struct Play {
    machine: Machine,
    exchange: Exchange,
    market: Market,
    traders: Vec<Trader>,
    client_id: u64,
    refusals: Vec<(&'static str, Option<u32>)>,
}

/// Plays it.
///
/// # Panics
/// When a step does not do what it should.
pub fn play() -> Played {
    let mut play = Play::set_up();
    play.trade();
    play.all_works();
    let breach_slot = play.rob();
    let breaker = play.market.base_vault.expect("protected").breaker;
    let latched_slot = play.machine.load::<OutflowBreaker>(&breaker).latch.slot;
    play.freeze();
    let incident = pda::incident(&play.protocol().domain, 0);
    let (balances_at_freeze, host_totals_at_freeze) = (play.balances(), play.host_totals());
    play.try_everything();
    let readings = play.snapshot(incident);
    let (balances_at_seal, host_totals_at_seal) = (play.balances(), play.host_totals());
    let phase_at_snapshot = play.protocol().state(&play.machine).state;
    let exchange: state::Exchange = play.machine.load(&play.exchange.key);
    let book: Book = play.machine.load(&play.market.book);
    let base_vault = play.market.base_vault.expect("protected").vault;
    let queued = play
        .machine
        .load::<Release>(&pda::release_of(&base_vault, &play.traders[0].key.pubkey(), QUEUED))
        .amount;
    let best = *book.bids.best().expect("bids rest");
    let buyer: OpenOrders = play.machine.load(&best.account);
    let locks = play.locks(&book);
    let share_supply = play.machine.mint(&play.exchange.lp_mint()).supply;
    let trees: Vec<_> = readings.iter().map(|reading| play.tree(incident, reading)).collect();

    play.evacuate(incident);
    let sources = play.vaults();
    let protocol = play.exchange.protocol.as_ref().expect("protected");
    let (pools, claims) = restore(&mut play.machine, protocol, incident, &trees, &sources);
    let ledgers = readings
        .into_iter()
        .zip(trees.iter().zip(pools))
        .map(|(reading, (tree, pool))| LedgerFacts {
            snapshot: play.machine.load(&pda::snapshot(&incident, reading.index)),
            positions: reading.positions,
            tree_root: (tree.root().hash, tree.root().sum),
            crankers: reading.crankers,
            pool,
        });
    Played {
        incident,
        ledgers: ledgers.collect(),
        record: play.machine.load(&incident),
        phase: play.protocol().state(&play.machine).state,
        breach_slot,
        latched_slot,
        phase_at_snapshot,
        refusals: play.refusals,
        balances_at_freeze,
        balances_at_seal,
        host_totals_at_freeze,
        host_totals_at_seal,
        pool_assets: exchange.pool_assets,
        share_supply,
        queued,
        was_crossed: book.crossing().is_some(),
        locks,
        claims,
        order_owner: (buyer.owner, locked_by(&play_terms(), side::BID, &best).expect("fits")),
    }
}

fn play_terms() -> state::Terms {
    state::Terms {
        base_lot: TERMS.base_lot,
        tick: TERMS.tick,
        min_lots: TERMS.min_lots,
        taker_fee_bps: TERMS.taker_fee_bps,
        padding: [0; 6],
    }
}

impl Play {
    fn protocol(&self) -> &Protocol {
        self.exchange.protocol.as_ref().expect("the exchange is under Bulkhead")
    }

    /// The vault of each ledger, and where it is evacuated to.
    fn vaults(&self) -> [(ix::VaultKeys, Pubkey); 4] {
        let (protocol, market) = (self.protocol(), &self.market);
        let pool = ix::VaultKeys {
            vault: pda::vault(&protocol.domain, &self.exchange.mint, 1),
            ..protocol.vault
        };
        let [quote, base] = [market.quote_vault, market.base_vault].map(|vault| vault.expect("protected"));
        [
            (protocol.vault, protocol.recovery_account),
            (pool, keypair("order book incident/lp recovery account").pubkey()),
            (quote, Market::recovery_account(&quote.vault)),
            (base, Market::recovery_account(&base.vault)),
        ]
    }

    fn must(&mut self, instructions: &[Instruction], signers: &[&Keypair]) {
        if let Err(failure) = self.machine.send(instructions, signers) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
    }
}
