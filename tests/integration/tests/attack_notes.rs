//! Attacks on notes of deposits and on what is asked for: each test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{CloseDetectorArgs, OpenBreakerArgs, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, kind, latch_state, phase, verdict},
    layout::{DepositNote, OutflowBreaker},
};
use bulkhead_sim::{Exchange, ExchangeSetup, Machine, Protocol, Setup, deploy_dir, keypair};
use bulkhead_tests::{receiver, refused, world_with};
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
        window_seconds: WINDOW,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    (machine, exchange)
}

fn user(machine: &mut Machine, exchange: &Exchange, name: &str, tokens: u64) -> Owner {
    let user = owner(machine, &exchange.mint, name, tokens);
    let open = exchange.open_margin_account(user.key.pubkey(), user.key.pubkey());
    let deposit = exchange.deposit(user.key.pubkey(), user.wallet, tokens);
    machine.send(&[open, deposit], &[&user.key]).expect("a deposit");
    user
}

/// Own money, in for two seconds over the border of two sub-windows, out again in full: a window later the first unit that
/// anybody withdraws latches the breaker and pauses the domain. On the real exchange.
#[test]
fn a_deposit_over_one_border_trips_the_exchange_a_window_later() {
    let (mut machine, exchange) = exchange("border");
    let alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    machine.warp_seconds(3 * WINDOW);
    // Three windows' worth of capital, seconds before a border.
    let now = machine.clock().unix_timestamp;
    machine.warp_seconds(SUB - now.rem_euclid(SUB) - 1 + SUB);
    let griefer = user(&mut machine, &exchange, "griefer", 3 * LIMIT);
    machine.warp_seconds(2);
    let withdraw = exchange.withdraw(griefer.key.pubkey(), griefer.wallet, 3 * LIMIT, 0);
    machine.send(&[withdraw], &[&griefer.key]).expect("it leaves again");
    assert_eq!(machine.balance(&griefer.wallet), 3 * LIMIT, "all of it is back");
    let protocol = exchange.protocol.as_ref().expect("protected");
    let breaker = |machine: &Machine| machine.load::<OutflowBreaker>(&protocol.vault.breaker);
    assert_eq!(breaker(&machine).outflow - breaker(&machine).returned, 0);

    // The part that gives back is forgotten one sub-window before the part that left.
    machine.warp_seconds(WINDOW);
    let withdraw = exchange.withdraw(alice.key.pubkey(), alice.wallet, 1, 1);
    machine.send(&[withdraw], &[&alice.key]).expect("an honest unit");
    assert_eq!(machine.balance(&alice.wallet), 0, "it waits");
    let state = breaker(&machine);
    println!("seen {} allowed {}", state.latch.seen, state.latch.allowed);
    assert_eq!(state.latch.state, latch_state::LATCHED);
    assert!(state.latch.seen > 2 * LIMIT, "above twice the limit too");
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    machine.send(&[trip], &[]).expect("anyone carries it");
    assert_ne!(protocol.state(&machine).state, phase::OPERATING);
}

/// The same with capital of T, kept in custody nearly always: the window is full for ever, no claim of the queue is ever
/// settled. It costs fees.
#[test]
fn capital_of_one_window_fills_every_window_for_ever() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 4 * LIMIT,
        ..Setup::default()
    });
    let mint = protocol.mint;
    let griefer = owner(&mut machine, &mint, "griefer", LIMIT);
    let alice = receiver(&mut machine, &protocol, "alice");
    to_next_border(&mut machine, SUB);
    deposit(&mut machine, &protocol, &griefer, LIMIT);
    let mut number = 0;
    let mut paid_at_once = 0;
    let (mut settled, mut used_up) = (0, 0);
    let mut claimed = false;
    for lap in 0..40_u64 {
        // As long as a note lasts, to the sub-window.
        for step in 0..12 {
            to_next_border(&mut machine, SUB);
            if lap == 0 {
                continue;
            }
            // Honest alice asks once for a unit, and somebody cranks her claim ever after.
            if !claimed {
                let outcome = protocol.release(&mut machine, alice, 1_000, 77).expect("no error");
                assert_eq!(outcome.return_data, [verdict::QUEUED]);
                claimed = true;
            } else if lap > 3 {
                let settle = ix::settle_release(protocol.vault, alice, pda::release(&protocol.vault.vault, 77));
                match machine.send(&[settle], &[]) {
                    Ok(_) => settled += 1,
                    Err(failure) if failure.code() == Some(u32::from(BulkheadError::LimitUsedUp)) => used_up += 1,
                    Err(failure) => assert_eq!(
                        failure.code(),
                        Some(u32::from(BulkheadError::ReleaseNotPayable)),
                        "at {lap} {step}"
                    ),
                }
            }
        }
        let wallet = griefer.wallet;
        let answer = release(&mut machine, &protocol, &griefer, wallet, LIMIT, number);
        assert_eq!(answer, verdict::ALLOWED, "lap {lap}");
        paid_at_once += 1;
        number += 1;
        deposit(&mut machine, &protocol, &griefer, LIMIT);
    }
    println!("{paid_at_once} laps, settled {settled}, refused {used_up}");
    assert!(
        used_up > 150,
        "tried in every sub-window of fifteen windows after the queue's own time"
    );
    assert_eq!(machine.balance(&alice), 0, "alice still waits");
    assert_eq!(machine.balance(&griefer.wallet), 0);
}

