//! The escape on the built program: nobody is needed, and nobody prevents it.

mod checkpoints;
mod custody;
mod refusals;

use anchor_lang::{error::ErrorCode, prelude::Pubkey};
use bulkhead::{
    error::BulkheadError as E,
    instructions::{ReopenArgs, ResumeArgs, SetRecoveryRulesArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_guard::{action, board::SCOPE_DOMAIN, effective_mask};
use bulkhead_interface::{
    constants::{
        ESCAPE_RESET_SECONDS, ESCAPE_SEAL_SECONDS, MAX_ESCAPE_SECONDS, MIN_ESCAPE_SECONDS, phase, restoration_flag,
    },
    layout::{Incident, Restoration},
};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, associated_token, keypair};
use bulkhead_tests::{
    escaping::{ESCAPE, draw, open, open_by, set_rules},
    recovery::{LEDGER, Recovery, owner, positions},
    refused, world,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

const LEAVES: u64 = 40;

/// A frozen domain with an escape and a sealed snapshot. Its vault was not evacuated.
fn frozen() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, ESCAPE, 0);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    (machine, recovery)
}

/// The same, with the escape opened.
fn escaped() -> (Machine, Recovery) {
    let (mut machine, recovery) = frozen();
    machine.warp_seconds(ESCAPE);
    let open = open(&machine, &recovery);
    recovery.protocol.must(&mut machine, &[open], &[]);
    (machine, recovery)
}

/// What the positions of an owner add up to.
fn owed(recovery: &Recovery, owner: &Pubkey) -> u64 {
    let leaves = recovery.tree.leaves().map(|(_, leaf)| *leaf);
    leaves.filter(|leaf| leaf.owner == *owner).map(|leaf| leaf.amount).sum()
}

/// The council is gone. Anyone opens the escape with custody that was never evacuated, and every owner is paid.
#[test]
fn a_dead_council_keeps_nothing_from_the_owners() {
    let (mut machine, recovery) = escaped();
    let protocol = &recovery.protocol;
    let board = machine.account(&bulkhead_client::pda::board(&protocol.domain));
    let now = machine.clock().unix_timestamp;
    let closed = effective_mask(&board.expect("there").data, 0, now).expect("a board");
    assert_ne!(closed & action::WITHDRAW, 0, "it opens no action of the host");
    let plan: Restoration = machine.load(&recovery.restoration);
    assert_eq!(plan.flags, restoration_flag::ESCAPE);
    assert_eq!(protocol.state(&machine).state, phase::RECOVERING);
    assert!(bulkhead_core::acts::was_restored(
        &machine.load::<Incident>(&recovery.incident),
        LEDGER
    ));

    let held = machine.balance(&protocol.custody());
    protocol.must(&mut machine, &[draw(&recovery)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), plan.total, "no more than the claims");
    assert_eq!(machine.balance(&protocol.custody()), held - plan.total);
    recovery
        .share_out(&mut machine)
        .expect("there is something to share out");
    let page = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 0);
    protocol.must(&mut machine, &[page], &[]);
    recovery.claim_all(&mut machine);
    for number in 0..10 {
        let owner = owner(number).pubkey();
        let paid = machine.balance(&associated_token(&owner, &protocol.mint));
        assert_eq!(paid, owed(&recovery, &owner), "owner {number}");
    }
}

/// Custody covers a third: every leaf gets its share, whoever claims first, and later money reaches everyone.
#[test]
fn what_is_there_is_paid_pro_rata() {
    let (mut machine, recovery) = escaped();
    let protocol = &recovery.protocol;
    let total = recovery.tree.root().sum;
    set_balance(&mut machine, &protocol.custody(), total / 3);
    protocol.must(&mut machine, &[draw(&recovery)], &[]);
    recovery
        .share_out(&mut machine)
        .expect("there is something to share out");
    let page = ix::open_claim_page(recovery.restoration, machine.payer.pubkey(), 0);
    protocol.must(&mut machine, &[page], &[]);
    recovery.claim_all(&mut machine);
    let shared = machine.load::<Restoration>(&recovery.restoration).shared;
    assert_eq!(shared, total / 3);
    for number in 0..10 {
        let owner = owner(number).pubkey();
        let leaves = recovery.tree.leaves().map(|(_, leaf)| *leaf);
        let due: u64 = leaves
            .filter(|leaf| leaf.owner == owner)
            .map(|leaf| u64::try_from(u128::from(leaf.amount) * u128::from(shared) / u128::from(total)).expect("less"))
            .sum();
        let paid = machine.balance(&associated_token(&owner, &protocol.mint));
        assert_eq!(paid, due, "owner {number}");
    }
}

