//! Markets in the VM: what traders do, what the guard stops, and how one would steal from a book.

mod attacks;

use anchor_lang::{
    error::ErrorCode,
    prelude::{AccountMeta, Pubkey},
    solana_program::instruction::Instruction,
};
use bulkhead::interface::layout::Release;
use bulkhead_client::pda as bulkhead_pda;
use bulkhead_guard::action;
use bulkhead_testbed::keypair;
use example_exchange::{
    constants::{MAX_RESTING, MAX_RESTING_EACH, order_kind, side},
    error::ExchangeError,
    instructions::CreateMarketArgs,
    state::{
        BASE_HELD_OFFSET, MARKET_DISCRIMINATOR, OPEN_ORDERS_BASE_OFFSET, OPEN_ORDERS_DISCRIMINATOR,
        OPEN_ORDERS_MARKET_OFFSET, OPEN_ORDERS_OWNER_OFFSET, OPEN_ORDERS_QUOTE_OFFSET, Purse, QUOTE_HELD_OFFSET,
    },
};
use example_exchange_tests::floor::{BOOK, FEE_BPS, Floor, LOT, MARGIN, TERMS, TICK, Trader, ask, bid};
use solana_signer::Signer;

fn purse(held: u64, locked: u64) -> Purse {
    Purse { held, locked }
}

#[test]
fn a_resting_order_is_taken_and_both_get_theirs() {
    let mut floor = Floor::protected();
    let (alice, bob) = (floor.trader("alice"), floor.trader("bob"));
    floor.place(&alice, ask(20, 5), &[]);
    assert_eq!(floor.orders(&alice).base, purse(10_000, 5 * LOT));
    // Bob pays alice's price, not bob's own, and the fee out of what bob gets.
    floor.place(&bob, bid(30, 3), &[&alice]);
    let (value, fee) = (20 * 3 * TICK, (3 * LOT * u64::from(FEE_BPS)).div_ceil(10_000));
    assert_eq!(floor.orders(&alice).quote, purse(10_000 + value, 0));
    assert_eq!(floor.orders(&alice).base, purse(10_000 - 3 * LOT, 2 * LOT));
    assert_eq!(floor.orders(&bob).quote, purse(10_000 - value, 0));
    assert_eq!(floor.orders(&bob).base, purse(10_000 + 3 * LOT - fee, 0));
    assert_eq!((floor.fees().base, floor.fees().quote), (purse(fee, 0), purse(0, 0)));
    floor.conserved(&[&alice, &bob]);

    let settle = floor.settle(&alice, side::BID, 10_000 + value, 1);
    floor.must(settle, &alice);
    assert_eq!(floor.orders(&alice).quote, purse(0, 0));
    assert_eq!(floor.machine.balance(&alice.quote), 10_000 + value);
    let settle = floor.settle(&bob, side::ASK, 10_000 + 3 * LOT - fee, 1);
    floor.must(settle, &bob);
    assert_eq!(floor.machine.balance(&bob.base), 10_000 + 3 * LOT - fee);
    floor.conserved(&[&alice, &bob]);
}

#[test]
fn orders_that_cross_rest_until_anyone_matches_them() {
    let mut floor = Floor::protected();
    let (alice, bob, carol) = (floor.trader("alice"), floor.trader("bob"), floor.trader("carol"));
    floor.place(&alice, ask(20, 5), &[]);
    floor.place(&bob, ask(19, 5), &[]);
    floor.place(&carol, bid(25, 8), &[]);
    assert_eq!(floor.book().bids.count, 1);
    let owners = [carol.owner(), alice.owner(), bob.owner()];
    let crank = floor.market.match_orders(9, &owners);
    floor.must_by_anyone(crank);
    // Bob's was the better price, so all of it went first.
    assert_eq!(floor.orders(&bob).base, purse(10_000 - 5 * LOT, 0));
    assert_eq!(floor.orders(&alice).base, purse(10_000 - 3 * LOT, 2 * LOT));
    let paid = (19 * 5 + 20 * 3) * TICK;
    assert_eq!(floor.orders(&carol).quote, purse(10_000 - paid, 0));
    assert_eq!((floor.book().bids.count, floor.book().asks.count), (0, 1));
    floor.conserved(&[&alice, &bob, &carol]);
    let again = floor.market.match_orders(9, &owners);
    floor.refused_by_anyone(again, ExchangeError::NothingToMatch);
}