/// A number that is taken is DENIED and debits nothing, but it was counted as queued: asked for over and over, a thousandth
/// of the limit latches the breaker. On the real exchange.
#[test]
fn denied_asks_add_up_and_trip_the_exchange_for_fees() {
    let (mut machine, exchange) = exchange("denied");
    let _alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    machine.warp_seconds(3 * WINDOW);
    let capital = LIMIT / 100;
    let griefer = user(&mut machine, &exchange, "griefer", capital + 1);
    // Its own second name: what is fresh and is to go elsewhere waits.
    let other = owner(&mut machine, &exchange.mint, "griefer's other name", 0);
    let protocol = exchange.protocol.as_ref().expect("protected");
    let breaker = |machine: &Machine| machine.load::<OutflowBreaker>(&protocol.vault.breaker);
    let ask = |amount| exchange.withdraw(griefer.key.pubkey(), other.wallet, amount, 7);
    machine.send(&[ask(1)], &[&griefer.key]).expect("one unit is queued");
    let mut transactions = 0;
    while breaker(&machine).latch.state != latch_state::LATCHED {
        machine.next_slot();
        let asks = [ask(capital), ask(capital), ask(capital), ask(capital)];
        machine.send(&asks, &[&griefer.key]).expect("denied, and well");
        transactions += 1;
        assert!(transactions < 1_000);
    }
    println!("latched after {transactions} transactions with {capital} of {LIMIT}");
    // None of it was debited: the record is of one unit.
    let note: DepositNote = machine.load(&pda::deposit_note(&protocol.vault.vault, &griefer.key.pubkey()));
    assert_eq!(note.entries[0].amount, capital + 1);
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    machine.send(&[trip], &[]).expect("anyone carries it");
    assert_ne!(protocol.state(&machine).state, phase::OPERATING);
    // Whatever the council decides: the slot after it the same tokens close it again. Closing the breaker is no way out of
    // custody, for nothing leaves through a closed one.
    for round in 1..4 {
        let incident = pda::incident(&protocol.domain, round - 1);
        let args = ResumeArgs { incident };
        let authority = protocol.mature(&mut machine, kind::RESUME, &args);
        protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
        assert_eq!(protocol.state(&machine).state, phase::OPERATING);
        // The note is over by now; another deposit of the same size is not needed: another unit makes all of it fresh.
        let unit = {
            machine.mint_to(&exchange.mint, &griefer.wallet, 1);
            exchange.deposit(griefer.key.pubkey(), griefer.wallet, 1)
        };
        machine.send(&[unit], &[&griefer.key]).expect("a unit");
        for _ in 0..30 {
            machine.next_slot();
            let asks = [ask(capital), ask(capital), ask(capital), ask(capital)];
            machine.send(&asks, &[&griefer.key]).expect("denied, and well");
        }
        let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, round);
        machine.send(&[trip], &[]).expect("anyone carries it");
        assert_ne!(protocol.state(&machine).state, phase::OPERATING);
    }
}

