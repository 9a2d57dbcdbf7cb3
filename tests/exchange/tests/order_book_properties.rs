//! The book against a reference that is as slow and plain as can be: lists, scans and 128-bit sums.
//!
//! Random orders, cancels and matches, at ordinary and at extreme prices and sizes, with accounts missing, in books that
//! are empty and in books that are full. After every step: the book is sorted, tokens are conserved, what is locked is
//! what the orders lock, and book and balances are the reference's.

use std::collections::BTreeMap;

use anchor_lang::prelude::{Pubkey, Result};
use example_exchange::{
    constants::{MAX_RESTING, MAX_RESTING_EACH, order_kind, side},
    engine::{Engine, Fill, NewOrder, Parties},
    error::ExchangeError,
    state::{Book, OpenOrders, Order, Purse, Terms},
};
use proptest::{prelude::*, sample::select};

const TRADERS: u8 = 10;
const FEES: u8 = 255;
const SIDES: [u8; 2] = [side::BID, side::ASK];

fn key(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
}

/// Accounts by key; `absent` is a bit for each trader whose account the transaction lacks.
#[derive(Clone)]
struct Accounts {
    all: BTreeMap<Pubkey, OpenOrders>,
    absent: u16,
    fills: Vec<Fill>,
}

impl Parties for Accounts {
    fn has(&self, account: &Pubkey) -> bool {
        let number = account.to_bytes()[0];
        self.all.contains_key(account) && (number == FEES || self.absent >> number & 1 == 0)
    }

    fn with(&mut self, account: &Pubkey, change: &mut dyn FnMut(&mut OpenOrders) -> Result<()>) -> Result<()> {
        assert!(self.has(account), "an account that is missing was asked for");
        change(self.all.get_mut(account).expect("has"))
    }

    fn filled(&mut self, fill: &Fill) {
        self.fills.push(*fill);
    }
}

/// The market under test.
#[derive(Clone)]
struct World {
    book: Box<Book>,
    terms: Terms,
    accounts: Accounts,
    sequence: u64,
    client_id: u64,
}

impl World {
    fn new(terms: Terms, [quote, base]: [u64; 2]) -> Self {
        let mut book: Box<Book> = Box::new(bytemuck::Zeroable::zeroed());
        book.initialize(key(254));
        let account = |number: u8| {
            let mut account: OpenOrders = bytemuck::Zeroable::zeroed();
            if number != FEES {
                (account.quote.held, account.base.held) = (quote, base);
            }
            (key(number), account)
        };
        Self {
            book,
            terms,
            accounts: Accounts {
                all: (0..TRADERS).chain([FEES]).map(account).collect(),
                absent: 0,
                fills: vec![],
            },
            sequence: 0,
            client_id: 0,
        }
    }

    /// Changes nothing when it fails, as a transaction.
    fn atomically<T>(&mut self, change: impl FnOnce(&mut Engine, &mut Accounts) -> Result<T>) -> Result<T> {
        let before = (self.book.clone(), self.accounts.clone());
        let mut engine = Engine {
            book: &mut self.book,
            terms: self.terms,
            fees: key(FEES),
        };
        let result = change(&mut engine, &mut self.accounts);
        if result.is_err() {
            (self.book, self.accounts) = before;
        }
        result
    }

    fn place(&mut self, ask: &Ask) -> Result<u64> {
        self.sequence += 1;
        self.client_id += 1;
        let new = self.new_order(ask);
        self.accounts.absent = ask.absent & !(1 << ask.who);
        self.atomically(|engine, accounts| engine.place(accounts, &new))
    }

    fn new_order(&self, ask: &Ask) -> NewOrder {
        NewOrder {
            side: ask.side,
            kind: ask.kind,
            order: Order {
                price: ask.price,
                lots: ask.lots,
                sequence: self.sequence,
                client_id: self.client_id,
                account: key(ask.who),
            },
            most: ask.most,
        }
    }

    fn cross(&mut self, most: u8, absent: u16) -> u8 {
        self.accounts.absent = absent;
        let done = self.atomically(|engine, accounts| engine.cross(accounts, most));
        done.expect("nothing that rests can stop the crank")
    }

