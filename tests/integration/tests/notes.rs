//! Who moves the same tokens in and out, on the built programs and the real example exchange: nobody closes a protocol or
//! makes others wait with them, and nothing leaves by a note but what its owner brought in within the window.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{CloseDetectorArgs, OpenBreakerArgs, ResumeArgs, SetLimitArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state, release_state, verdict},
    layout::{DepositNote, OutflowBreaker, Release},
};
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, Protocol, Setup, deploy_dir, keypair};
use bulkhead_tests::{receiver, world_with};
use solana_keypair::Keypair;
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const WINDOW: i64 = 3_600;
const SUB: i64 = WINDOW / 12;

struct Owner {
    key: Keypair,
    wallet: Pubkey,
}

fn owner(machine: &mut Machine, mint: &Pubkey, name: &str, tokens: u64) -> Owner {
    let key = keypair(name);
    machine.fund(&key.pubkey(), 1_000_000_000);
    let wallet = machine.create_associated(mint, &key.pubkey(), tokens);
    Owner { key, wallet }
}

fn deposit(machine: &mut Machine, protocol: &Protocol, owner: &Owner, amount: u64) {
    let key = owner.key.pubkey();
    let deposit = ix::receive_deposit(protocol.vault, key, owner.wallet, key, amount);
    protocol.must(machine, &[deposit], &[&owner.key]);
}

fn release(machine: &mut Machine, protocol: &Protocol, asker: &Owner, to: Pubkey, amount: u64, index: u64) -> u8 {
    let (operator, payer) = (protocol.operator.pubkey(), machine.payer.pubkey());
    let release = ix::release_to(protocol.vault, operator, (asker.key.pubkey(), to), payer, amount, index);
    protocol.must(machine, &[release], &[&protocol.operator]).return_data[0]
}

/// To a little after the next border of a sub-window.
fn to_next_border(machine: &mut Machine, sub: i64) {
    let now = machine.clock().unix_timestamp;
    machine.warp_seconds(sub - now.rem_euclid(sub) + 1);
}

