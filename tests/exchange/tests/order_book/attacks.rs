//! How one would steal from a book, and what comes of it.

use super::*;

/// The attack: bring a board of one's own, or none.
#[test]
fn a_board_that_is_not_the_exchange_s_stops_everything() {
    let mut floor = Floor::protected();
    let alice = floor.trader("alice");
    let place = floor.order(&alice, order_kind::LIMIT, bid(10, 1), &[]);
    let swapped = floor.with_account(place, floor.market.board, keypair("board").pubkey());
    floor.refused(swapped, &alice, ExchangeError::WrongBoard);
}

/// The attack: cancel another's order, or place one with another's money.
#[test]
fn another_s_orders_are_out_of_reach() {
    let mut floor = Floor::protected();
    let (alice, mallory) = (floor.trader("alice"), floor.trader("mallory"));
    let id = floor.place(&alice, bid(20, 5), &[]);
    let cancel = floor.market.cancel(mallory.owner(), id);
    floor.refused(cancel.clone(), &mallory, ExchangeError::NoSuchOrder);
    for theft in [
        cancel,
        floor.order(&mallory, order_kind::LIMIT, bid(10, 1), &[]),
        floor.settle(&mallory, side::BID, 1, 1),
        floor.fund(&mallory, side::BID, 1),
    ] {
        let theft = floor.with_account(theft, mallory.orders, alice.orders);
        floor.refused(theft, &mallory, ExchangeError::NotTheOwner);
    }
    let mut unsigned = floor.market.cancel(alice.owner(), id);
    unsigned.accounts[0].is_signer = false;
    floor.refused_code(unsigned, &[], ErrorCode::AccountNotSigner.into());
}

/// The attack: trade in one market with what lies in another, or by another's book.
#[test]
fn accounts_of_another_market_are_refused() {
    let mut floor = Floor::unprotected();
    let (alice, mallory) = (floor.trader("alice"), floor.trader("mallory"));
    floor.place(&alice, ask(20, 5), &[]);
    let other = floor.another_market("worthless");
    let open = other.open_orders_account(mallory.owner(), floor.machine.payer.pubkey());
    floor.must(open, &mallory);
    let foreign = other.open_orders(&mallory.owner());
    let here = floor.market;
    let place = floor.order(&mallory, order_kind::LIMIT, bid(20, 5), &[&alice]);
    for (from, to) in [
        (here.book, other.book),
        (here.fees, other.fees),
        (here.key, other.key),
        (mallory.orders, foreign),
    ] {
        let swapped = floor.with_account(place.clone(), from, to);
        floor.refused(swapped, &mallory, ExchangeError::ForeignAccount);
    }
    let crank = here.match_orders(9, &[alice.owner()]);
    let cancel = here.cancel(alice.owner(), 1);
    for (from, to) in [(here.book, other.book), (here.fees, other.fees), (here.key, other.key)] {
        let swapped = floor.with_account(crank.clone(), from, to);
        floor.refused_by_anyone(swapped, ExchangeError::ForeignAccount);
        if from != here.fees {
            let swapped = floor.with_account(cancel.clone(), from, to);
            floor.refused(swapped, &alice, ExchangeError::ForeignAccount);
        }
    }
    let settle = floor.settle(&mallory, side::BID, 1, 1);
    let swapped = floor.with_account(settle, mallory.orders, foreign);
    floor.refused(swapped, &mallory, ExchangeError::ForeignAccount);
}

/// The attack: give a counterparty that is none. Accounts are found by the key the book has, so others count for nothing.
#[test]
fn an_account_that_no_order_names_counts_for_nothing() {
    let mut floor = Floor::protected();
    let (alice, bob, mallory) = (floor.trader("alice"), floor.trader("bob"), floor.trader("mallory"));
    floor.place(&alice, ask(20, 5), &[]);
    floor.place(&bob, bid(20, 5), &[]);
    let crank = floor.market.match_orders(9, &[mallory.owner(), bob.owner()]);
    floor.refused_by_anyone(crank, ExchangeError::NothingToMatch);
    let mut crank = floor.market.match_orders(9, &[bob.owner()]);
    crank.accounts.push(AccountMeta::new(floor.market.book, false));
    floor.refused_by_anyone(crank, ExchangeError::NothingToMatch);
    // The right ones, but not to be written.
    let mut crank = floor.market.match_orders(9, &[alice.owner(), bob.owner()]);
    for meta in crank.accounts.iter_mut().rev().take(2) {
        meta.is_writable = false;
    }
    floor.refused_code(crank, &[], ErrorCode::AccountNotMutable.into());
}

