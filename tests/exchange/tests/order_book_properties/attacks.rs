//! How one would use a book against others, and what comes of it.

use super::*;

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
