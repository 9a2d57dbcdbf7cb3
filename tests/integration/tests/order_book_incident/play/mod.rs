//! The incident, from the first deposit to the last claim.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::merkle;
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
/// What the thief asks for beyond the limit: more than may wait.
const BEYOND: u64 = LIMIT + 10;
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
    /// Traders with margin accounts, shares of the pool and tokens in the market; the first has most of the base.
    fn set_up() -> Self {
        let mut machine = Machine::new(&deploy_dir(), &PROGRAMS).unwrap_or_else(|error| panic!("{error}"));
        let setup = ExchangeSetup {
            name: "order book incident",
            protected: true,
            vulnerable_redemption: false,
            withdraw_limit: u64::MAX,
            limit: LIMIT,
            slot_limit: SLOT_LIMIT,
            trip_limit: LIMIT,
            window_seconds: 3_600,
            upstream: None,
        };
        let (exchange, market) = Exchange::set_up_with_market(&mut machine, &setup, &TERMS);
        let mut play = Self {
            machine,
            exchange,
            market,
            traders: vec![],
            client_id: 0,
            refusals: vec![],
        };
        for number in 0..TRADERS {
            play.join(number);
        }
        // The owner of the fees will have a claim, too.
        let admin = play.exchange.admin.pubkey();
        play.machine.create_associated(&play.exchange.mint, &admin, 0);
        play.machine.create_associated(&play.market.base_mint, &admin, 0);
        play
    }

    fn join(&mut self, number: u64) {
        let key = keypair(&format!("trader {number}"));
        let owner = key.pubkey();
        let base = if number == 0 { 400_000 } else { 5_000 + number * 31 };
        let machine = &mut self.machine;
        machine.fund(&owner, 1_000_000_000);
        let trader = Trader {
            quote: machine.create_associated(&self.exchange.mint, &owner, 100_000),
            base: machine.create_associated(&self.market.base_mint, &owner, base),
            shares: machine.create_associated(&self.exchange.lp_mint(), &owner, 0),
            key,
        };
        let payer = machine.payer.pubkey();
        let (exchange, market) = (&self.exchange, &self.market);
        let steps = [
            exchange.open_margin_account(owner, payer),
            exchange.deposit(owner, trader.quote, 9_001 + number * number * 37 % 7_919),
            exchange.add_liquidity(owner, trader.quote, trader.shares, 3_003 + number * 17),
            market.open_orders_account(owner, payer),
            market.fund_orders(owner, side::BID, trader.quote, 20_000 + number),
            market.fund_orders(owner, side::ASK, trader.base, base),
        ];
        for pair in steps.chunks(2) {
            self.must(pair, &[&trader.key]);
        }
        self.traders.push(trader);
    }

    /// Rests orders on both sides, lets some of them be taken, settles what some have earned, and leaves two that cross.
    fn trade(&mut self) {
        for number in 0..TRADERS as usize {
            let far = number as u64 % 9;
            let (side, price) = if number % 2 == 0 {
                (side::BID, 100 - far)
            } else {
                (side::ASK, 101 + far)
            };
            self.place(number, side, price, 5 + far, &[]);
        }
        // Takers, with everyone's accounts at hand.
        for (taker, side, price) in [(2, side::BID, 104), (3, side::ASK, 97)] {
            let others: Vec<_> = (4..20).collect();
            self.place(taker, side, price, 30, &others);
        }
        for number in [5, 6] {
            let trader = &self.traders[number];
            let settle = self.market.settle(trader.owner(), side::BID, trader.quote, 500, 1);
            let key = trader.key.insecure_clone();
            self.must(&[settle], &[&key]);
        }
        let removed = &self.traders[7];
        let remove = self
            .exchange
            .remove_liquidity(removed.owner(), removed.quote, removed.shares, 1_001, 1);
        let key = removed.key.insecure_clone();
        self.must(&[remove], &[&key]);
        self.place(8, side::BID, 120, 4, &[]);
    }

    fn place(&mut self, number: usize, side: u8, price: u64, lots: u64, others: &[usize]) {
        self.client_id += 1;
        let args = PlaceOrderArgs {
            side,
            kind: order_kind::LIMIT,
            price,
            lots,
            client_id: self.client_id,
            most: 32,
        };
        let others: Vec<_> = others.iter().map(|number| self.traders[*number].owner()).collect();
        let trader = &self.traders[number];
        let place = self.market.place(trader.owner(), args, &others);
        let key = trader.key.insecure_clone();
        self.must(&[place], &[&key]);
    }

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

    /// Who has the first trader's key takes its base out of the market, as much as the limit allows, and in the very
    /// transaction that takes the last of that goes over it. Anyone carries the latch to the board. Gives the slot.
    fn rob(&mut self) -> u64 {
        self.machine.warp_seconds(4_000);
        let thief = self.traders[0].key.insecure_clone();
        let loot = keypair("loot").pubkey();
        self.machine
            .create_token_account(&loot, &self.market.base_mint, &thief.pubkey(), 0);
        let market = self.market;
        let take = |amount: u64, index: u64| market.settle(thief.pubkey(), side::ASK, loot, amount, index);
        self.must(&[take(SLOT_LIMIT, 1)], &[&thief]);
        self.machine.next_slot();
        self.must(&[take(LIMIT - SLOT_LIMIT, 2), take(BEYOND, QUEUED)], &[&thief]);
        let breaker = market.base_vault.expect("protected").breaker;
        let (domain, payer) = (self.protocol().domain, self.machine.payer.pubkey());
        self.must(&[ix::propagate_trip(domain, payer, breaker, 0)], &[]);
        let slot = self.machine.clock().slot;
        self.machine.next_slot();
        assert_eq!(self.machine.balance(&loot), LIMIT);
        slot
    }

    fn freeze(&mut self) {
        let domain = self.protocol().domain;
        for number in 0..2 {
            let member = self.protocol().members[number].insecure_clone();
            let confirm = ix::confirm_incident(domain, member.pubkey(), pda::incident(&domain, 0));
            self.must(&[confirm], &[&member]);
            self.machine.next_slot();
        }
    }

    /// Whatever moves a ledger, by a trader who can do it in peace; matching by anyone.
    fn acts(&self) -> [(&'static str, Instruction); 9] {
        let trader = &self.traders[8];
        let (owner, quote, shares) = (trader.owner(), trader.quote, trader.shares);
        let (market, exchange) = (&self.market, &self.exchange);
        let order = PlaceOrderArgs {
            side: side::BID,
            kind: order_kind::LIMIT,
            price: 1,
            lots: 2,
            client_id: self.client_id + 1,
            most: 0,
        };
        let everyone: Vec<_> = self.traders.iter().take(20).map(Trader::owner).collect();
        [
            ("place", market.place(owner, order, &[])),
            ("cancel", market.cancel(owner, self.client_id)),
            ("match", market.match_orders(9, &everyone)),
            ("fund", market.fund_orders(owner, side::BID, quote, 1)),
            ("settle", market.settle(owner, side::BID, quote, 1, 9)),
            ("deposit", exchange.deposit(owner, quote, 1)),
            ("withdraw", exchange.withdraw(owner, quote, 1, 9)),
            ("add liquidity", exchange.add_liquidity(owner, quote, shares, 9)),
            (
                "remove liquidity",
                exchange.remove_liquidity(owner, quote, shares, 9, 9),
            ),
        ]
    }

    fn signers(&self, act: &str) -> Vec<Keypair> {
        if act == "match" {
            vec![]
        } else {
            vec![self.traders[8].key.insecure_clone()]
        }
    }

    /// In peace all of it works.
    fn all_works(&self) {
        for (name, act) in self.acts() {
            let signers = self.signers(name);
            let signers: Vec<_> = signers.iter().collect();
            assert!(self.machine.would_work(&[act], &signers), "{name}");
        }
    }

    fn try_everything(&mut self) {
        for (name, act) in self.acts() {
            let signers = self.signers(name);
            let signers: Vec<_> = signers.iter().collect();
            let failure = self.machine.send(&[act], &signers).err();
            let code = failure.and_then(|failure| failure.code());
            self.refusals.push((name, code));
        }
    }

    /// The positions of each ledger.
    fn accounts(&self, ledger: u8) -> Vec<Pubkey> {
        let owners = self.traders.iter();
        match ledger {
            MARGIN_LEDGER => owners.map(|trader| self.exchange.margin(&trader.owner())).collect(),
            LP_LEDGER => owners.map(|trader| trader.shares).collect(),
            _ => owners
                .map(|trader| self.market.open_orders(&trader.owner()))
                .chain([self.market.fees])
                .collect(),
        }
    }

    /// Three crankers take turns with four ledgers, and halfway through traders try everything again.
    fn snapshot(&mut self, incident: Pubkey) -> Vec<Reading> {
        let (domain, payer) = (self.protocol().domain, self.machine.payer.pubkey());
        let mut crankers = crankers(&mut self.machine);
        let mut readings = vec![];
        for index in [MARGIN_LEDGER, LP_LEDGER, QUOTE_LEDGER, BASE_LEDGER] {
            self.must(&[ix::open_snapshot(domain, payer, incident, index)], &[]);
            let keys = self.accounts(index);
            readings.push(assign(&self.machine, &mut crankers, (domain, incident), index, &keys));
        }
        let all = crankers.iter().map(|cranker| cranker.work.len()).sum::<usize>();
        for turn in 0.. {
            let number = turn % crankers.len();
            let cranker = &mut crankers[number];
            if let Some(next) = cranker.work.pop_front() {
                let key = cranker.key.insecure_clone();
                self.must(&[next], &[&key]);
                self.machine.next_slot();
            }
            if turn == all / 2 {
                self.try_everything();
            }
            if crankers.iter().all(|cranker| cranker.work.is_empty()) {
                break;
            }
        }
        for reading in &readings {
            let total_account = match reading.index {
                MARGIN_LEDGER => self.exchange.key,
                LP_LEDGER => self.exchange.lp_mint(),
                _ => self.market.key,
            };
            let seal = ix::seal_snapshot(domain, incident, reading.index, total_account, &reading.shards, &[]);
            self.must(&[seal], &[]);
        }
        readings
    }

    /// The same accounts, read and summed off chain.
    fn tree(&self, incident: Pubkey, reading: &Reading) -> Tree {
        let tag = merkle::tag(&bulkhead::ID, &pda::snapshot(&incident, reading.index), reading.index);
        Tree::build(tag, reading.positions.clone()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn balances(&self) -> [u64; 4] {
        let market = &self.market;
        [
            self.exchange.tokens,
            self.exchange.lp_tokens,
            market.quote_tokens,
            market.base_tokens,
        ]
        .map(|tokens| self.machine.balance(&tokens))
    }

    fn host_totals(&self) -> [u64; 4] {
        let exchange: state::Exchange = self.machine.load(&self.exchange.key);
        let market: state::Market = self.machine.load(&self.market.key);
        let shares = self.machine.mint(&self.exchange.lp_mint()).supply;
        [exchange.total_deposits, shares, market.quote_held, market.base_held]
    }

    /// What each open-orders account says it has locked, and what its orders do lock.
    fn locks(&self, book: &Book) -> Vec<Lock> {
        let sides = [(QUOTE_LEDGER, side::BID), (BASE_LEDGER, side::ASK)];
        let lock = |key: Pubkey, ledger: u8, number: u8| {
            let account: OpenOrders = self.machine.load(&key);
            let purse = account.purse(number).expect("a side");
            let orders = book.side(number).expect("a side").orders();
            let mine = orders.iter().filter(|order| order.account == key);
            Lock {
                ledger,
                held: purse.held,
                locked: purse.locked,
                by_orders: mine
                    .map(|order| locked_by(&play_terms(), number, order).expect("fits"))
                    .sum(),
            }
        };
        let accounts = self.accounts(QUOTE_LEDGER);
        let of = |key: &Pubkey| sides.map(|(ledger, number)| lock(*key, ledger, number));
        accounts.iter().flat_map(of).collect()
    }

    /// The thief's release is cancelled, and all four vaults move to where they were to go.
    fn evacuate(&mut self, incident: Pubkey) {
        let (domain, payer) = (self.protocol().domain, self.machine.payer.pubkey());
        let base_vault = self.market.base_vault.expect("protected");
        let guardian = self.protocol().members[2].insecure_clone();
        let release = pda::release_of(&base_vault.vault, &self.traders[0].key.pubkey(), QUEUED);
        let cancel = ix::cancel_release(domain, guardian.pubkey(), incident, base_vault.vault, release);
        self.must(&[cancel], &[&guardian]);
        for number in 0..2 {
            let member = self.protocol().members[number].insecure_clone();
            let confirm = ix::confirm_evacuation(domain, member.pubkey(), payer, incident);
            self.must(&[confirm], &[&member]);
        }
        for (vault, recovery_account) in self.vaults() {
            self.must(&[ix::evacuate(vault, incident, recovery_account)], &[]);
        }
        self.machine.next_slot();
    }
}
