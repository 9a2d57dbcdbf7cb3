//! The queue of a vault: a claim is its owner's, whatever becomes of the account it was to be paid to.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token_2022::spl_token_2022;
use bulkhead::{
    error::BulkheadError,
    instructions::{CancelReleasesArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::custody::release_list;
use bulkhead_interface::{
    constants::{latch_state, release_state, verdict},
    layout::{OutflowBreaker, Release},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    receiver, refused,
    token_2022::{self, WANTS_MEMO},
    world, world_with,
};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const DAY: i64 = 86_400;

fn record(protocol: &Protocol) -> Pubkey {
    pda::release(&protocol.vault.vault, 1)
}

fn settle(protocol: &Protocol, destination: Pubkey) -> Instruction {
    ix::settle_release(protocol.vault, destination, record(protocol))
}

fn redirect(protocol: &Protocol, owner: &Keypair, destination: Pubkey) -> Instruction {
    ix::redirect_release(owner.pubkey(), protocol.vault.vault, record(protocol), destination)
}

/// A release over the limit to "user", and time enough for it to be paid.
fn queued() -> (Machine, Protocol, Keypair, Pubkey) {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let outcome = protocol
        .release(&mut machine, user, 60_001, 1)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    machine.warp_seconds(4 * DAY);
    (machine, protocol, keypair("user"), user)
}

/// The everyday case: an account for wrapped SOL is made for one withdrawal and closed again. Whoever makes it anew at the
/// same address, which only a key pair's holder can, gets nothing.
#[test]
fn a_throw_away_account_that_is_closed_loses_nothing_to_whoever_makes_it_anew() {
    let (mut machine, protocol, user, destination) = queued();
    let owner: Release = machine.load(&record(&protocol));
    assert_eq!((owner.owner, owner.destination), (user.pubkey(), destination));
    machine.write_account(&destination, Account::default());
    refused(
        machine.send(&[settle(&protocol, destination)], &[]),
        BulkheadError::WrongDestination,
    );
    let thief = keypair("thief").pubkey();
    machine.create_token_account(&destination, &protocol.mint, &thief, 0);
    refused(
        machine.send(&[settle(&protocol, destination)], &[]),
        BulkheadError::WrongDestination,
    );
    let fresh = keypair("the user's second account").pubkey();
    machine.create_token_account(&fresh, &protocol.mint, &user.pubkey(), 0);
    protocol.must(&mut machine, &[redirect(&protocol, &user, fresh)], &[&user]);
    refused(
        machine.send(&[settle(&protocol, destination)], &[]),
        BulkheadError::WrongDestination,
    );
    protocol.must(&mut machine, &[settle(&protocol, fresh)], &[]);
    assert_eq!((machine.balance(&fresh), machine.balance(&destination)), (60_000, 0));
}

#[test]
fn only_who_owns_a_claim_names_another_account_and_gives_it_away_with_it() {
    let (mut machine, protocol, user, destination) = queued();
    let (thief, friend) = (keypair("thief"), keypair("friend"));
    let attacker_tokens = receiver(&mut machine, &protocol, "thief");
    let other = receiver(&mut machine, &protocol, "friend");
    for signer in [
        &thief,
        &protocol.operator,
        &protocol.members[0],
        &machine.payer.insecure_clone(),
    ] {
        refused(
            machine.send(&[redirect(&protocol, signer, attacker_tokens)], &[signer]),
            BulkheadError::NotReleaseOwner,
        );
    }
    let mut unsigned = redirect(&protocol, &user, attacker_tokens);
    unsigned.accounts[0].is_signer = false;
    assert!(machine.send(&[unsigned], &[]).is_err());
    // Neither custody itself, nor anything that is no account of the mint.
    for wrong in [protocol.custody(), protocol.mint, machine.payer.pubkey()] {
        refused(
            machine.send(&[redirect(&protocol, &user, wrong)], &[&user]),
            BulkheadError::WrongDestination,
        );
    }
    let before: Release = machine.load(&record(&protocol));
    protocol.must(&mut machine, &[redirect(&protocol, &user, other)], &[&user]);
    let after: Release = machine.load(&record(&protocol));
    assert_eq!((after.owner, after.destination), (friend.pubkey(), other));
    assert_eq!(
        (
            after.amount,
            after.paid,
            after.payable_ts,
            after.requested_slot,
            after.state
        ),
        (before.amount, 0, before.payable_ts, before.requested_slot, before.state)
    );
    refused(
        machine.send(&[redirect(&protocol, &user, destination)], &[&user]),
        BulkheadError::NotReleaseOwner,
    );
    protocol.must(&mut machine, &[redirect(&protocol, &friend, destination)], &[&friend]);
}

#[test]
fn an_account_that_changed_hands_is_not_paid() {
    let (mut machine, protocol, user, destination) = queued();
    let buyer = keypair("buyer").pubkey();
    machine.create_token_account(&destination, &protocol.mint, &buyer, 0);
    refused(
        machine.send(&[settle(&protocol, destination)], &[]),
        BulkheadError::WrongDestination,
    );
    // The owner may mean it.
    protocol.must(&mut machine, &[redirect(&protocol, &user, destination)], &[&user]);
    protocol.must(&mut machine, &[settle(&protocol, destination)], &[]);
    assert_eq!(machine.balance(&destination), 60_000);
}

#[test]
fn a_claim_that_was_redirected_is_cancelled_like_any_other_and_none_that_is_over_is_redirected() {
    let (mut machine, protocol) = world();
    let user = keypair("user");
    let destination = receiver(&mut machine, &protocol, "user");
    let other = receiver(&mut machine, &protocol, "friend");
    protocol
        .release(&mut machine, destination, 200_001, 1)
        .expect("a breach does not fail");
    protocol.must(&mut machine, &[redirect(&protocol, &user, other)], &[&user]);
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    protocol.must(&mut machine, &[trip], &[]);
    let guardian = &protocol.members[0];
    let incident = pda::incident(&protocol.domain, 0);
    let cancel = ix::cancel_release(
        protocol.domain,
        guardian.pubkey(),
        incident,
        protocol.vault.vault,
        record(&protocol),
    );
    protocol.must(&mut machine, &[cancel], &[guardian]);
    let friend = keypair("friend");
    refused(
        machine.send(&[redirect(&protocol, &friend, destination)], &[&friend]),
        BulkheadError::ReleaseNotQueued,
    );
}

#[test]
fn a_frozen_account_stops_no_host_and_its_owner_is_paid_elsewhere() {
    let (mut machine, protocol) = world();
    let user = keypair("user");
    let frozen = receiver(&mut machine, &protocol, "user");
    let mut account = machine.account(&frozen).expect("it exists");
    account.data[108] = 2;
    machine.write_account(&frozen, account);
    let outcome = protocol.release(&mut machine, frozen, 1_000, 1).expect("it waits");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!((breaker.latch.state, breaker.outflow), (latch_state::ARMED, 0));
    machine.warp_seconds(DAY);
    refused(
        machine.send(&[settle(&protocol, frozen)], &[]),
        BulkheadError::CannotReceive,
    );
    let fresh = keypair("the user's second account").pubkey();
    machine.create_token_account(&fresh, &protocol.mint, &user.pubkey(), 0);
    protocol.must(&mut machine, &[redirect(&protocol, &user, fresh)], &[&user]);
    protocol.must(&mut machine, &[settle(&protocol, fresh)], &[]);
    assert_eq!(machine.balance(&fresh), 1_000);
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(breaker.outflow, 1_000, "counted when it is paid");
}

/// A protocol with a vault of Token-2022, and an account that wants a memo.
fn with_memo() -> (Machine, Protocol, ix::VaultKeys, Pubkey) {
    let setup = Setup {
        activate: false,
        ..Setup::default()
    };
    let (mut machine, protocol) = world_with(&setup);
    let mint = token_2022::mint(&mut machine, "a mint of Token-2022", &[(19, &[7; 5])]);
    let vault = token_2022::vault(&mut machine, &protocol, mint, spl_token_2022::ID);
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    let (key, user) = (keypair("wants a memo").pubkey(), keypair("user").pubkey());
    let wants = token_2022::account(&mut machine, key, &mint, &user, 0, &[WANTS_MEMO]);
    (machine, protocol, vault, wants)
}

#[test]
fn an_account_that_wants_a_memo_gets_one_and_waits_where_nobody_can_give_it() {
    let (mut machine, protocol, vault, wants) = with_memo();
    let payer = machine.payer.pubkey();
    let release = |amount, index| ix::release(vault, protocol.operator.pubkey(), payer, wants, amount, index);
    let printed = ix::with_memo(release(1_000, 0));
    let outcome = protocol.must(&mut machine, &[printed], &[&protocol.operator]);
    assert_eq!(
        (outcome.return_data, machine.balance(&wants)),
        (vec![verdict::ALLOWED], 1_000)
    );
    let outcome = protocol.must(&mut machine, &[release(500, 1)], &[&protocol.operator]);
    assert_eq!(
        (outcome.return_data, machine.balance(&wants)),
        (vec![verdict::QUEUED], 1_000)
    );
    machine.warp_seconds(DAY);
    let settle = ix::settle_release(vault, wants, pda::release(&vault.vault, 1));
    refused(
        machine.send(std::slice::from_ref(&settle), &[]),
        BulkheadError::CannotReceive,
    );
    protocol.must(&mut machine, &[ix::with_memo(settle)], &[]);
    assert_eq!(machine.balance(&wants), 1_500);
}

/// Otherwise a thief would ask for whatever it likes in the name of an account that cannot be paid.
#[test]
fn what_cannot_be_paid_latches_over_the_limit_all_the_same() {
    let (mut machine, protocol, vault, wants) = with_memo();
    let payer = machine.payer.pubkey();
    let release = ix::release(vault, protocol.operator.pubkey(), payer, wants, 200_001, 0);
    let outcome = protocol.must(&mut machine, &[release], &[&protocol.operator]);
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let breaker: OutflowBreaker = machine.load(&vault.breaker);
    assert_eq!(
        (breaker.latch.state, breaker.latch.seen),
        (latch_state::LATCHED, 200_001)
    );
    let release: Release = machine.load(&pda::release(&vault.vault, 0));
    assert_eq!(release.state, release_state::QUEUED);
}

/// An exploited host asks for as much as only waits, window after window, and never trips: when the guardians raise the
/// alarm, all but the last is from before the breach and out of their reach. Governance cancels it by its list, before it
/// resumes.
#[test]
fn a_theft_that_only_waits_is_cancelled_by_governance() {
    const LIMIT: u64 = 100_000;
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 2 * LIMIT,
        ..Setup::default()
    });
    let vault = protocol.vault.vault;
    let (thief, user) = (
        receiver(&mut machine, &protocol, "thief"),
        receiver(&mut machine, &protocol, "user"),
    );
    for number in 0..4 {
        let to = if number == 0 { user } else { thief };
        let outcome = protocol.release(&mut machine, to, 2 * LIMIT, number).expect("it waits");
        assert_eq!(outcome.return_data, [verdict::QUEUED]);
        machine.warp_seconds(3_600 + 300);
    }
    machine.warp_seconds(2 * DAY);
    let incident = protocol.freeze(&mut machine);
    let guardian = protocol.members[0].insecure_clone();
    let cancel = ix::cancel_release(
        protocol.domain,
        guardian.pubkey(),
        incident,
        vault,
        pda::release(&vault, 1),
    );
    refused(
        machine.send(&[cancel], &[&guardian]),
        BulkheadError::ReleaseBeforeBreach,
    );

    let leaf = |number| {
        let key = pda::release(&vault, number);
        release_list::leaf(&key, machine.load::<Release>(&key).requested_slot)
    };
    let (honest, first, second, third) = (leaf(0), leaf(1), leaf(2), leaf(3));
    let pair = release_list::node(&first, &second);
    let args = CancelReleasesArgs {
        vault,
        root: release_list::node(&pair, &third),
    };
    let listed = |number, proof| ix::cancel_listed_release(vault, pda::release(&vault, number), proof);
    refused(
        machine.send(&[listed(1, vec![second, third])], &[]),
        BulkheadError::ReleaseNotListed,
    );
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::cancel_releases(authority, args)], &[]);
    // Nothing but what is on it, whatever proof comes along.
    for proof in [vec![], vec![pair, third], vec![third], vec![first, third], vec![honest]] {
        refused(machine.send(&[listed(0, proof)], &[]), BulkheadError::ReleaseNotListed);
    }
    let steps = [
        listed(1, vec![second, third]),
        listed(2, vec![first, third]),
        listed(3, vec![pair]),
    ];
    protocol.must(&mut machine, &steps, &[]);
    machine.next_slot();
    refused(
        machine.send(&[listed(3, vec![pair])], &[]),
        BulkheadError::ReleaseNotQueued,
    );
    let args = ResumeArgs { incident };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    for _ in 0..4 {
        machine.warp_seconds(3_600 + 300);
        for number in 0..4 {
            let to = if number == 0 { user } else { thief };
            let settle = ix::settle_release(protocol.vault, to, pda::release(&vault, number));
            let _ = machine.send(&[settle], &[]);
        }
    }
    assert_eq!((machine.balance(&thief), machine.balance(&user)), (0, 2 * LIMIT));
}

