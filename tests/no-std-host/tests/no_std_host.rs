//! The pinocchio host in the VM, under the Bulkhead that was built, and under an impostor.

mod common;

use std::mem::offset_of;

use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::{BULKHEAD_ID, action, board};
use bulkhead_impostor::ANOTHER;
use bulkhead_interface::layout::Release;
use bulkhead_no_std_host::State;
use bulkhead_testbed::{deploy_dir, keypair};
use common::*;
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

#[test]
fn what_goes_in_comes_out_within_the_limits() {
    let mut world = World::new();
    assert_eq!(world.lamports(), (FUNDS, FUNDS));
    let owner = world.owner.pubkey();
    let before = world.machine.account(&owner).expect("owner").lamports;
    for lamports in [1, SLOT_LIMIT - 1] {
        let withdraw = world.withdraw(lamports);
        world.must(&[withdraw]);
    }
    assert_eq!(world.lamports(), (FUNDS - SLOT_LIMIT, FUNDS - SLOT_LIMIT));
    let after = world.machine.account(&owner).expect("owner").lamports;
    assert_eq!(after - before, SLOT_LIMIT);
    assert!(!world.is_latched(&world.breaker));
}

/// The host's deposit has been recorded: T leaves, then the credit, then nothing.
#[test]
fn what_came_in_may_leave_again_up_to_the_credit() {
    let mut world = World::new();
    for lamports in [SLOT_LIMIT, LIMIT - SLOT_LIMIT, INFLOW_CREDIT] {
        let withdraw = world.withdraw(lamports);
        world.must(&[withdraw]);
        assert!(!world.is_latched(&world.breaker), "{lamports}");
        world.machine.next_slot();
    }
    let rest = FUNDS - LIMIT - INFLOW_CREDIT;
    assert_eq!(world.lamports(), (rest, rest));
    let one_more = world.withdraw(1);
    world.must(&[one_more]);
    assert_eq!(world.lamports(), (rest, rest));
    assert!(world.is_latched(&world.breaker));
}

/// The refused instruction ends `Ok`, or its latch would be gone and the small one after it would pay.
#[test]
fn what_is_over_a_limit_stays_and_so_does_the_latch() {
    let mut world = World::new();
    let over = world.withdraw(LIMIT + 1);
    world.must(&[over]);
    assert_eq!(world.lamports(), (FUNDS, FUNDS));
    assert!(world.is_latched(&world.breaker));
    world.machine.warp_slots(10);
    let little = world.withdraw(1);
    world.must(std::slice::from_ref(&little));
    assert_eq!(world.lamports(), (FUNDS, FUNDS), "latched: not even one");
    // A latch ends by itself.
    world.machine.warp_seconds(72 * 3_600);
    world.must(&[little]);
    assert_eq!(world.lamports(), (FUNDS - 1, FUNDS - 1));
}

#[test]
fn a_paused_action_stops_and_the_other_goes_on() {
    let mut world = World::new();
    let guardian = keypair("protocol/member 0");
    let pause = ix::pause(world.protocol.domain, guardian.pubkey(), COMPARTMENT, action::WITHDRAW);
    world.machine.send(&[pause], &[&guardian]).expect("pauses");
    for stopped in [world.withdraw(1), world.release(1, 1)] {
        assert_eq!(world.refused(stopped), Some(6100));
    }
    let deposit = world.deposit(5);
    world.must(&[deposit]);
    assert_eq!(world.lamports(), (FUNDS + 5, FUNDS + 5));
    assert_eq!(world.tokens(), (FUNDS, 0));
}

#[test]
fn anything_but_the_stored_board_stops_everything() {
    let mut world = World::new();
    let asked = [world.deposit(1), world.withdraw(1), world.release(1, 1)];
    let board = world.board();
    // The same bytes at another address.
    let real = world.machine.account(&board).expect("board");
    let copy = keypair("copy of the board").pubkey();
    world.machine.write_account(&copy, real.clone());
    for mut instruction in asked.clone() {
        for meta in instruction.accounts.iter_mut().filter(|meta| meta.pubkey == board) {
            meta.pubkey = copy;
        }
        assert_eq!(world.refused(instruction), Some(6101));
    }
    let with = |change: fn(&mut Account)| {
        let mut account = real.clone();
        change(&mut account);
        account
    };
    for (account, error) in [
        (with(|account| account.owner = Pubkey::new_unique()), 6102),
        (with(|account| account.data[0] ^= 1), 6102),
        (with(|account| account.data.truncate(board::MIN_LEN - 1)), 6102),
        (with(|account| account.data.clear()), 6102),
        (with(|account| account.data[board::VERSION_OFFSET] = 0), 6103),
        (with(|account| account.data[board::VERSION_OFFSET] += 1), 6103),
    ] {
        world.machine.write_account(&board, account);
        for instruction in asked.clone() {
            assert_eq!(world.refused(instruction), Some(error));
        }
    }
    // A board that is not there at all.
    world.machine.write_account(&board, Account::default());
    for instruction in asked {
        assert_eq!(world.refused(instruction), Some(6102));
    }
    assert_eq!((world.lamports(), world.tokens()), ((FUNDS, FUNDS), (FUNDS, 0)));
}