fn set_balance(machine: &mut Machine, key: &Pubkey, amount: u64) {
    let mut account = machine.account(key).expect("there");
    account.data[64..72].copy_from_slice(&amount.to_le_bytes());
    machine.write_account(key, account);
}

/// To the second, and by the clock of the freeze: not of the alarm, not of the snapshot.
#[test]
fn it_opens_to_the_second() {
    let (mut machine, recovery) = frozen();
    machine.warp_seconds(ESCAPE - 1);
    let early = open(&machine, &recovery);
    refused(machine.send(&[early], &[]), E::EscapeNotDue);
    machine.warp_seconds(1);
    let due = open(&machine, &recovery);
    machine.send(&[due], &[]).expect("due");
}

/// Everything the council and strangers do short of resolving the incident leaves the clock where it is: pauses, a
/// ballot, proposals, vetoes and an evacuation.
#[test]
fn nothing_but_resolving_the_incident_moves_the_clock() {
    let (mut machine, recovery) = frozen();
    let protocol = &recovery.protocol;
    let before = protocol.state(&machine);
    let guardian = protocol.members[2].insecure_clone();
    machine.warp_seconds(ESCAPE / 2);
    let pause = ix::pause(
        protocol.domain,
        guardian.pubkey(),
        bulkhead_interface::constants::SCOPE_DOMAIN,
        0,
    );
    protocol.must(&mut machine, &[pause], &[&guardian]);
    recovery.nominate(&mut machine);
    let resume = ResumeArgs {
        incident: recovery.incident,
    };
    let proposal = protocol.propose(&mut machine, &resume);
    let vetoer = protocol.members[3].insecure_clone();
    let veto = ix::veto(protocol.domain, vetoer.pubkey(), proposal);
    protocol.must(&mut machine, &[veto], &[&vetoer]);
    for member in &protocol.members[..2] {
        let payer = machine.payer.pubkey();
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, recovery.incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let after = protocol.state(&machine);
    assert_eq!(
        (before.frozen_ts, before.refrozen_ts, before.escape_seconds),
        (after.frozen_ts, after.refrozen_ts, after.escape_seconds)
    );
    machine.warp_seconds(ESCAPE / 2);
    let due = open(&machine, &recovery);
    machine.send(&[due], &[]).expect("due");
}

/// A vote runs when the clock ends: it does not keep the escape closed, and its winner comes too late.
#[test]
fn a_running_vote_does_not_keep_it_closed() {
    let (mut machine, recovery) = frozen();
    recovery.elect(&mut machine);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    machine.warp_seconds(ESCAPE);
    let due = open(&machine, &recovery);
    let choose = ix::choose_restoration(
        authority,
        machine.payer.pubkey(),
        recovery.protocol.mint,
        anchor_spl::token::spl_token::ID,
        recovery.args(),
    );
    // In one slot, in either order: one restoration, at one address.
    let mut other = machine.fork();
    assert!(machine.send(&[due.clone(), choose.clone()], &[]).is_err(), "both");
    machine.send(std::slice::from_ref(&due), &[]).expect("the escape first");
    assert!(
        machine.send(std::slice::from_ref(&choose), &[]).is_err(),
        "the account exists"
    );
    if other.send(&[choose], &[]).is_ok() {
        assert!(other.send(&[due], &[]).is_err(), "the account exists");
    }
}

/// Whoever holds both thresholds resolves the incident and freezes again in the same breath: the clock goes on.
#[test]
fn resolving_and_freezing_again_gains_no_time() {
    let (mut machine, recovery) = frozen();
    let protocol = &recovery.protocol;
    let frozen_ts = protocol.state(&machine).frozen_ts;
    machine.warp_seconds(ESCAPE - 2 * 3_600);
    let args = ResumeArgs {
        incident: recovery.incident,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    let again = protocol.freeze(&mut machine);
    assert_ne!(again, recovery.incident);
    let state = protocol.state(&machine);
    assert_eq!(state.frozen_ts, frozen_ts);
    let second = state.refrozen_ts;
    machine.next_slot();
    let now = machine.clock().unix_timestamp;
    assert!(now - second < ESCAPE_RESET_SECONDS);
    // Once more, and the date does not move.
    machine.warp_seconds(10 * 86_400);
    let args = ResumeArgs { incident: again };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    protocol.freeze(&mut machine);
    let state = protocol.state(&machine);
    assert_eq!((state.frozen_ts, state.refrozen_ts), (frozen_ts, second));
    assert_eq!(
        bulkhead_core::escape::clock::due(&state),
        Some((frozen_ts + ESCAPE).max(second + MIN_ESCAPE_SECONDS))
    );
}

/// They pause in the same transaction, and over the whole day that a freeze must leave open: the clock goes on.
#[test]
fn pausing_over_the_day_between_two_freezes_gains_no_time() {
    let (mut machine, recovery) = frozen();
    let protocol = &recovery.protocol;
    let frozen_ts = protocol.state(&machine).frozen_ts;
    machine.warp_seconds(13 * 86_400);
    let args = ResumeArgs {
        incident: recovery.incident,
    };
    let authority = protocol.mature(&mut machine, &args);
    let pause = |guardian: &Keypair| ix::pause(protocol.domain, guardian.pubkey(), SCOPE_DOMAIN, action::WITHDRAW);
    let [first, second, ..] = &protocol.members[..] else {
        panic!("five members")
    };
    protocol.must(&mut machine, &[ix::resume(authority, args), pause(first)], &[first]);
    let resumed = machine.clock().unix_timestamp;
    for _ in 0..3 {
        machine.warp_seconds(6 * 3_600);
        protocol.must(&mut machine, &[pause(second)], &[second]);
    }
    machine.warp_seconds(7 * 3_600);
    protocol.freeze(&mut machine);
    let state = protocol.state(&machine);
    assert!(
        state.refrozen_ts - resumed > ESCAPE_RESET_SECONDS,
        "a day between the two"
    );
    assert_eq!(state.frozen_ts, frozen_ts);
    assert_eq!(
        bulkhead_core::escape::clock::due(&state),
        Some((frozen_ts + ESCAPE).max(state.refrozen_ts + MIN_ESCAPE_SECONDS))
    );
}

/// After an escape the council resolves the incident as after any restoration: it reopens, and does not resume.
#[test]
fn the_council_reopens_afterwards() {
    let (mut machine, recovery) = escaped();
    let protocol = &recovery.protocol;
    protocol.must(&mut machine, &[draw(&recovery)], &[]);
    let resume = ResumeArgs {
        incident: recovery.incident,
    };
    let authority = protocol.mature(&mut machine, &resume);
    refused(machine.send(&[ix::resume(authority, resume)], &[]), E::WrongPhase);
    let reopen = ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let authority = protocol.mature(&mut machine, &reopen);
    protocol.must(&mut machine, &[ix::reopen(authority, reopen)], &[]);
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
    // What is deposited now is the host's again.
    machine.mint_to(&protocol.mint, &protocol.custody(), 50);
    refused(machine.send(&[draw(&recovery)], &[]), E::WrongPhase);
}

/// A reopening that was proposed before the escape did not know of it.
#[test]
fn an_older_decision_does_not_undo_it() {
    let (mut machine, recovery) = frozen();
    machine.warp_seconds(ESCAPE - 3_600);
    let reopen = ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let authority = recovery.protocol.mature(&mut machine, &reopen);
    let due = open(&machine, &recovery);
    recovery.protocol.must(&mut machine, &[due], &[]);
    refused(machine.send(&[ix::reopen(authority, reopen)], &[]), E::TightenedSince);
}

#[test]
fn custody_pays_a_voted_state_too() {
    let (mut machine, recovery) = frozen();
    let protocol = &recovery.protocol;
    recovery.restore(&mut machine);
    machine.warp_seconds(ESCAPE);
    let twice = open(&machine, &recovery);
    assert!(machine.send(&[twice], &[]).is_err(), "a vote has chosen its state");
    // Custody is paid to the voted state, too: the council never evacuated.
    protocol.must(&mut machine, &[draw(&recovery)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), recovery.tree.root().sum);
}

/// Each ledger has an escape of its own; one does not close the other's.
#[test]
fn each_ledger_escapes_on_its_own() {
    let (mut machine, recovery) = escaped();
    let again = open(&machine, &recovery);
    assert!(machine.send(&[again], &[]).is_err(), "once");
    let mut other = ix::EscapeKeys {
        domain: recovery.protocol.domain,
        incident: recovery.incident,
        ledger_index: 1,
        snapshot: recovery.snapshot,
        mint: recovery.protocol.mint,
        token_program: anchor_spl::token::spl_token::ID,
    };
    let foreign = ix::open_escape(machine.payer.pubkey(), other);
    refused_by_address(machine.send(&[foreign], &[]));
    let own = bulkhead_client::pda::snapshot(&recovery.incident, 1);
    let state = bulkhead_interface::layout::Snapshot {
        ledger_index: 1,
        ..machine.load(&recovery.snapshot)
    };
    bulkhead_tests::recovery::forge(&mut machine, &own, &state);
    other.snapshot = own;
    let second = ix::open_escape(machine.payer.pubkey(), other);
    machine.send(&[second], &[]).expect("its own");
}

/// Refused because an address does not follow from the accounts that were passed.
fn refused_by_address(result: Result<Outcome, Failure>) {
    let code = result.map(|_| ()).expect_err("refused").code();
    assert_eq!(code, Some(ErrorCode::ConstraintSeeds.into()));
}

/// The rules are fixed in peace: no proposal for them is made or run while an incident is open.
#[test]
fn rules_are_fixed_in_peace() {
    let (mut machine, protocol) = world();
    let rules = |escape_seconds| SetRecoveryRulesArgs {
        escape_seconds,
        restart_check_seconds: 0,
    };
    for seconds in [1, MIN_ESCAPE_SECONDS - 1, MAX_ESCAPE_SECONDS + 1, -1] {
        let refusal = protocol.try_mature(&mut machine, &rules(seconds));
        assert_eq!(
            refusal.map(|_| ()).expect_err("out of range").code(),
            Some(E::ArgumentOutOfRange.into())
        );
    }
    let early = protocol.mature(&mut machine, &rules(MIN_ESCAPE_SECONDS));
    let late = protocol.mature(&mut machine, &rules(0));
    protocol.must(&mut machine, &[ix::set_recovery_rules(late, rules(0))], &[]);
    refused(
        machine.send(&[ix::set_recovery_rules(early, rules(MIN_ESCAPE_SECONDS))], &[]),
        E::DecidedSince,
    );
    let kept = protocol.mature(&mut machine, &rules(MIN_ESCAPE_SECONDS));
    protocol.freeze(&mut machine);
    refused(
        machine.send(&[ix::set_recovery_rules(kept, rules(MIN_ESCAPE_SECONDS))], &[]),
        E::WrongPhase,
    );
    machine.next_slot();
    let refusal = protocol.try_mature(&mut machine, &rules(MIN_ESCAPE_SECONDS));
    assert_eq!(
        refusal.map(|_| ()).expect_err("not in peace").code(),
        Some(E::WrongPhase.into())
    );
}