    fn cancel(&mut self, who: u8, client_id: u64) -> Result<Order> {
        self.accounts.absent = 0;
        self.atomically(|engine, accounts| engine.cancel(accounts, &key(who), client_id))
    }

    fn sum(&self, of: impl Fn(&OpenOrders) -> Purse) -> u128 {
        self.accounts
            .all
            .values()
            .map(|account| u128::from(of(account).held))
            .sum()
    }

    /// All that must hold at any time.
    fn check(&self, quote: u128, base: u128) {
        assert_eq!(
            (self.sum(|of| of.quote), self.sum(|of| of.base)),
            (quote, base),
            "conserved"
        );
        for (key, account) in &self.accounts.all {
            let mine = |number: u8| {
                let orders = self.book.side(number).expect("a side").orders();
                orders
                    .iter()
                    .filter(|order| order.account == *key)
                    .copied()
                    .collect::<Vec<_>>()
            };
            let (bids, asks) = (mine(side::BID), mine(side::ASK));
            let wide = |a: u64, b: u64| u128::from(a) * u128::from(b);
            let locked_quote: u128 = bids.iter().map(|bid| wide(bid.price * self.terms.tick, bid.lots)).sum();
            let locked_base: u128 = asks.iter().map(|ask| wide(ask.lots, self.terms.base_lot)).sum();
            assert_eq!(u128::from(account.quote.locked), locked_quote);
            assert_eq!(u128::from(account.base.locked), locked_base);
            assert!(account.quote.locked <= account.quote.held && account.base.locked <= account.base.held);
            assert_eq!(account.resting as usize, bids.len() + asks.len());
            assert!(account.resting <= MAX_RESTING_EACH);
        }
        for number in SIDES {
            let side = self.book.side(number).expect("a side");
            let orders = side.orders();
            assert!(
                orders.is_sorted_by(|a, b| side.rank(a) < side.rank(b)),
                "sorted, and no two alike"
            );
            assert!(orders.iter().all(|order| order.lots > 0) && orders.len() <= MAX_RESTING);
            let unused = &side.orders[orders.len()..];
            assert!(unused.iter().all(|order| *order == bytemuck::Zeroable::zeroed()));
        }
    }
}

/// What a trader asks for.
#[derive(Clone, Debug)]
struct Ask {
    who: u8,
    side: u8,
    kind: u8,
    price: u64,
    lots: u64,
    most: u8,
    absent: u16,
}

#[derive(Clone, Debug)]
enum Step {
    Place(Ask),
    Cancel { who: u8, ago: u64 },
    Cross { most: u8, absent: u16 },
}

/// The rules once more, with nothing clever in them.
#[derive(Clone)]
struct Reference {
    terms: Terms,
    orders: Vec<(u8, Order)>,
    quote: BTreeMap<Pubkey, u128>,
    base: BTreeMap<Pubkey, u128>,
    fills: Vec<Fill>,
}

impl Reference {
    fn of(world: &World) -> Self {
        let side = |number: u8| {
            let orders = world.book.side(number).expect("a side").orders();
            orders.iter().map(move |order| (number, *order))
        };
        let held = |of: fn(&OpenOrders) -> Purse| {
            let accounts = world.accounts.all.iter();
            accounts
                .map(|(key, account)| (*key, u128::from(of(account).held)))
                .collect()
        };
        Self {
            terms: world.terms,
            orders: SIDES.into_iter().flat_map(side).collect(),
            quote: held(|of| of.quote),
            base: held(|of| of.base),
            fills: vec![],
        }
    }

    fn value(&self, price: u64, lots: u64) -> u128 {
        u128::from(price).saturating_mul((u128::from(lots)).saturating_mul(self.terms.tick.into()))
    }

    fn amount(&self, lots: u64) -> u128 {
        u128::from(lots) * u128::from(self.terms.base_lot)
    }