fn exchange(name: &'static str) -> (Machine, Exchange) {
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let setup = ExchangeSetup {
        name,
        protected: true,
        vulnerable_redemption: false,
        withdraw_limit: u64::MAX,
        limit: LIMIT,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        window_seconds: WINDOW,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    (machine, exchange)
}

fn breaker_of(machine: &Machine, exchange: &Exchange) -> OutflowBreaker {
    machine.load(&exchange.protocol.as_ref().expect("protected").vault.breaker)
}

fn user(machine: &mut Machine, exchange: &Exchange, name: &str, tokens: u64) -> Owner {
    let user = owner(machine, &exchange.mint, name, tokens);
    let open = exchange.open_margin_account(user.key.pubkey(), user.key.pubkey());
    let deposit = exchange.deposit(user.key.pubkey(), user.wallet, tokens);
    machine.send(&[open, deposit], &[&user.key]).expect("a deposit");
    user
}

/// The griefer with three times T, in and out within a slot, over a border and over a window, as often as it likes.
#[test]
fn wash_cycling_neither_closes_the_exchange_nor_makes_others_wait() {
    let (mut machine, exchange) = exchange("wash");
    let alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    let griefer = user(&mut machine, &exchange, "griefer", 1);
    machine.mint_to(&exchange.mint, &griefer.wallet, 3 * LIMIT);
    machine.warp_seconds(3 * WINDOW);
    let owner = griefer.key.pubkey();
    for lap in 0..48_u64 {
        let deposit = exchange.deposit(owner, griefer.wallet, 3 * LIMIT);
        let withdraw = exchange.withdraw(owner, griefer.wallet, 3 * LIMIT, lap);
        machine.send(&[deposit], &[&griefer.key]).expect("in");
        // Never longer than a note lasts.
        machine.warp_seconds(i64::try_from(lap % 5).expect("few") * (SUB + 1));
        machine.send(&[withdraw], &[&griefer.key]).expect("and out");
        assert_eq!(
            machine.balance(&griefer.wallet),
            3 * LIMIT,
            "lap {lap}: all of it is back"
        );
        assert_eq!(breaker_of(&machine, &exchange).outflow, 0, "lap {lap}");
    }
    // Whenever somebody looks afterwards: every sub-window of two windows.
    for number in 0..26 {
        let withdraw = exchange.withdraw(alice.key.pubkey(), alice.wallet, 7_000, 1_000 + number);
        machine.send(&[withdraw], &[&alice.key]).expect("an honest withdrawal");
        assert_eq!(machine.balance(&alice.wallet), 7_000 * (number + 1), "paid at once");
        machine.warp_seconds(SUB);
    }
    assert_eq!(breaker_of(&machine, &exchange).latch.state, latch_state::ARMED);
}

/// Own money, in for two seconds over the border of two sub-windows, out again in full.
#[test]
fn a_deposit_over_one_border_leaves_no_trace_a_window_later() {
    let (mut machine, exchange) = exchange("border");
    let alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    machine.warp_seconds(3 * WINDOW);
    let now = machine.clock().unix_timestamp;
    machine.warp_seconds(SUB - now.rem_euclid(SUB) - 1 + SUB);
    let griefer = user(&mut machine, &exchange, "griefer", 3 * LIMIT);
    machine.warp_seconds(2);
    let withdraw = exchange.withdraw(griefer.key.pubkey(), griefer.wallet, 3 * LIMIT, 0);
    machine.send(&[withdraw], &[&griefer.key]).expect("it leaves again");
    assert_eq!(machine.balance(&griefer.wallet), 3 * LIMIT, "all of it is back");
    machine.warp_seconds(WINDOW);
    let withdraw = exchange.withdraw(alice.key.pubkey(), alice.wallet, LIMIT, 1);
    machine.send(&[withdraw], &[&alice.key]).expect("an honest withdrawal");
    assert_eq!(machine.balance(&alice.wallet), LIMIT, "all of T is there");
    assert_eq!(breaker_of(&machine, &exchange).latch.state, latch_state::ARMED);
}

/// Capital of T, in custody as long as a note lasts, out and in again, window after window.
#[test]
fn capital_of_one_window_that_comes_and_goes_makes_nobody_wait() {
    let (mut machine, protocol) = world_with(&Setup::default());
    let mint = protocol.mint;
    let griefer = owner(&mut machine, &mint, "griefer", LIMIT);
    let alice = receiver(&mut machine, &protocol, "alice");
    to_next_border(&mut machine, SUB);
    deposit(&mut machine, &protocol, &griefer, LIMIT);
    for lap in 0..10_u64 {
        for step in 0..12 {
            to_next_border(&mut machine, SUB);
            let number = 1_000 + lap * 12 + step;
            let outcome = protocol.release(&mut machine, alice, 7_000, number).expect("no error");
            assert_eq!(outcome.return_data, [verdict::ALLOWED], "{lap} {step}");
        }
        let wallet = griefer.wallet;
        let answer = release(&mut machine, &protocol, &griefer, wallet, LIMIT, lap);
        assert_eq!(answer, verdict::ALLOWED, "lap {lap}");
        deposit(&mut machine, &protocol, &griefer, LIMIT);
    }
}

/// A number that is taken is DENIED and debits nothing: asked for over and over, it adds up to nothing.
#[test]
fn what_is_denied_adds_up_to_nothing() {
    let (mut machine, exchange) = exchange("denied");
    let alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    machine.warp_seconds(3 * WINDOW);
    let capital = LIMIT / 2;
    let griefer = user(&mut machine, &exchange, "griefer", capital + 1);
    // Its own second name: what was brought in and is to go elsewhere waits.
    let other = owner(&mut machine, &exchange.mint, "griefer's other name", 0);
    let ask = |amount| exchange.withdraw(griefer.key.pubkey(), other.wallet, amount, 7);
    machine.send(&[ask(1)], &[&griefer.key]).expect("one unit is queued");
    let queued = breaker_of(&machine, &exchange).queued;
    for _ in 0..40 {
        machine.next_slot();
        let asks = [ask(capital), ask(capital - 1), ask(capital - 2)];
        machine.send(&asks, &[&griefer.key]).expect("denied, and well");
    }
    let state = breaker_of(&machine, &exchange);
    assert_eq!((state.latch.state, state.queued, queued), (latch_state::ARMED, 1, 1));
    let withdraw = exchange.withdraw(alice.key.pubkey(), alice.wallet, LIMIT, 1);
    machine.send(&[withdraw], &[&alice.key]).expect("an honest withdrawal");
    assert_eq!(machine.balance(&alice.wallet), LIMIT);
}

/// Every owner has numbers of its own: a stranger takes none of them, whomever it has paid.
#[test]
fn nobody_takes_anothers_number() {
    let (mut machine, exchange) = exchange("front");
    let protocol = exchange.protocol.as_ref().expect("protected");
    let args = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: LIMIT,
        slot_limit: LIMIT / 5,
        ..SetLimitArgs::default()
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::set_limit(authority, args)], &[]);
    let alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    machine.warp_seconds(3 * WINDOW);
    let griefer = user(&mut machine, &exchange, "griefer", 100);
    let vault = protocol.vault.vault;
    for number in [901, 902] {
        // To the very account that the honest will name.
        let front = exchange.withdraw(griefer.key.pubkey(), alice.wallet, 1, number);
        machine.send(&[front], &[&griefer.key]).expect("first");
        let withdraw = exchange.withdraw(alice.key.pubkey(), alice.wallet, 40_000, number);
        machine.send(&[withdraw], &[&alice.key]).expect("it waits");
        for (asker, amount) in [(&griefer, 1), (&alice, 40_000)] {
            let record: Release = machine.load(&pda::release_of(&vault, &asker.key.pubkey(), number));
            assert_eq!((record.amount, record.state), (amount, release_state::QUEUED));
        }
    }
    assert_eq!(breaker_of(&machine, &exchange).latch.state, latch_state::ARMED);
}