#[test]
fn kinds_of_orders_do_what_they_say() {
    let mut floor = Floor::protected();
    let (alice, bob) = (floor.trader("alice"), floor.trader("bob"));
    floor.place(&alice, ask(20, 5), &[]);
    let post_only = floor.order(&bob, order_kind::POST_ONLY, bid(20, 1), &[&alice]);
    floor.refused(post_only, &bob, ExchangeError::WouldTake);
    let post_only = floor.order(&bob, order_kind::POST_ONLY, bid(19, 1), &[&alice]);
    floor.must(post_only, &bob);
    let ioc = floor.order(&bob, order_kind::IOC, bid(20, 9), &[&alice]);
    floor.must(ioc, &bob);
    assert_eq!(floor.orders(&bob).quote, purse(10_000 - 20 * 5 * TICK, 19 * TICK));
    assert_eq!((floor.book().bids.count, floor.book().asks.count), (1, 0));
    floor.conserved(&[&alice, &bob]);
}

#[test]
fn a_cancelled_order_is_free_and_gone() {
    let mut floor = Floor::protected();
    let alice = floor.trader("alice");
    let id = floor.place(&alice, bid(20, 5), &[]);
    let totals = floor.totals();
    let cancel = floor.market.cancel(alice.owner(), id);
    floor.must(cancel.clone(), &alice);
    assert_eq!(floor.orders(&alice).quote, purse(10_000, 0));
    assert_eq!(
        floor.totals(),
        totals,
        "nothing that is locked or unlocked changes a total"
    );
    floor.refused(cancel, &alice, ExchangeError::NoSuchOrder);
    floor.conserved(&[&alice]);
}

#[test]
fn what_is_locked_can_neither_be_settled_nor_withdrawn() {
    let mut floor = Floor::protected();
    let alice = floor.trader("alice");
    floor.place(&alice, ask(20, 5), &[]);
    floor.place(&alice, bid(10, 500), &[]);
    for (number, locked) in [(side::BID, 10 * 500 * TICK), (side::ASK, 5 * LOT)] {
        let settle = floor.settle(&alice, number, 10_000 - locked + 1, 1);
        floor.refused(settle, &alice, ExchangeError::NotEnoughFree);
    }
    let order = floor.order(&alice, order_kind::LIMIT, bid(10, 1), &[]);
    floor.refused(order, &alice, ExchangeError::NotEnoughFree);
    for (nothing, error) in [
        (floor.fund(&alice, side::BID, 0), ExchangeError::ZeroAmount),
        (floor.settle(&alice, side::ASK, 0, 1), ExchangeError::ZeroAmount),
    ] {
        floor.refused(nothing, &alice, error);
    }
    let mut neither = floor.settle(&alice, side::ASK, 1, 1);
    neither.data[8] = 2;
    floor.refused(neither, &alice, ExchangeError::UnknownSide);
}

#[test]
fn base_over_the_limit_is_owed_and_debited() {
    let mut floor = Floor::protected();
    let whale = floor.trader_with("whale", 10_000, 500_000);
    floor.machine.warp_seconds(2 * 3_600);
    let withdraw = floor.settle(&whale, side::ASK, 60_001, 77);
    floor.must(withdraw, &whale);
    let vault = floor.market.base_vault.expect("protected").vault;
    let record: Release = floor
        .machine
        .load(&bulkhead_pda::release_of(&vault, &whale.key.pubkey(), 77));
    assert_eq!(
        (record.amount, floor.orders(&whale).base.held),
        (60_001, 500_000 - 60_001)
    );
    assert_eq!(floor.state().base_held, 500_000 - 60_001);
    assert_eq!(floor.machine.balance(&floor.market.base_tokens), 500_000);
}