/// The attack: bring a book, a market or an open-orders account that another program wrote, or one of another kind.
#[test]
fn forged_accounts_are_refused() {
    let mut floor = Floor::protected();
    let mallory = floor.trader("mallory");
    let place = floor.order(&mallory, order_kind::LIMIT, bid(20, 5), &[]);
    let forged = keypair("forged").pubkey();
    for key in [floor.market.key, floor.market.book, floor.market.fees, mallory.orders] {
        let mut account = floor.machine.account(&key).expect("an account");
        account.owner = keypair("mallory's program").pubkey();
        floor.machine.write_account(&forged, account);
        let swapped = floor.with_account(place.clone(), key, forged);
        floor.refused_by(swapped, &mallory.key, ErrorCode::AccountOwnedByWrongProgram.into());
        let swapped = floor.with_account(place.clone(), key, mallory.margin);
        floor.refused_by(swapped, &mallory.key, ErrorCode::AccountDiscriminatorMismatch.into());
    }
}

/// The attack: `AccountLoader` is exempt from Anchor's check of duplicates. Give an account twice, and have the one copy
/// written over the other.
#[test]
fn an_account_that_is_given_twice_changes_once() {
    let mut floor = Floor::protected();
    let (alice, bob) = (floor.trader("alice"), floor.trader("bob"));
    floor.place(&alice, ask(20, 5), &[]);
    floor.place(&bob, bid(20, 5), &[]);
    let owners = [alice.owner(), bob.owner(), alice.owner(), bob.owner()];
    let mut crank = floor.market.match_orders(9, &owners);
    crank.accounts.push(AccountMeta::new(floor.market.fees, false));
    floor.must_by_anyone(crank);
    floor.conserved(&[&alice, &bob]);
    assert_eq!(floor.orders(&alice).quote.held, 10_000 + 20 * 5 * TICK);
    // As its own counterparty: the order of the same account goes, nothing is traded.
    floor.place(&alice, ask(20, 1), &[]);
    floor.place(&alice, bid(20, 1), &[&alice, &alice]);
    assert_eq!((floor.book().bids.count, floor.book().asks.count), (1, 0));
    floor.conserved(&[&alice, &bob]);
}

/// The attack: let fees place orders, or pay one's fees to oneself.
#[test]
fn fees_go_to_one_account_and_place_no_orders() {
    let mut floor = Floor::protected();
    let (alice, mallory) = (floor.trader("alice"), floor.trader("mallory"));
    let place = floor.order(&mallory, order_kind::LIMIT, bid(20, 5), &[]);
    let swapped = floor.with_account(place, floor.market.fees, mallory.orders);
    floor.refused(swapped, &mallory, ExchangeError::ForeignAccount);
    let admin = floor.admin();
    let place = floor.order(&admin, order_kind::LIMIT, bid(20, 5), &[]);
    let swapped = floor.with_account(place, admin.orders, floor.market.fees);
    floor.refused(swapped, &admin, ExchangeError::FeesDoNotTrade);
    // They are a position like any other: their owner settles them.
    floor.place(&alice, bid(20, 5), &[]);
    floor.place(&mallory, ask(20, 5), &[&alice]);
    let fee = (20 * 5 * TICK * u64::from(FEE_BPS)).div_ceil(10_000);
    assert_eq!(floor.fees().quote, purse(fee, 0));
    let settle = floor.settle(&admin, side::BID, fee, 1);
    let settle = floor.with_account(settle, admin.orders, floor.market.fees);
    floor.must(settle, &admin);
    assert_eq!(floor.machine.balance(&admin.quote), fee);
    floor.conserved(&[&alice, &mallory]);
}