/// A lap through the pool with borrowed tokens, in one transaction, by another name: what custody cannot tell from a theft
/// fills the window. What the honest then ask for waits, and trips nothing.
#[test]
fn a_flash_loan_fills_a_window_and_honest_waiting_trips_nothing() {
    let (mut machine, exchange) = exchange("flash");
    let protocol = exchange.protocol.as_ref().expect("protected");
    let lp_breaker = pda::outflow_breaker(&protocol.domain, 1, &exchange.mint, 0);
    let args = SetLimitArgs {
        breaker: lp_breaker,
        limit: LIMIT,
        slot_limit: LIMIT,
        ..SetLimitArgs::default()
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::set_limit(authority, args)], &[]);
    let lp_mint = exchange.lp_mint();
    let liquidity = |machine: &mut Machine, name: &str, tokens: u64| {
        let owner = owner(machine, &exchange.mint, name, tokens);
        let shares = machine.create_associated(&lp_mint, &owner.key.pubkey(), 0);
        (owner, shares)
    };
    let (alice, alices) = liquidity(&mut machine, "honest alice", 2_500_000);
    let add = exchange.add_liquidity(alice.key.pubkey(), alice.wallet, alices, 2_500_000);
    machine.send(&[add], &[&alice.key]).expect("liquidity");
    machine.warp_seconds(3 * WINDOW);
    let (first, _) = liquidity(&mut machine, "griefer", LIMIT);
    let (second, shares) = liquidity(&mut machine, "griefer's other name", 0);
    let lap = [
        exchange.add_liquidity(first.key.pubkey(), first.wallet, shares, LIMIT),
        exchange.remove_liquidity(second.key.pubkey(), first.wallet, shares, LIMIT, 1),
    ];
    machine.send(&lap, &[&first.key, &second.key]).expect("one transaction");
    let breaker = |machine: &Machine| machine.load::<OutflowBreaker>(&lp_breaker);
    assert_eq!(breaker(&machine).outflow, LIMIT);
    // All that a window is calibrated for, and nearly as much again.
    for number in 0..23 {
        machine.next_slot();
        let remove = exchange.remove_liquidity(alice.key.pubkey(), alice.wallet, alices, LIMIT / 12, 100 + number);
        machine.send(&[remove], &[&alice.key]).expect("no error");
    }
    assert_eq!(breaker(&machine).latch.state, latch_state::ARMED);
}