#[test]
fn a_release_is_debited_when_it_is_paid_or_owed_and_not_when_it_is_denied() {
    let mut world = World::new();
    let paid = world.release(10, 1);
    world.must(&[paid]);
    assert_eq!(world.tokens(), (FUNDS - 10, 10));
    let queued = world.release(LIMIT + 1, 2);
    world.must(&[queued]);
    assert_eq!(world.tokens(), (FUNDS - 11 - LIMIT, 10), "debited, and not paid");
    assert!(world.is_latched(&world.custody.breaker));
    let record: Release = world.machine.load(&pda::release(&world.custody.vault, 2));
    assert_eq!((record.amount, record.destination), (LIMIT + 1, world.wallet));
    // The number is taken: Bulkhead owes no more than before, so nothing more is debited.
    let denied = world.release(7, 2);
    world.must(&[denied]);
    assert_eq!(world.tokens(), (FUNDS - 11 - LIMIT, 10));
    let record: Release = world.machine.load(&pda::release(&world.custody.vault, 2));
    assert_eq!(record.amount, LIMIT + 1);
}

#[test]
fn nobody_takes_what_is_not_theirs() {
    let mut world = World::new();
    for asked in [world.withdraw(FUNDS + 1), world.release(FUNDS + 1, 1)] {
        assert_eq!(world.refused(asked), None, "more than there is");
    }
    let thief = keypair("thief");
    world.machine.fund(&thief.pubkey(), 1_000_000_000);
    let foreign_breaker = pda::outflow_breaker(&world.protocol.domain, 0, &world.protocol.mint, 0);
    for mut asked in [world.withdraw(1), world.release(1, 1)] {
        let mut other_owner = asked.clone();
        other_owner.accounts[0].pubkey = thief.pubkey();
        assert!(world.machine.send(&[other_owner], &[&thief, &world.owner]).is_err());
        let mut unsigned = asked.clone();
        unsigned.accounts[0].is_signer = false;
        assert_eq!(world.refused(unsigned), None);
        let mut forged = asked.clone();
        forged.accounts[1].pubkey = world.wallet;
        assert_eq!(world.refused(forged), None, "an account of another program");
        let mut signed = asked.clone();
        for meta in signed.accounts.iter_mut().filter(|meta| meta.pubkey == world.operator) {
            meta.pubkey = pda::domain(&thief.pubkey());
        }
        assert_eq!(world.refused(signed), None, "another signer than the host's PDA");
        let ours = [world.breaker, world.custody.vault];
        for meta in asked.accounts.iter_mut().filter(|meta| ours.contains(&meta.pubkey)) {
            meta.pubkey = foreign_breaker;
        }
        assert_eq!(world.refused(asked), None, "another breaker, or another vault");
    }
    assert_eq!((world.lamports(), world.tokens()), ((FUNDS, FUNDS), (FUNDS, 0)));
}

#[test]
fn a_vault_is_opened_once_and_by_whoever_holds_its_key() {
    let mut world = World::bare();
    let [create, open] = world.open();
    let mut unsigned = open.clone();
    unsigned.accounts[0].is_signer = false;
    world.must(&[create]);
    assert_eq!(world.refused(unsigned), None);
    let mut rich = open.clone();
    rich.data[1 + offset_of!(State, lamports)] = 1;
    assert_eq!(world.refused(rich), None, "lamports that nobody put in");
    world.must(std::slice::from_ref(&open));
    assert_eq!(world.refused(open), None);
}

/// Every answer that is not Bulkhead's, from Bulkhead's own address: the program that stands there
/// says what it is asked to say, or leaves another program's answer standing.
#[test]
fn an_answer_that_is_not_bulkheads_moves_nothing() {
    let mut world = World::new();
    for id in [BULKHEAD_ID, ANOTHER] {
        let file = deploy_dir().join("bulkhead_impostor.so");
        let id = Pubkey::new_from_array(id);
        world
            .machine
            .svm
            .add_program_from_file(id, file)
            .expect("the impostor loads");
    }
    // What was said, who said it, and what it means to a metering and to a release.
    for (answer, by_another, is_paid, is_debited) in [
        (&[0][..], false, true, Some(true)),
        (&[1], false, false, Some(true)),
        (&[2], false, false, Some(false)),
        (&[3], false, false, None),
        (&[255], false, false, None),
        (&[], false, false, None),
        (&[0, 0], false, false, None),
        (&[0; 7], false, false, None),
        (&[0], true, false, None),
        (&[1], true, false, None),
        (&[2], true, false, None),
        (&[], true, false, None),
    ] {
        let case = format!("{answer:?}, by another: {by_another}");
        let amount = bulkhead_impostor::amount(answer, by_another);
        // Nobody else can answer for `meter_outflow`: none of its accounts is a program to call.
        if !by_another {
            let before = world.lamports();
            let withdraw = world.withdraw(amount);
            world.must(&[withdraw]);
            let paid = if is_paid { amount } else { 0 };
            assert_eq!(world.lamports(), (before.0 - paid, before.1 - paid), "{case}");
        }
        let mut release = world.release(amount, 1);
        let token_program = world.custody.token_program;
        for meta in release.accounts.iter_mut().filter(|meta| meta.pubkey == token_program) {
            meta.pubkey = Pubkey::new_from_array(ANOTHER);
        }
        let before = world.tokens();
        let released = world.send(&[release]).map_err(|failure| failure.error.clone());
        match is_debited {
            Some(_) => assert!(released.is_ok(), "{case}: {released:?}"),
            None => assert_eq!(
                released.expect_err(&case),
                TransactionError::InstructionError(0, InstructionError::IncorrectProgramId),
                "{case}"
            ),
        }
        let debited = if is_debited == Some(true) { amount } else { 0 };
        assert_eq!(world.tokens(), (before.0 - debited, before.1), "{case}");
    }
}
