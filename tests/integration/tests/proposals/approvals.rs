//! Approvals, and the delay that they start.

use super::*;

#[test]
fn threshold_then_delay_then_once() {
    let mut table = Table::new();
    refused(table.execute(), BulkheadError::NotApproved);
    table.approve(0).expect("an approver approves");
    refused(table.approve(0), BulkheadError::AlreadyApproved);
    table.machine.warp_seconds(DELAY_SECONDS);
    refused(table.execute(), BulkheadError::NotApproved);
    table.approve(1).expect("an approver approves");
    table.machine.warp_seconds(DELAY_SECONDS - 1);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    assert_eq!(table.limit(), 100_000);
    table.machine.warp_seconds(1);
    table.execute().expect("it has matured");
    assert_eq!(table.limit(), 500_000);

    refused(table.execute(), BulkheadError::ProposalNotOpen);
    refused(table.approve(2), BulkheadError::ProposalNotOpen);
    refused(table.withdraw(0), BulkheadError::ProposalNotOpen);
    refused(table.veto(3), BulkheadError::ProposalNotOpen);
}

#[test]
fn only_approvers_propose_and_approve() {
    let mut table = Table::new();
    let (domain, payer) = (table.protocol.domain, table.machine.payer.pubkey());
    let stranger = keypair("stranger");
    refused(table.approve(3), BulkheadError::RoleMissing);
    refused(table.withdraw(3), BulkheadError::RoleMissing);
    refused(table.veto(0), BulkheadError::RoleMissing);
    let Proposal {
        payload_hash,
        created_slot,
        ..
    } = table.state();
    let approve = ix::approve(domain, stranger.pubkey(), table.proposal, payload_hash, created_slot);
    let veto = ix::veto(domain, stranger.pubkey(), table.proposal);
    let withdraw = ix::withdraw_approval(domain, stranger.pubkey(), table.proposal);
    let propose = ix::propose(domain, stranger.pubkey(), payer, 1, &table.args);
    for instruction in [approve, veto, withdraw, propose] {
        refused(
            table.machine.send(&[instruction], &[&stranger]),
            BulkheadError::NotAMember,
        );
    }
}

#[test]
fn an_approval_names_what_was_proposed_and_when() {
    let mut table = Table::new();
    let (state, approver) = (table.state(), table.protocol.members[0].pubkey());
    let decision = EncodedDecision::from(&table.args);
    let other = payload_hash(ProposalKind::RegisterLedger.number(), decision.payload());
    for (hash, slot) in [
        (other, state.created_slot),
        ([0; 32], state.created_slot),
        (state.payload_hash, state.created_slot - 1),
        (state.payload_hash, state.created_slot + 1),
    ] {
        let approve = ix::approve(table.protocol.domain, approver, table.proposal, hash, slot);
        refused(table.send(approve), BulkheadError::ApprovalMismatch);
    }
    // What is approved is what runs, and what everyone can read in the account.
    let data = table.machine.account(&table.proposal).expect("it exists").data;
    let payload = &data[bulkhead::authority::PROPOSAL_HEADER..];
    assert_eq!(payload, decision.payload());
    assert_eq!(state.payload_hash, decision.hash());
    assert_eq!(state.payload_hash, payload_hash(state.kind, payload));
}

#[test]
fn an_approval_taken_back_starts_the_clock_anew() {
    let mut table = Table::approved();
    refused(table.withdraw(2), BulkheadError::ApprovalMissing);
    table.machine.warp_seconds(DELAY_SECONDS - 1);
    table.withdraw(1).expect("it is theirs");
    assert_eq!(table.state().approved_ts, 0);
    table.machine.warp_seconds(1);
    refused(table.execute(), BulkheadError::NotApproved);
    table.approve(2).expect("an approver approves");
    refused(table.execute(), BulkheadError::DelayNotPassed);
    table.machine.warp_seconds(DELAY_SECONDS - 1);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    table.machine.warp_seconds(1);
    table.execute().expect("the whole delay has passed again");
}

#[test]
fn approvals_beyond_the_threshold_do_not_move_the_clock() {
    let mut table = Table::approved();
    let reached = table.state().approved_ts;
    table.machine.warp_seconds(DELAY_SECONDS / 2);
    table.approve(2).expect("an approver approves");
    table.withdraw(0).expect("two are left");
    assert_eq!(table.state().approved_ts, reached);
    table.machine.warp_seconds(DELAY_SECONDS / 2);
    table.execute().expect("the threshold was held throughout");
}

/// A delay is for people to look at what is coming: one that passes while the cluster stands still is none.
#[test]
fn a_delay_has_to_last_by_slots_as_well() {
    let mut table = Table::approved();
    let clock = table.machine.clock();
    let slots = u64::try_from(DELAY_SECONDS).expect("a time") * 5 / 4;
    table
        .machine
        .set_clock(clock.slot + 1, clock.unix_timestamp + DELAY_SECONDS);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    let now = table.machine.clock().unix_timestamp;
    table.machine.set_clock(clock.slot + slots - 1, now);
    refused(table.execute(), BulkheadError::DelayNotPassed);
    // Half of it by slots is enough: they are slower at times, and then nothing takes longer.
    table.machine.set_clock(clock.slot + slots, now);
    table.execute().expect("it has matured");
    assert_eq!(table.limit(), table.args.limit);
}
