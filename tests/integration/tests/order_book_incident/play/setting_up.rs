//! Traders join and trade, and leave orders that rest and that cross.

use super::*;

impl Play {
    /// Traders with margin accounts, shares of the pool and tokens in the market; the first has most of the base.
    pub(super) fn set_up() -> Self {
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
    pub(super) fn trade(&mut self) {
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
}
