//! An exchange with a market on a machine, and traders.

use std::cell::Cell;

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use bulkhead::interface::layout::Vault;
use bulkhead_client::instructions as ix;
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, Market, Outcome, deploy_dir, keypair, must, refused};
use example_exchange::{
    constants::{order_kind, side},
    error::ExchangeError,
    instructions::{CreateMarketArgs, PlaceOrderArgs},
    pda,
    state::{self, Book, OpenOrders},
};
use solana_keypair::Keypair;
use solana_signer::Signer;

pub const LOT: u64 = 10;
pub const TICK: u64 = 2;
pub const FEE_BPS: u16 = 30;
pub const TERMS: CreateMarketArgs = CreateMarketArgs {
    base_lot: LOT,
    tick: TICK,
    min_lots: 1,
    taker_fee_bps: FEE_BPS,
};
/// Compartments of the board.
pub const MARGIN: u8 = 0;
pub const BOOK: u8 = 2;

pub struct Floor {
    pub machine: Machine,
    pub exchange: Exchange,
    pub market: Market,
    last_client_id: Cell<u64>,
}

pub struct Trader {
    pub key: Keypair,
    pub quote: Pubkey,
    pub base: Pubkey,
    pub margin: Pubkey,
    pub orders: Pubkey,
}

impl Trader {
    pub fn owner(&self) -> Pubkey {
        self.key.pubkey()
    }
}

/// Side, price, lots.
pub type Wish = (u8, u64, u64);

pub fn bid(price: u64, lots: u64) -> Wish {
    (side::BID, price, lots)
}

pub fn ask(price: u64, lots: u64) -> Wish {
    (side::ASK, price, lots)
}

impl Floor {
    pub fn protected() -> Self {
        Self::new(true)
    }

    pub fn unprotected() -> Self {
        Self::new(false)
    }

    fn new(protected: bool) -> Self {
        let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
        let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
        let setup = ExchangeSetup {
            name: "floor",
            protected,
            vulnerable_redemption: false,
            withdraw_limit: u64::MAX,
            limit: 100_000,
            slot_limit: 60_000,
            trip_limit: 100_000,
            window_seconds: 3_600,
            upstream: None,
        };
        let (exchange, market) = Exchange::set_up_with_market(&mut machine, &setup, &TERMS);
        Self {
            machine,
            exchange,
            market,
            last_client_id: Cell::new(0),
        }
    }

    /// With 10,000 of each token in the market, and as much quote in the margin account.
    pub fn trader(&mut self, name: &str) -> Trader {
        self.trader_with(name, 10_000, 10_000)
    }

    pub fn trader_with(&mut self, name: &str, quote: u64, base: u64) -> Trader {
        let trader = self.join(keypair(name), quote + 10_000, base);
        let owner = trader.owner();
        for step in [
            self.exchange.deposit(owner, trader.quote, 10_000),
            self.fund(&trader, side::BID, quote),
            self.fund(&trader, side::ASK, base),
        ] {
            self.must(step, &trader);
        }
        trader
    }

    /// Tokens for orders of one side.
    pub fn fund(&self, trader: &Trader, side: u8, amount: u64) -> Instruction {
        let source = [trader.quote, trader.base][usize::from(side)];
        self.market.fund_orders(trader.owner(), side, source, amount)
    }

    /// Tokens that no order of one side has locked.
    pub fn settle(&self, trader: &Trader, side: u8, amount: u64, release_index: u64) -> Instruction {
        let destination = [trader.quote, trader.base][usize::from(side)];
        self.market
            .settle(trader.owner(), side, destination, amount, release_index)
    }

    /// The admin, as a trader who has nothing.
    pub fn admin(&mut self) -> Trader {
        self.join(self.exchange.admin.insecure_clone(), 0, 0)
    }

    fn join(&mut self, key: Keypair, quote: u64, base: u64) -> Trader {
        let owner = key.pubkey();
        self.machine.fund(&owner, 1_000_000_000);
        let trader = Trader {
            quote: self.machine.create_associated(&self.exchange.mint, &owner, quote),
            base: self.machine.create_associated(&self.market.base_mint, &owner, base),
            margin: self.exchange.margin(&owner),
            orders: self.market.open_orders(&owner),
            key,
        };
        let payer = self.machine.payer.pubkey();
        for step in [
            self.exchange.open_margin_account(owner, payer),
            self.market.open_orders_account(owner, payer),
        ] {
            self.must(step, &trader);
        }
        trader
    }

    pub fn order(&self, trader: &Trader, kind: u8, wish: Wish, others: &[&Trader]) -> Instruction {
        self.order_of(trader, kind, wish, 64, others)
    }

    fn order_of(&self, trader: &Trader, kind: u8, wish: Wish, most: u8, others: &[&Trader]) -> Instruction {
        let (side, price, lots) = wish;
        self.last_client_id.set(self.last_client_id.get() + 1);
        let args = PlaceOrderArgs {
            side,
            kind,
            price,
            lots,
            client_id: self.last_client_id.get(),
            most,
        };
        let others: Vec<_> = others.iter().map(|other| other.owner()).collect();
        self.market.place(trader.owner(), args, &others)
    }

    /// A limit order. Gives its client id.
    pub fn place(&mut self, trader: &Trader, wish: Wish, others: &[&Trader]) -> u64 {
        let place = self.order(trader, order_kind::LIMIT, wish, others);
        self.must(place, trader);
        self.last_client_id.get()
    }

    pub fn place_without_trading(&mut self, trader: &Trader, wish: Wish) {
        let place = self.order_of(trader, order_kind::LIMIT, wish, 0, &[]);
        self.must(place, trader);
    }