/// The attack: send an order that was signed once a second time.
#[test]
fn an_order_is_placed_once() {
    let mut floor = Floor::protected();
    let (alice, bob) = (floor.trader("alice"), floor.trader("bob"));
    let order = floor.order(&alice, order_kind::LIMIT, bid(20, 5), &[]);
    floor.must(order.clone(), &alice);
    floor.refused(order.clone(), &alice, ExchangeError::ClientIdUsed);
    floor.place(&bob, ask(20, 5), &[&alice]);
    assert_eq!(floor.orders(&alice).resting, 0, "filled");
    floor.refused(order, &alice, ExchangeError::ClientIdUsed);
}

/// The attack: fill the book with dust. See `order_book_properties` for all rules of it.
#[test]
fn a_book_full_of_dust_makes_room_for_a_better_price() {
    let mut floor = Floor::protected();
    let sybils: Vec<_> = (0..MAX_RESTING / MAX_RESTING_EACH as usize)
        .map(|number| floor.trader(&format!("sybil {number}")))
        .collect();
    for sybil in &sybils {
        for _ in 0..MAX_RESTING_EACH {
            floor.place(sybil, bid(1, TERMS.min_lots), &[]);
        }
        let more = floor.order(sybil, order_kind::LIMIT, bid(9, TERMS.min_lots), &[]);
        floor.refused(more, sybil, ExchangeError::TooManyOrders);
    }
    let alice = floor.trader("alice");
    let too_small = floor.order(&alice, order_kind::LIMIT, bid(20, TERMS.min_lots - 1), &[]);
    floor.refused(too_small, &alice, ExchangeError::OrderTooSmall);
    let no_better = floor.order(&alice, order_kind::LIMIT, bid(1, 5), &[&sybils[7]]);
    floor.refused(no_better, &alice, ExchangeError::BookFull);
    let alone = floor.order(&alice, order_kind::LIMIT, bid(20, 5), &[]);
    floor.refused(alone, &alice, ExchangeError::EvictedAccountMissing);
    floor.place(&alice, bid(20, 5), &[&sybils[7]]);
    assert_eq!(floor.orders(&sybils[7]).resting, MAX_RESTING_EACH - 1);
    assert_eq!(floor.book().bids.best().map(|order| order.account), Some(alice.orders));
    let traders: Vec<_> = sybils.iter().chain([&alice]).collect();
    floor.conserved(&traders);
}

/// The attack: share a compartment, so that a pause of one is a pause of the other; or trade quote for quote, so that one
/// token counts on two sides.
#[test]
fn a_market_has_a_compartment_and_a_token_of_its_own() {
    let mut floor = Floor::protected();
    let (admin, payer) = (floor.exchange.admin.insecure_clone(), floor.machine.payer.pubkey());
    let mut quote = floor.market;
    quote.base_mint = floor.exchange.mint;
    quote.base_tokens = floor.exchange.tokens;
    let quote = floor.rekeyed(quote, "quote for quote");
    let create = quote.create(admin.pubkey(), payer, &TERMS);
    floor.refused_by(create, &admin, ExchangeError::InvalidMarket.into());
    // The vault of the margin accounts: what is one ledger's would be another's, too.
    let mut shared = floor.market_in_compartment("of two", BOOK);
    shared.quote_tokens = floor.exchange.tokens;
    shared.quote_vault = Some(floor.exchange.protocol.as_ref().expect("protected").vault);
    let create = shared.create(admin.pubkey(), payer, &TERMS);
    floor.refused_by(create, &admin, ExchangeError::DuplicateAccount.into());
    // A vault of the right token in the compartment of the margin accounts.
    let shared = floor.market_in_compartment("shared", MARGIN);
    let create = shared.create(admin.pubkey(), payer, &TERMS);
    floor.refused_by(create, &admin, ExchangeError::CompartmentShared.into());
}