/// A lap through the pool with borrowed tokens, in one transaction: the window is full for nothing, and what the honest
/// then ask for, ordinary amounts that wait because of it, adds up to a trip.
#[test]
fn a_flash_loan_fills_the_window_and_honest_waiting_trips_the_exchange() {
    let (mut machine, exchange) = exchange("flash");
    let protocol = exchange.protocol.as_ref().expect("protected");
    let lp_breaker = pda::outflow_breaker(&protocol.domain, 1, &exchange.mint, 0);
    let args = SetLimitArgs {
        breaker: lp_breaker,
        limit: LIMIT,
        slot_limit: LIMIT,
        ..SetLimitArgs::default()
    };
    let authority = protocol.mature(&mut machine, kind::SET_LIMIT, &args);
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
    assert_eq!(machine.balance(&first.wallet), LIMIT, "all of it is back at once");
    let breaker = |machine: &Machine| machine.load::<OutflowBreaker>(&lp_breaker);
    assert_eq!(breaker(&machine).outflow, LIMIT);
    // Honest withdrawals of a twelfth of what the window allows.
    let mut asked = 0;
    while breaker(&machine).latch.state != latch_state::LATCHED {
        machine.next_slot();
        let remove = exchange.remove_liquidity(alice.key.pubkey(), alice.wallet, alices, LIMIT / 12, 100 + asked);
        machine.send(&[remove], &[&alice.key]).expect("no error");
        asked += 1;
        assert!(asked < 100);
    }
    println!("tripped by {asked} honest withdrawals of {} each", LIMIT / 12);
    assert_eq!(machine.balance(&alice.wallet), 0);
}

/// A stranger takes the number of an honest ask that would wait, for a unit of its own. The honest is denied, draws another
/// number, and is denied again: its own retries trip the exchange, and it has no claim.
#[test]
fn a_number_taken_in_front_of_an_honest_ask_lets_its_retries_trip() {
    let (mut machine, exchange) = exchange("front");
    let protocol = exchange.protocol.as_ref().expect("protected");
    let args = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: LIMIT,
        slot_limit: LIMIT / 5,
        ..SetLimitArgs::default()
    };
    let authority = protocol.mature(&mut machine, kind::SET_LIMIT, &args);
    protocol.must(&mut machine, &[ix::set_limit(authority, args)], &[]);
    let alice = user(&mut machine, &exchange, "honest alice", 2_500_000);
    machine.warp_seconds(3 * WINDOW);
    let griefer = user(&mut machine, &exchange, "griefer", 100);
    let other = owner(&mut machine, &exchange.mint, "griefer's other name", 0);
    let breaker = |machine: &Machine| machine.load::<OutflowBreaker>(&protocol.vault.breaker);
    for number in [901, 902, 903] {
        assert_eq!(breaker(&machine).latch.state, latch_state::ARMED);
        let front = exchange.withdraw(griefer.key.pubkey(), other.wallet, 1, number);
        machine.send(&[front], &[&griefer.key]).expect("first");
        let withdraw = exchange.withdraw(alice.key.pubkey(), alice.wallet, 90_000, number);
        machine.send(&[withdraw], &[&alice.key]).expect("denied");
    }
    assert_eq!(breaker(&machine).latch.state, latch_state::LATCHED);
    assert_eq!(machine.balance(&alice.wallet), 0);
}

/// The queue of before an evacuation is void, for its money has left. The notes of before are not: what was evacuated
/// leaves once more, out of what others brought in since, beyond T.
#[test]
fn a_note_outlives_the_evacuation_of_what_it_is_of() {
    let (mut machine, protocol) = world_with(&Setup {
        window_seconds: 7 * 86_400,
        ..Setup::default()
    });
    let mint = protocol.mint;
    let thief = owner(&mut machine, &mint, "thief", 5 * LIMIT);
    deposit(&mut machine, &protocol, &thief, 5 * LIMIT);
    let incident = protocol.hold(&mut machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[guardian]);
    }
    protocol.must(
        &mut machine,
        &[ix::evacuate(protocol.vault, incident, protocol.refuge)],
        &[],
    );
    assert_eq!(machine.balance(&protocol.refuge), 1_000_000 + 5 * LIMIT);
    let args = ResumeArgs { incident };
    let authority = protocol.mature(&mut machine, kind::RESUME, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    // Others bring new money in.
    machine.mint_to(&mint, &protocol.custody(), 1_000_000);
    let wallet = thief.wallet;
    assert_eq!(
        release(&mut machine, &protocol, &thief, wallet, 5 * LIMIT, 1),
        verdict::ALLOWED
    );
    let outcome = protocol
        .release(&mut machine, wallet, 60_000, 2)
        .expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    // In one slot, of a custody that was empty when it was reopened, and limits of T a window and 60,000 a slot.
    assert_eq!(machine.balance(&wallet), 5 * LIMIT + 60_000);
}