    pub fn must(&mut self, instruction: Instruction, trader: &Trader) -> Outcome {
        self.must_by(instruction, &trader.key)
    }

    pub fn must_by(&mut self, instruction: Instruction, key: &Keypair) -> Outcome {
        self.send(instruction, &[key])
    }

    pub fn must_by_anyone(&mut self, instruction: Instruction) -> Outcome {
        self.send(instruction, &[])
    }

    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Outcome {
        must(self.machine.send(&[instruction], signers))
    }

    pub fn refused(&mut self, instruction: Instruction, trader: &Trader, error: ExchangeError) {
        self.refused_by(instruction, &trader.key, error.into());
    }

    pub fn refused_by(&mut self, instruction: Instruction, key: &Keypair, code: u32) {
        self.refused_code(instruction, &[key], code);
    }

    pub fn refused_by_anyone(&mut self, instruction: Instruction, error: ExchangeError) {
        self.refused_code(instruction, &[], error.into());
    }

    pub fn refused_code(&mut self, instruction: Instruction, signers: &[&Keypair], code: u32) {
        refused(self.machine.send(&[instruction], signers), code);
    }

    /// The same instruction with another account in the place of one.
    pub fn with_account(&self, mut instruction: Instruction, from: Pubkey, to: Pubkey) -> Instruction {
        let mut found = false;
        for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == from) {
            (meta.pubkey, found) = (to, true);
        }
        assert!(found, "the instruction does not have it");
        instruction
    }

    pub fn pause(&mut self, compartment: u8, mask: u32) {
        let protocol = self.exchange.protocol.as_ref().expect("protected");
        let guardian = protocol.members[0].insecure_clone();
        let pause = ix::pause(protocol.domain, guardian.pubkey(), compartment, mask);
        self.must_by(pause, &guardian);
    }

    pub fn orders(&self, trader: &Trader) -> OpenOrders {
        self.machine.load(&trader.orders)
    }

    pub fn fees(&self) -> OpenOrders {
        self.machine.load(&self.market.fees)
    }

    pub fn book(&self) -> Book {
        self.machine.load(&self.market.book)
    }

    pub fn state(&self) -> state::Market {
        self.machine.load(&self.market.key)
    }

    /// Deposits of margin accounts, and quote and base with the market.
    pub fn totals(&self) -> [u64; 3] {
        let exchange: state::Exchange = self.machine.load(&self.exchange.key);
        [exchange.total_deposits, self.state().quote_held, self.state().base_held]
    }

    /// Every total is the sum of its positions, and all positions are what lies in the vaults.
    pub fn conserved(&self, traders: &[&Trader]) {
        let exchange: state::Exchange = self.machine.load(&self.exchange.key);
        let [deposits, quote, base] = self.totals();
        let accounts: Vec<_> = traders
            .iter()
            .map(|trader| self.orders(trader))
            .chain([self.fees()])
            .collect();
        assert_eq!(accounts.iter().map(|account| account.quote.held).sum::<u64>(), quote);
        assert_eq!(accounts.iter().map(|account| account.base.held).sum::<u64>(), base);
        let balance = |tokens: &Pubkey| self.machine.balance(tokens);
        assert_eq!(deposits, balance(&self.exchange.tokens));
        assert_eq!(exchange.pool_assets, balance(&self.exchange.lp_tokens));
        assert_eq!(quote, balance(&self.market.quote_tokens));
        assert_eq!(base, self.machine.balance(&self.market.base_tokens));
    }

    /// A market that could be created: its token, its token account, its book.
    pub fn next_market(&mut self, name: &str) -> Market {
        let base_mint = keypair(&format!("{name} mint")).pubkey();
        let base_tokens = keypair(&format!("{name} tokens")).pubkey();
        self.machine.create_mint(&base_mint, &keypair("issuer").pubkey(), 6);
        self.machine
            .create_token_account(&base_tokens, &base_mint, &self.exchange.key, 0);
        let quote_tokens = keypair(&format!("{name} quote")).pubkey();
        self.machine
            .create_token_account(&quote_tokens, &self.exchange.mint, &self.exchange.key, 0);
        let market = Market {
            base_mint,
            base_tokens,
            quote_tokens,
            ..self.market
        };
        self.rekeyed(market, name)
    }

    pub fn another_market(&mut self, name: &str) -> Market {
        let market = self.next_market(name);
        let admin = self.exchange.admin.insecure_clone();
        let create = market.create(admin.pubkey(), self.machine.payer.pubkey(), &TERMS);
        self.must_by(create, &admin);
        market
    }

    /// The addresses that follow from the base token.
    pub fn rekeyed(&mut self, market: Market, name: &str) -> Market {
        let key = pda::market(&market.exchange, &market.base_mint);
        let market = Market {
            key,
            book: keypair(&format!("{name} book")).pubkey(),
            fees: pda::fees(&key),
            ..market
        };
        market.write_empty_book(&mut self.machine, &market.book);
        market
    }

    /// A market whose vault is in a compartment that another pool has.
    pub fn market_in_compartment(&mut self, name: &str, compartment: u8) -> Market {
        let market = self.next_market(name);
        let ours = self.market.base_vault.expect("protected");
        let mut account = self.machine.account(&ours.vault).expect("a vault");
        let vault: &mut Vault = bytemuck::from_bytes_mut(&mut account.data[8..]);
        (vault.mint, vault.custody, vault.compartment) = (market.base_mint, market.base_tokens, compartment);
        let key = keypair(&format!("{name} vault")).pubkey();
        self.machine.write_account(&key, account);
        Market {
            base_vault: Some(ix::VaultKeys { vault: key, ..ours }),
            ..market
        }
    }
}