fn evacuated(machine: &mut Machine, protocol: &Protocol) {
    let incident = protocol.freeze(machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
    protocol.must(
        machine,
        &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
        &[],
    );
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
}

#[test]
fn a_note_ends_with_the_evacuation_of_what_it_is_of() {
    let (mut machine, protocol) = world_with(&Setup {
        window_seconds: 7 * 86_400,
        trip_limit: 10 * LIMIT,
        ..Setup::default()
    });
    let mint = protocol.mint;
    let thief = owner(&mut machine, &mint, "thief", 5 * LIMIT);
    deposit(&mut machine, &protocol, &thief, 5 * LIMIT);
    evacuated(&mut machine, &protocol);
    assert_eq!(machine.balance(&protocol.recovery_account), 1_000_000 + 5 * LIMIT);
    // Others bring new money in.
    machine.mint_to(&mint, &protocol.custody(), 1_000_000);
    let wallet = thief.wallet;
    assert_eq!(
        release(&mut machine, &protocol, &thief, wallet, 5 * LIMIT, 1),
        verdict::QUEUED
    );
    assert_eq!(machine.balance(&wallet), 0);
    assert_eq!(
        release(&mut machine, &protocol, &thief, wallet, 60_000, 2),
        verdict::ALLOWED
    );
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(
        (breaker.outflow, breaker.queued),
        (60_000, 5 * LIMIT),
        "counted like anything"
    );
    // It is worth nothing, and gives its rent back.
    let key = thief.key.pubkey();
    protocol.must(&mut machine, &[ix::close_deposit_note(protocol.vault, &key, key)], &[]);
}

#[test]
fn a_note_ends_when_the_breaker_is_opened_again() {
    let (mut machine, protocol) = world_with(&Setup::default());
    let mint = protocol.mint;
    let thief = owner(&mut machine, &mint, "thief", LIMIT);
    for _ in 0..4 {
        to_next_border(&mut machine, SUB);
        deposit(&mut machine, &protocol, &thief, LIMIT / 5);
    }
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: machine.payer.pubkey(),
    };
    // With longer sub-windows, whose numbers are smaller.
    let open = OpenBreakerArgs {
        compartment: 0,
        shard: 0,
        mint,
        authority: protocol.vault.vault,
        sub_windows: 24,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: 7 * 86_400,
        limit: LIMIT,
        slot_limit: LIMIT,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let closing = protocol.mature(&mut machine, &close);
    let opening = protocol.mature(&mut machine, &open);
    let payer = machine.payer.pubkey();
    let steps = [
        ix::close_detector(closing, close),
        ix::open_breaker(opening, payer, open),
    ];
    protocol.must(&mut machine, &steps, &[]);
    deposit(&mut machine, &protocol, &thief, 7);
    let note: DepositNote = machine.load(&pda::deposit_note(&protocol.vault.vault, &thief.key.pubkey()));
    assert_eq!(note.entries.map(|entry| entry.amount), [7, 0, 0, 0]);
    assert_eq!(
        note.opened_slot,
        machine.load::<OutflowBreaker>(&protocol.vault.breaker).opened_slot
    );
}

/// Of a token with a large supply the same capital, moved over five borders, would bring any sum of flow beyond 64 bits.
#[test]
fn capital_that_leaves_64_bits_ends_no_limit() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 20 * LIMIT,
        ..Setup::default()
    });
    let mint = protocol.mint;
    let huge = 6_000_000_000_000_000_000;
    let thief = owner(&mut machine, &mint, "thief", huge);
    let attacker_tokens = receiver(&mut machine, &protocol, "attacker_tokens");
    let wallet = thief.wallet;
    to_next_border(&mut machine, SUB);
    for lap in 0..4 {
        deposit(&mut machine, &protocol, &thief, huge);
        to_next_border(&mut machine, SUB);
        assert_eq!(
            release(&mut machine, &protocol, &thief, wallet, huge, lap),
            verdict::ALLOWED
        );
    }
    assert_eq!(machine.balance(&wallet), huge, "its capital is back");
    for number in 100..116 {
        machine.next_slot();
        protocol
            .release(&mut machine, attacker_tokens, 50_000, number)
            .expect("a verdict");
    }
    assert_eq!(machine.balance(&attacker_tokens), LIMIT);
}