/// What was not payable yet when the breach came is within a guardian's reach: nobody was too late for it.
#[test]
fn a_guardian_cancels_what_was_not_payable_before_the_breach() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 60_001, 1).expect("it waits");
    machine.warp_seconds(600);
    let incident = protocol.freeze(&mut machine);
    let guardian = protocol.members[0].insecure_clone();
    let cancel = ix::cancel_release(
        protocol.domain,
        guardian.pubkey(),
        incident,
        protocol.vault.vault,
        record(&protocol),
    );
    protocol.must(&mut machine, &[cancel], &[&guardian]);
    assert_eq!(
        machine.load::<Release>(&record(&protocol)).state,
        release_state::CANCELLED
    );
}

/// What was paid of a release stays paid, and a list cancels the rest of it, in whatever order one slot brings both.
#[test]
fn a_listed_release_that_is_being_paid_loses_what_is_left_of_it() {
    for is_paid_first in [true, false] {
        let (mut machine, protocol) = world_with(&Setup {
            trip_limit: 200_000,
            ..Setup::default()
        });
        let user = receiver(&mut machine, &protocol, "user");
        protocol.release(&mut machine, user, 130_000, 1).expect("it waits");
        machine.warp_seconds(DAY);
        let key = record(&protocol);
        let args = CancelReleasesArgs {
            vault: protocol.vault.vault,
            root: release_list::leaf(&key, machine.load::<Release>(&key).requested_slot),
        };
        let authority = protocol.mature(&mut machine, &args);
        protocol.must(&mut machine, &[ix::cancel_releases(authority, args)], &[]);
        let (pay, cancel) = (
            settle(&protocol, user),
            ix::cancel_listed_release(protocol.vault.vault, key, vec![]),
        );
        let paid = if is_paid_first { 60_000 } else { 0 };
        if is_paid_first {
            protocol.must(&mut machine, &[pay.clone(), cancel], &[]);
        } else {
            // Nothing of a transaction that pays what it has cancelled.
            refused(
                machine.send(&[cancel.clone(), pay.clone()], &[]),
                BulkheadError::ReleaseNotQueued,
            );
            protocol.must(&mut machine, &[cancel], &[]);
        }
        let over: Release = machine.load(&key);
        assert_eq!(
            (over.state, over.amount, over.paid),
            (release_state::CANCELLED, 130_000, paid)
        );
        for _ in 0..2 {
            refused(
                machine.send(std::slice::from_ref(&pay), &[]),
                BulkheadError::ReleaseNotQueued,
            );
            machine.warp_seconds(2 * 3_600);
        }
        assert_eq!(
            (machine.balance(&user), machine.balance(&protocol.custody())),
            (paid, 1_000_000 - paid)
        );
        let (operator, payer) = (&protocol.operator, machine.payer.pubkey());
        let back = ix::take_back_release(operator.pubkey(), protocol.vault.vault, key, payer);
        let taken = protocol.must(&mut machine, &[back], &[operator]);
        assert_eq!(taken.return_data, (130_000 - paid).to_le_bytes());
    }
}
