//! Who is active is eligible; who has been silent is not, and may still tighten.

use super::*;

#[test]
fn who_steals_a_forgotten_key_cannot_approve_at_once() {
    let mut table = Table::new();
    table.machine.warp_seconds(HEARTBEAT_SECONDS);
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    table.machine.warp_seconds(1);
    // Proposing was no sign of life; approving the last moment before was. The thief holds member 1's key.
    refused(table.approve(&proposal, 0), BulkheadError::MemberSilent);
    refused(table.approve(&proposal, 1), BulkheadError::MemberSilent);
    table.heartbeat(1).expect("any member may");
    refused(table.approve(&proposal, 1), BulkheadError::MemberSilent);
    table.machine.warp_seconds(REVIVAL_SECONDS - 1);
    // Further signs of life shorten nothing.
    table.heartbeat(1).expect("any member may");
    refused(table.approve(&proposal, 1), BulkheadError::MemberSilent);
    table.machine.warp_seconds(1);
    table.approve(&proposal, 1).expect("it counts again");
}

#[test]
fn proposing_pausing_and_vetoing_are_never_refused_for_silence_and_no_signs_of_life() {
    let mut table = Table::new();
    let before = table.council();
    table.machine.warp_seconds(HEARTBEAT_SECONDS + 1);
    let (raise, domain) = (table.raise(), table.protocol.domain);
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    table.pause(1).expect("a silent guardian may");
    let lower = ix::lower_limit(domain, table.member(2), raise.breaker, lowered(90_000));
    table.send(lower).expect("a silent guardian may");
    let veto = ix::veto(domain, table.member(3), proposal);
    table.send(veto).expect("a silent vetoer may");
    for (old, new) in before.members.iter().zip(&table.council().members) {
        assert_eq!(
            (old.last_active_ts, old.active_from_ts),
            (new.last_active_ts, new.active_from_ts)
        );
    }
    refused(
        table.send(ix::heartbeat(domain, fallback().pubkey(), 0)),
        BulkheadError::NotAMember,
    );
}

#[test]
fn only_approvals_of_members_that_still_count_are_executed() {
    let mut table = Table::with(|council| {
        council.heartbeat_seconds = 2 * DAY;
        for policy in &mut council.policies {
            policy.delay_seconds = 2 * DAY;
        }
    });
    let raise = table.raise();
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    for member in [0, 1] {
        table.approve(&proposal, member).expect("both count");
    }
    table.machine.warp_seconds(DAY);
    table.heartbeat(0).expect("a member");
    table.machine.warp_seconds(DAY + 1);
    let execute = ix::set_limit(table.authority(proposal), raise);
    // Matured, but one of the two has not been active: the threshold does not sink.
    refused(table.send(execute.clone()), BulkheadError::NotApproved);
    for member in [0, 1] {
        table.heartbeat(member).expect("a member");
    }
    refused(table.send(execute.clone()), BulkheadError::NotApproved);
    table.machine.warp_seconds(REVIVAL_SECONDS);
    // Both count, and one was silent since it approved: it says so again, and the delay runs anew.
    refused(table.send(execute.clone()), BulkheadError::NotApproved);
    refused(table.approve(&proposal, 0), BulkheadError::AlreadyApproved);
    table.approve(&proposal, 1).expect("it approves anew");
    refused(table.send(execute.clone()), BulkheadError::DelayNotPassed);
    for _ in 0..2 {
        table.machine.warp_seconds(DAY);
        for member in [0, 1] {
            table.heartbeat(member).expect("a member");
        }
    }
    table.send(execute).expect("both count");
}

#[test]
fn a_hold_does_not_wait_for_silent_guardians() {
    let mut table = Table::with(|council| council.heartbeat_seconds = 2 * DAY);
    table.machine.warp_seconds(2 * DAY);
    table.heartbeat(0).expect("a member");
    table.machine.warp_seconds(1);
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let incident = pda::incident(&domain, 0);
    table
        .send(ix::open_incident(domain, table.member(1), payer, 0))
        .expect("a silent guardian may");
    // Two silent guardians are two confirmations, and no freeze.
    for member in [1, 2] {
        let confirm = ix::confirm_incident(domain, table.member(member), incident);
        table.send(confirm).expect("a silent guardian may");
        assert_eq!(table.protocol.state(&table.machine).state, phase::ALERT);
    }
    let again = ix::confirm_incident(domain, table.member(2), incident);
    refused(table.send(again), BulkheadError::AlreadyConfirmed);
    let confirm = ix::confirm_incident(domain, table.member(0), incident);
    table.send(confirm).expect("the one who is left");
    assert_eq!(table.protocol.state(&table.machine).state, phase::FROZEN);
}