    fn free(&self, number: u8, account: &Pubkey) -> u128 {
        let mine = self
            .orders
            .iter()
            .filter(|(side, order)| *side == number && order.account == *account);
        if number == side::BID {
            self.quote[account] - mine.map(|(_, order)| self.value(order.price, order.lots)).sum::<u128>()
        } else {
            self.base[account] - mine.map(|(_, order)| self.amount(order.lots)).sum::<u128>()
        }
    }

    /// Best first.
    fn sorted(&self, number: u8) -> Vec<Order> {
        let mut orders: Vec<_> = self
            .orders
            .iter()
            .filter(|(side, _)| *side == number)
            .map(|(_, order)| *order)
            .collect();
        orders.sort_by_key(|order| {
            let price = i128::from(order.price);
            (if number == side::BID { -price } else { price }, order.sequence)
        });
        orders
    }

    fn remove(&mut self, sequence: u64) {
        self.orders.retain(|(_, order)| order.sequence != sequence);
    }

    fn cross(&mut self, most: u8, has: &dyn Fn(&Pubkey) -> bool) {
        for _ in 0..most {
            let (bids, asks) = (self.sorted(side::BID), self.sorted(side::ASK));
            let (Some(bid), Some(ask)) = (bids.first(), asks.first()) else {
                return;
            };
            if bid.price < ask.price || !has(&bid.account) || !has(&ask.account) {
                return;
            }
            let (older, taker) = if bid.sequence < ask.sequence {
                (bid, side::ASK)
            } else {
                (ask, side::BID)
            };
            if bid.account == ask.account {
                self.remove(older.sequence);
                continue;
            }
            let lots = bid.lots.min(ask.lots);
            let (value, amount) = (self.value(older.price, lots), self.amount(lots));
            let fee = |received: u128| (received * u128::from(self.terms.taker_fee_bps)).div_ceil(10_000);
            let (base_fee, quote_fee) = if taker == side::BID {
                (fee(amount), 0)
            } else {
                (0, fee(value))
            };
            *self.quote.get_mut(&bid.account).expect("a trader") -= value;
            *self.quote.get_mut(&ask.account).expect("a trader") += value - quote_fee;
            *self.base.get_mut(&ask.account).expect("a trader") -= amount;
            *self.base.get_mut(&bid.account).expect("a trader") += amount - base_fee;
            *self.quote.get_mut(&key(FEES)).expect("fees") += quote_fee;
            *self.base.get_mut(&key(FEES)).expect("fees") += base_fee;
            self.fills.push(Fill {
                buyer: bid.account,
                seller: ask.account,
                taker,
                bid_price: bid.price,
                price: older.price,
                lots,
            });
            for (_, order) in &mut self.orders {
                if order.sequence == bid.sequence || order.sequence == ask.sequence {
                    order.lots -= lots;
                }
            }
            self.orders.retain(|(_, order)| order.lots > 0);
        }
    }

    /// Whether the order is accepted; then what became of it has happened here, too.
    fn place(&mut self, new: &NewOrder, has: &dyn Fn(&Pubkey) -> bool) -> bool {
        let (number, order) = (new.side, new.order);
        let other = self.sorted(1 - number);
        let takes = other.first().is_some_and(|best| {
            if number == side::BID {
                best.price <= order.price
            } else {
                best.price >= order.price
            }
        });
        let (value, amount) = (self.value(order.price, order.lots), self.amount(order.lots));
        let fits = value <= u64::MAX.into() && amount <= u64::MAX.into();
        let needed = if number == side::BID { value } else { amount };
        let resting = self
            .orders
            .iter()
            .filter(|(_, other)| other.account == order.account)
            .count();
        let accepted = order.price > 0
            && order.lots >= self.terms.min_lots
            && fits
            && needed <= self.free(number, &order.account)
            && resting < MAX_RESTING_EACH as usize
            && !(new.kind == order_kind::POST_ONLY && takes);
        if !accepted {
            return false;
        }
        self.orders.push((number, order));
        if new.kind != order_kind::POST_ONLY {
            self.cross(new.most, has);
        }
        if new.kind == order_kind::IOC {
            self.remove(order.sequence);
            return true;
        }
        let side = self.sorted(number);
        let rests = side.iter().any(|resting| resting.sequence == order.sequence);
        if !rests || side.len() <= MAX_RESTING {
            return true;
        }
        let worst = side.last().expect("over full");
        self.remove(worst.sequence);
        worst.sequence != order.sequence && has(&worst.account)
    }