/// The exchange's own limit counts quote, here as in the margin accounts.
#[test]
fn the_exchange_s_own_limit_holds_for_quote_of_a_market() {
    let mut floor = Floor::protected();
    let (alice, admin) = (floor.trader("alice"), floor.exchange.admin.insecure_clone());
    let lower = floor.exchange.set_withdraw_limit(admin.pubkey(), 99);
    floor.must_by(lower, &admin);
    let over = floor.settle(&alice, side::BID, 100, 1);
    floor.refused(over, &alice, ExchangeError::OverWithdrawLimit);
    for number in [side::BID, side::ASK] {
        let within = floor.settle(&alice, number, 99 + u64::from(number), 2);
        floor.must(within, &alice);
    }
    floor.conserved(&[&alice]);
}

#[test]
fn positions_and_totals_lie_where_ledgers_read_them() {
    let mut floor = Floor::protected();
    let alice = floor.trader("alice");
    floor.place(&alice, ask(20, 5), &[]);
    floor.place(&alice, bid(10, 7), &[]);
    let at = |key: &Pubkey, offset: usize, len: usize| {
        let account = floor.machine.account(key).expect("an account");
        assert_eq!(account.owner, example_exchange::ID);
        account.data[offset..offset + len].to_vec()
    };
    let number = |key: &Pubkey, offset: usize| u64::from_le_bytes(at(key, offset, 8).try_into().expect("8 bytes"));
    let (orders, market) = (alice.orders, floor.market.key);
    assert_eq!(at(&orders, 0, 8), OPEN_ORDERS_DISCRIMINATOR);
    assert_eq!(at(&orders, OPEN_ORDERS_MARKET_OFFSET, 32), market.to_bytes());
    assert_eq!(at(&orders, OPEN_ORDERS_OWNER_OFFSET, 32), alice.owner().to_bytes());
    assert_eq!(number(&orders, OPEN_ORDERS_QUOTE_OFFSET), 10_000);
    assert_eq!(number(&orders, OPEN_ORDERS_QUOTE_OFFSET + 8), 10 * 7 * TICK);
    assert_eq!(number(&orders, OPEN_ORDERS_BASE_OFFSET), 10_000);
    assert_eq!(number(&orders, OPEN_ORDERS_BASE_OFFSET + 8), 5 * LOT);
    assert_eq!(at(&market, 0, 8), MARKET_DISCRIMINATOR);
    assert_eq!(
        (number(&market, QUOTE_HELD_OFFSET), number(&market, BASE_HELD_OFFSET)),
        (10_000, 10_000)
    );
}

/// Each action has its bit in the market's own compartment, and the rest of the exchange goes on.
#[test]
fn the_guard_stops_each_action_in_the_market_s_own_compartment() {
    type Act = fn(&Floor, &Trader) -> Instruction;
    let place: Act = |floor, trader| floor.order(trader, order_kind::LIMIT, bid(10, 1), &[]);
    let crank: Act = |floor, trader| floor.market.match_orders(9, &[trader.owner()]);
    let cancel: Act = |floor, trader| floor.market.cancel(trader.owner(), 1);
    let fund: Act = |floor, trader| floor.fund(trader, side::BID, 1);
    let settle: Act = |floor, trader| floor.settle(trader, side::BID, 1, 1);
    let deposit: Act = |floor, trader| floor.exchange.deposit(trader.owner(), trader.quote, 1);
    let withdraw: Act = |floor, trader| floor.exchange.withdraw(trader.owner(), trader.quote, 1, 2);
    let all = [place, crank, cancel, fund, settle, deposit, withdraw];
    let stopped_by: [(u8, u32, &[usize]); 7] = [
        (BOOK, action::TRADE, &[0, 1]),
        (BOOK, action::CANCEL, &[2]),
        (BOOK, action::DEPOSIT, &[3]),
        (BOOK, action::WITHDRAW, &[4]),
        (BOOK, action::ALL, &[0, 1, 2, 3, 4]),
        (MARGIN, action::ALL, &[5, 6]),
        (BOOK, action::DEFAULT_EMERGENCY, &[0, 1, 4]),
    ];
    for (compartment, mask, stopped) in stopped_by {
        let mut floor = Floor::protected();
        let alice = floor.trader("alice");
        // Two orders that cross, so that the crank has something to do: the older one is taken out.
        floor.place(&alice, bid(10, 1), &[]);
        floor.place_without_trading(&alice, ask(10, 1));
        floor.pause(compartment, mask);
        for (number, act) in all.iter().enumerate() {
            let result = floor.machine.send(&[act(&floor, &alice)], &[&alice.key]);
            let paused = matches!(&result, Err(failure) if failure.code() == Some(ExchangeError::ActionPaused.into()));
            assert_eq!(
                paused,
                stopped.contains(&number),
                "{compartment} {mask} {number}: {result:?}"
            );
        }
    }
}