/// A breaker that is closed and opened again with longer sub-windows counts them by smaller numbers: every note of before
/// is of the future and never ends, and takes later ones with it. The rights that were to end with the window are kept for
/// the day of need.
#[test]
fn notes_never_end_once_the_breaker_was_opened_again_with_longer_sub_windows() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: u64::MAX,
        slot_limit: LIMIT,
        ..Setup::default()
    });
    let mint = protocol.mint;
    let thief = owner(&mut machine, &mint, "thief", LIMIT);
    // Deposits in four sub-windows, which is all of a note's entries.
    for _ in 0..4 {
        to_next_border(&mut machine, SUB);
        deposit(&mut machine, &protocol, &thief, 1);
    }
    let args = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: machine.payer.pubkey(),
    };
    let authority = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &args);
    protocol.must(&mut machine, &[ix::close_detector(authority, args)], &[]);
    let day = 86_400;
    let args = OpenBreakerArgs {
        compartment: 0,
        shard: 0,
        mint,
        authority: protocol.vault.vault,
        sub_windows: 24,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: day,
        limit: LIMIT,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let authority = protocol.mature(&mut machine, kind::OPEN_BREAKER, &args);
    let payer = machine.payer.pubkey();
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    // Twenty windows of ordinary use: in, and out again within the limit, counted, without the note.
    let wallet = thief.wallet;
    for number in 0..20 {
        let has = machine.balance(&wallet);
        // Four times a window: what comes third is put to what never ends.
        for part in [has - 3, 1, 1, 1] {
            machine.warp_seconds(day / 4);
            deposit(&mut machine, &protocol, &thief, part);
        }
        machine.warp_seconds(day / 24 + 60);
        let outcome = protocol
            .release(&mut machine, wallet, has, number)
            .expect("within limits");
        assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    }
    machine.warp_seconds(10 * day);
    let note: DepositNote = machine.load(&pda::deposit_note(&protocol.vault.vault, &thief.key.pubkey()));
    let sum: u64 = note.entries.iter().map(|entry| entry.amount).sum();
    println!("{:?}", note.entries.map(|entry| (entry.bucket, entry.amount)));
    refused(
        machine.send(
            &[ix::close_deposit_note(
                protocol.vault,
                &thief.key.pubkey(),
                thief.key.pubkey(),
            )],
            &[],
        ),
        BulkheadError::NoteInForce,
    );
    // The day of need: nothing was brought in for ten windows.
    let before = machine.balance(&wallet);
    let take = (sum - 2 * LIMIT).min(machine.balance(&protocol.custody()));
    assert!(take > 5 * LIMIT, "{take}");
    assert_eq!(
        release(&mut machine, &protocol, &thief, wallet, take, 100),
        verdict::ALLOWED
    );
    assert_eq!(machine.balance(&wallet) - before, take);
}

/// Both sums of a window are cut off at 64 bits. Of a token with a large supply the same capital, moved over five borders,
/// brings both there: their difference is nothing from then on, whatever leaves. An exploited host takes all there is,
/// slot by slot, within one window.
#[test]
fn sums_that_leave_64_bits_end_the_limit_of_the_window() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 2 * LIMIT,
        ..Setup::default()
    });
    let mint = protocol.mint;
    let huge = 6_000_000_000_000_000_000;
    let thief = owner(&mut machine, &mint, "thief", huge);
    let loot = receiver(&mut machine, &protocol, "loot");
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
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!((breaker.outflow, breaker.returned), (u64::MAX, u64::MAX));
    assert_eq!(machine.balance(&wallet), huge, "its capital is back");
    for number in 100..116 {
        machine.next_slot();
        let outcome = protocol
            .release(&mut machine, loot, 60_000, number)
            .expect("within limits");
        assert_eq!(outcome.return_data, [verdict::ALLOWED], "{number}");
    }
    assert_eq!(machine.balance(&loot), 960_000, "of 1,000,000, with T of 100,000");
}