    fn agrees_with(&self, world: &World) {
        for number in SIDES {
            let mut orders = world.book.side(number).expect("a side").orders().to_vec();
            orders.reverse();
            assert_eq!(orders, self.sorted(number));
        }
        for (key, account) in &world.accounts.all {
            assert_eq!(u128::from(account.quote.held), self.quote[key]);
            assert_eq!(u128::from(account.base.held), self.base[key]);
        }
    }
}

/// One step of both, compared.
fn step(world: &mut World, step: &Step) {
    let (quote, base) = (world.sum(|of| of.quote), world.sum(|of| of.base));
    let mut reference = Reference::of(world);
    world.accounts.fills.clear();
    match step {
        Step::Place(ask) => {
            let before = reference.clone();
            let result = world.place(ask);
            let accounts = world.accounts.clone();
            let accepted = reference.place(&world.new_order(ask), &|key| accounts.has(key));
            assert_eq!(accepted, result.is_ok(), "{result:?}");
            if !accepted {
                reference = before;
            }
        }
        Step::Cancel { who, ago } => {
            let client_id = world.client_id.saturating_sub(*ago);
            let mine = |(_, order): &&(u8, Order)| order.account == key(*who) && order.client_id == client_id;
            let found = reference.orders.iter().find(mine).map(|(_, order)| order.sequence);
            let result = world.cancel(*who, client_id);
            assert_eq!(result.is_ok(), found.is_some(), "{result:?}");
            if let Some(sequence) = found {
                reference.remove(sequence);
            }
        }
        Step::Cross { most, absent } => {
            world.cross(*most, *absent);
            let accounts = world.accounts.clone();
            reference.cross(*most, &|key| accounts.has(key));
        }
    }
    assert_eq!(world.accounts.fills, reference.fills);
    world.check(quote, base);
    reference.agrees_with(world);
}

fn steps(
    price: impl Strategy<Value = u64> + Clone,
    lots: impl Strategy<Value = u64> + Clone,
    count: usize,
) -> impl Strategy<Value = Vec<Step>> {
    let place = (
        0..TRADERS,
        0..2_u8,
        0..3_u8,
        price,
        lots,
        0..6_u8,
        select(vec![0, 0, 0, 0b11, 0b11_0000, u16::MAX]),
    );
    let place = place.prop_map(|(who, side, kind, price, lots, most, absent)| {
        Step::Place(Ask {
            who,
            side,
            kind,
            price,
            lots,
            most,
            absent,
        })
    });
    let cancel = (0..TRADERS, 0..20_u64).prop_map(|(who, ago)| Step::Cancel { who, ago });
    let cross = (0..9_u8, select(vec![0, 0, 0b1, u16::MAX])).prop_map(|(most, absent)| Step::Cross { most, absent });
    prop::collection::vec(prop_oneof![8 => place, 2 => cancel, 2 => cross], 1..count)
}

fn terms(base_lot: u64, tick: u64, min_lots: u64, taker_fee_bps: u16) -> Terms {
    Terms {
        base_lot,
        tick,
        min_lots,
        taker_fee_bps,
        padding: [0; 6],
    }
}