/// A full book, and a taker that meets as many as it has accounts for: no transaction gets too dear.
#[test]
fn the_dearest_transactions_fit() {
    let mut floor = Floor::protected();
    let makers: Vec<_> = (0..8).map(|number| floor.trader(&format!("maker {number}"))).collect();
    for _ in 0..MAX_RESTING_EACH {
        for maker in &makers {
            floor.place(maker, ask(50, 2), &[]);
        }
    }
    let taker = floor.trader_with("taker", 1_000_000, 10_000);
    let all: Vec<_> = makers.iter().collect();
    let order = floor.order(&taker, order_kind::LIMIT, bid(50, 32), &all);
    let spent = floor.must(order, &taker).compute_units;
    assert_eq!(floor.orders(&taker).quote.held, 1_000_000 - 50 * 32 * TICK);
    assert!(spent < 40_000, "16 trades cost {spent} CU");
    let order = floor.order(&taker, order_kind::LIMIT, bid(1, 2), &[]);
    let spent = floor.must(order, &taker).compute_units;
    assert!(spent < 6_000, "placing costs {spent} CU");
    let cancel = floor.market.cancel(taker.owner(), MAX_RESTING as u64 + 2);
    let spent = floor.must(cancel, &taker).compute_units;
    assert!(spent < 6_000, "cancelling costs {spent} CU");
}

#[test]
fn a_market_of_bad_terms_or_of_tokens_that_are_not_ours_is_refused() {
    let mut floor = Floor::unprotected();
    let (admin, payer) = (floor.exchange.admin.insecure_clone(), floor.machine.payer.pubkey());
    let other = floor.next_market("other");
    let create = |terms: &CreateMarketArgs| other.create(admin.pubkey(), payer, terms);
    for terms in [
        CreateMarketArgs { base_lot: 0, ..TERMS },
        CreateMarketArgs { tick: 0, ..TERMS },
        CreateMarketArgs { min_lots: 0, ..TERMS },
        CreateMarketArgs {
            taker_fee_bps: 101,
            ..TERMS
        },
    ] {
        floor.refused_by(create(&terms), &admin, ExchangeError::InvalidMarket.into());
    }
    // A book that another market has, tokens that another has, and a creator who is not the admin.
    let taken = floor.with_account(create(&TERMS), other.book, floor.market.book);
    floor.refused_by(taken, &admin, ErrorCode::ConstraintZero.into());
    let own = keypair("mallory's base").pubkey();
    let mallory = floor.trader("mallory");
    floor
        .machine
        .create_token_account(&own, &other.base_mint, &mallory.owner(), 0);
    let stolen = floor.with_account(create(&TERMS), other.base_tokens, own);
    floor.refused_by(stolen, &admin, ExchangeError::TokensNotOurs.into());
    let of_another_token = floor.with_account(create(&TERMS), other.quote_tokens, floor.market.base_tokens);
    floor.refused_by(of_another_token, &admin, ExchangeError::TokensNotOurs.into());
    let usurped = other.create(mallory.owner(), payer, &TERMS);
    floor.refused(usurped, &mallory, ExchangeError::NotTheAdmin);
    floor.must_by(create(&TERMS), &admin);
}
