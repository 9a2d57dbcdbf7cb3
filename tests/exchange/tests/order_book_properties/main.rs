//! The book against a reference that is as slow and plain as can be: lists, scans and 128-bit sums.
//!
//! Random orders, cancels and matches, at ordinary and at extreme prices and sizes, with accounts missing, in books that
//! are empty and in books that are full. After every step: the book is sorted, tokens are conserved, what is locked is
//! what the orders lock, and book and balances are the reference's.

mod attacks;
mod book;
mod reference;

use std::collections::BTreeMap;

use anchor_lang::prelude::{Pubkey, Result};
use example_exchange::{
    constants::{MAX_RESTING, MAX_RESTING_EACH, order_kind, side},
    engine::{Engine, Fill, NewOrder, Parties},
    error::ExchangeError,
    state::{Book, OpenOrders, Order, Purse, Terms},
};
use proptest::{prelude::*, sample::select};

use book::World;
use reference::Reference;

const TRADERS: u8 = 10;
const FEES: u8 = 255;
const SIDES: [u8; 2] = [side::BID, side::ASK];

fn key(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
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
