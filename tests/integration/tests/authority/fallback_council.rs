//! The fallback elects a council, when enough approvers have been silent for long enough.

use super::*;

fn code(result: Result<Pubkey, Failure>) -> Result<Outcome, Failure> {
    result.map(|_| Outcome::default())
}

#[test]
fn the_fallback_replaces_a_council_that_is_gone() {
    let mut table = Table::abandoned();
    let successors = table.successors();
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    let change = ix::change_council(table.authority(proposal), successors);
    refused(table.send(change.clone()), BulkheadError::NotApproved);
    table.fallback_approves(proposal).expect("its own");
    refused(table.fallback_approves(proposal), BulkheadError::AlreadyApproved);
    // The constitution's hour is too short for it.
    table.machine.warp_seconds(DELAY_SECONDS);
    refused(table.send(change.clone()), BulkheadError::DelayNotPassed);
    table
        .machine
        .warp_seconds(MIN_FALLBACK_DELAY_SECONDS - DELAY_SECONDS - 1);
    refused(table.send(change.clone()), BulkheadError::DelayNotPassed);
    table.machine.warp_seconds(1);
    table.send(change).expect("it has matured");
    assert_eq!(table.council().members[0].key, keypair("successor 0").pubkey());
    // Its power is over with that.
    let again = table.successors();
    let result = table.fallback_proposes(&again);
    refused(code(result), BulkheadError::FallbackNotDue);
}

#[test]
fn the_fallback_is_not_due_while_enough_approvers_were_heard_of() {
    let mut table = Table::new();
    let successors = table.successors();
    table.machine.warp_seconds(HEARTBEAT_SECONDS + FALLBACK_SECONDS);
    let result = table.fallback_proposes(&successors);
    refused(code(result), BulkheadError::FallbackNotDue);
    // One approver of the two that it takes is still too few.
    table.heartbeat(0).expect("a member");
    table.machine.warp_seconds(1);
    table
        .fallback_proposes(&successors)
        .expect("one cannot change a council of two");
    table.heartbeat(4).expect("a member");
    let result = table.fallback_proposes(&successors);
    refused(code(result), BulkheadError::FallbackNotDue);
}

#[test]
fn approvers_who_come_back_void_what_the_fallback_approved_for_good() {
    let mut table = Table::abandoned();
    let successors = table.successors();
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    table.fallback_approves(proposal).expect("its own");
    table.machine.warp_seconds(MIN_FALLBACK_DELAY_SECONDS - 1);
    let change = ix::change_council(table.authority(proposal), successors);
    // One second before the end, and long before they count again.
    for member in [0, 4] {
        table.heartbeat(member).expect("a member");
    }
    table.machine.warp_seconds(1);
    refused(table.send(change.clone()), BulkheadError::FallbackNotDue);
    table.machine.warp_seconds(REVIVAL_SECONDS);
    refused(table.send(change), BulkheadError::FallbackNotDue);
    refused(table.fallback_approves(proposal), BulkheadError::AlreadyApproved);
}

#[test]
fn a_vetoer_that_is_there_stops_the_fallback() {
    let mut table = Table::abandoned();
    let mut successors = table.successors();
    successors.members[3].key = table.member(3);
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    table.fallback_approves(proposal).expect("its own");
    // It counts again a day after its heartbeat, in a week; and the one it would be removed by needs another.
    let veto = ix::veto(table.protocol.domain, table.member(3), proposal);
    refused(table.send(veto.clone()), BulkheadError::MemberSilent);
    table.heartbeat(3).expect("a member");
    refused(table.send(veto.clone()), BulkheadError::MemberSilent);
    table.machine.warp_seconds(REVIVAL_SECONDS);
    table.send(veto).expect("it counts again");
    table.machine.warp_seconds(MIN_FALLBACK_DELAY_SECONDS - REVIVAL_SECONDS);
    let change = ix::change_council(table.authority(proposal), successors);
    refused(table.send(change), BulkheadError::ProposalNotOpen);
}

#[test]
fn the_fallback_proposes_a_council_and_nothing_else_and_approves_nothing_of_others() {
    let mut table = Table::abandoned();
    let raise = table.raise();
    let result = table.fallback_proposes(&raise);
    refused(code(result), BulkheadError::WrongProposalKind);
    let proposal = table.protocol.propose(&mut table.machine, &raise);
    refused(table.fallback_approves(proposal), BulkheadError::NotAMember);
    // Nor do members push the fallback's proposal, whose clock would be theirs.
    let successors = table.successors();
    let proposal = table.fallback_proposes(&successors).expect("nobody is left");
    refused(table.approve(&proposal, 0), BulkheadError::RoleMissing);
}