/// A book whose bids are as many as may rest, at prices 1 to 256, of all traders but the last.
fn full() -> World {
    let mut world = World::new(terms(1, 1, 1, 30), [1_000_000, 1_000_000]);
    for number in 0..MAX_RESTING {
        let ask = Ask {
            who: u8::try_from(number / MAX_RESTING_EACH as usize).expect("a trader"),
            side: side::BID,
            kind: order_kind::LIMIT,
            price: number as u64 + 1,
            lots: 2,
            most: 0,
            absent: 0,
        };
        world.place(&ask).expect("room");
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_ordinary_market_is_the_reference_s(
        steps in steps(1..12_u64, 1..20_u64, 80),
        terms in (1..5_u64, 1..5_u64, 1..4_u64, 0..=100_u16).prop_map(|(base_lot, tick, min_lots, fee)| terms(base_lot, tick, min_lots, fee)),
    ) {
        let mut world = World::new(terms, [2_000, 500]);
        steps.iter().for_each(|one| step(&mut world, one));
        // A crank with all accounts leaves nothing crossed.
        while world.cross(u8::MAX, 0) > 0 {}
        prop_assert!(world.book.crossing().is_none());
    }

    #[test]
    fn extreme_prices_and_sizes_overflow_nothing(
        steps in steps(
            select(vec![0, 1, 2, u64::from(u32::MAX), u64::MAX / 4, u64::MAX / 3, u64::MAX - 1, u64::MAX]),
            select(vec![0, 1, 2, 3, u64::from(u32::MAX), u64::MAX / 2, u64::MAX]),
            40,
        ),
        terms in (select(vec![1, 2, u64::MAX]), select(vec![1, 3, u64::MAX]), 0..=100_u16)
            .prop_map(|(base_lot, tick, fee)| terms(base_lot, tick, 1, fee)),
    ) {
        // All that there is of a token fits 64 bits, and four have all of it.
        let each = u64::MAX / 4;
        let mut world = World::new(terms, [0, 0]);
        for number in 0..4 {
            let account = world.accounts.all.get_mut(&key(number)).expect("a trader");
            (account.quote.held, account.base.held) = (each, each);
        }
        steps.iter().for_each(|one| step(&mut world, one));
    }

    #[test]
    fn a_full_book_is_the_reference_s(steps in steps(1..300_u64, 1..40_u64, 12)) {
        let mut world = full();
        steps.iter().for_each(|one| step(&mut world, one));
    }
}

fn refused<T: core::fmt::Debug>(result: Result<T>, error: ExchangeError) {
    assert_eq!(result.expect_err("refused"), error.into());
}

const ORDINARY: Ask = Ask {
    who: 9,
    side: side::BID,
    kind: order_kind::LIMIT,
    price: 1,
    lots: 1,
    most: 0,
    absent: 0,
};

/// The attack: fill a side with the smallest orders, far from the price, so that nobody else can rest.
#[test]
fn dust_makes_room_for_a_better_price_and_for_no_other() {
    let mut world = full();
    refused(world.place(&ORDINARY), ExchangeError::BookFull);
    let better = Ask { price: 2, ..ORDINARY };
    refused(
        world.place(&Ask {
            absent: 0b1,
            ..better.clone()
        }),
        ExchangeError::EvictedAccountMissing,
    );
    let before = world.accounts.all[&key(0)];
    step(&mut world, &Step::Place(better));
    let after = world.accounts.all[&key(0)];
    assert_eq!((before.resting, after.resting), (32, 31));
    assert_eq!(
        (before.quote.locked - after.quote.locked, before.quote.held),
        (2, after.quote.held),
        "it lost nothing"
    );
}

/// The attack: put others out of a full book with an order that is gone at once and costs nothing.
#[test]
fn an_order_that_does_not_rest_puts_nobody_out() {
    let mut world = full();
    let ioc = Ask {
        kind: order_kind::IOC,
        price: 300,
        most: 9,
        ..ORDINARY
    };
    step(&mut world, &Step::Place(ioc));
    assert_eq!(world.book.bids.orders().len(), MAX_RESTING);
    assert_eq!(world.book.bids.worst().map(|order| order.price), Some(1));
}

/// The attack: fill the book under one name.
#[test]
fn one_account_cannot_fill_a_side() {
    let mut world = World::new(terms(1, 1, 1, 0), [1_000, 1_000]);
    for _ in 0..MAX_RESTING_EACH {
        world.place(&ORDINARY).expect("room");
    }
    refused(world.place(&ORDINARY), ExchangeError::TooManyOrders);
}

/// The attack: trade with oneself, for volume or for a price.
#[test]
fn nobody_trades_with_himself_and_the_older_order_goes() {
    let mut world = World::new(terms(1, 1, 1, 100), [1_000, 1_000]);
    let bid = Ask {
        price: 5,
        lots: 10,
        ..ORDINARY
    };
    let ask = Ask {
        side: side::ASK,
        price: 5,
        lots: 4,
        most: 9,
        ..ORDINARY
    };
    step(&mut world, &Step::Place(bid));
    step(&mut world, &Step::Place(ask));
    assert!(world.accounts.fills.is_empty() && world.book.bids.orders().is_empty());
    assert_eq!(world.book.asks.orders().len(), 1);
    let mine = &world.accounts.all[&key(9)];
    assert_eq!(
        (mine.quote, mine.base),
        (Purse { held: 1_000, locked: 0 }, Purse { held: 1_000, locked: 4 })
    );
}

/// The attack: leave the book crossed for want of an account, and let a friend overtake those who wait.
#[test]
fn a_crossed_book_is_traded_in_order_and_nobody_overtakes() {
    let mut world = World::new(terms(1, 1, 1, 0), [1_000, 1_000]);
    let by = |who: u8, side: u8, price: u64| Ask {
        who,
        side,
        price,
        ..ORDINARY
    };
    step(&mut world, &Step::Place(by(0, side::ASK, 5)));
    step(&mut world, &Step::Place(by(1, side::BID, 9)));
    assert!(world.book.crossing().is_some(), "no trade was allowed");
    // A later and worse bid, with the accounts of the ask at hand but not that of the bid before it.
    let friend = Ask {
        most: 9,
        absent: 0b10,
        ..by(2, side::BID, 8)
    };
    step(&mut world, &Step::Place(friend));
    assert!(world.accounts.fills.is_empty());
    world.accounts.fills.clear();
    assert_eq!(world.cross(9, 0), 1);
    assert_eq!(
        (world.accounts.fills[0].buyer, world.accounts.fills[0].price),
        (key(1), 5)
    );
}

/// The attack: send a signed order again, while it rests, after it was filled, after it was cancelled.
#[test]
fn a_client_id_is_good_once() {
    let mut world = World::new(terms(1, 1, 1, 0), [1_000, 1_000]);
    world.place(&ORDINARY).expect("room");
    let again = |world: &mut World| {
        world.client_id -= 1;
        refused(world.place(&ORDINARY), ExchangeError::ClientIdUsed);
    };
    again(&mut world);
    world.cancel(9, 1).expect("it rests");
    again(&mut world);
    refused(world.cancel(9, 1), ExchangeError::NoSuchOrder);
}

#[test]
fn what_is_no_order_is_refused_by_name() {
    let mut world = World::new(terms(1, 1, 3, 0), [1_000, 1_000]);
    let ask = Ask {
        side: side::ASK,
        price: 5,
        lots: 3,
        ..ORDINARY
    };
    world.place(&ask).expect("room");
    for (bad, error) in [
        (
            Ask {
                side: 2,
                lots: 3,
                ..ORDINARY
            },
            ExchangeError::UnknownSide,
        ),
        (
            Ask {
                kind: 3,
                lots: 3,
                ..ORDINARY
            },
            ExchangeError::UnknownOrderKind,
        ),
        (
            Ask {
                price: 0,
                lots: 3,
                ..ORDINARY
            },
            ExchangeError::OrderOutOfRange,
        ),
        (
            Ask {
                price: u64::MAX,
                lots: 3,
                ..ORDINARY
            },
            ExchangeError::OrderOutOfRange,
        ),
        (Ask { lots: 2, ..ORDINARY }, ExchangeError::OrderTooSmall),
        (
            Ask {
                lots: 1_001,
                ..ORDINARY
            },
            ExchangeError::NotEnoughFree,
        ),
        (
            Ask {
                kind: order_kind::POST_ONLY,
                price: 5,
                lots: 3,
                ..ORDINARY
            },
            ExchangeError::WouldTake,
        ),
    ] {
        refused(world.place(&bad), error);
    }
    world.check(10_000, 10_000);
}
