//! Attack on liveness: a proposal that enough approvers who count have approved, and whose clock never starts, whoever
//! approves it besides. Each test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError, instructions::SetLimitArgs};
use bulkhead_client::instructions as ix;
use bulkhead_core::{
    acts::At,
    proposal::{Status, standing},
};
use bulkhead_interface::{constants::kind, layout::Proposal};
use bulkhead_sim::{Machine, Protocol, council_config};
use bulkhead_tests::{refused, world};
use solana_signer::Signer;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn world_of(heartbeat: i64, delay: i64) -> (Machine, Protocol) {
    let (mut machine, protocol) = world();
    let mut config = council_config(&protocol.members);
    config.heartbeat_seconds = heartbeat;
    for policy in &mut config.policies {
        policy.delay_seconds = delay;
        policy.expiry_seconds = 60 * DAY;
    }
    let authority = protocol.mature(&mut machine, kind::CHANGE_COUNCIL, &config);
    protocol.must(&mut machine, &[ix::change_council(authority, config)], &[]);
    (machine, protocol)
}

fn beat(machine: &mut Machine, protocol: &Protocol, members: &[usize]) {
    for member in members {
        let last = protocol.council(machine).members[*member].last_active_ts;
        let key = &protocol.members[*member];
        let beat = ix::heartbeat(protocol.domain, key.pubkey(), last);
        protocol.must(machine, &[beat], &[key]);
    }
    machine.next_slot();
}

fn limit(protocol: &Protocol) -> SetLimitArgs {
    SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 50_000,
        slot_limit: 50_000,
        ..SetLimitArgs::default()
    }
}

fn approve(machine: &mut Machine, protocol: &Protocol, proposal: &Pubkey, member: usize) {
    let approve = protocol.approve(machine, proposal, member);
    protocol.must(machine, &[approve], &[&protocol.members[member]]);
    machine.next_slot();
}

/// Approved by as many as are needed, who count; and not approved.
fn is_stuck(machine: &mut Machine, protocol: &Protocol, proposal: Pubkey, eligible: u32) {
    let state: Proposal = machine.load(&proposal);
    let at = At {
        slot: machine.clock().slot,
        now: machine.clock().unix_timestamp,
    };
    let standing = standing(&state, &protocol.council(machine), at);
    assert_eq!((standing.status, standing.eta), (Status::Collecting, None));
    assert_eq!((standing.eligible.count_ones(), standing.needed), (eligible, 2));
    let authority = ix::Authority {
        signer: machine.payer.pubkey(),
        domain: protocol.domain,
        proposal: Some(proposal),
    };
    let run = ix::set_limit(authority, limit(protocol));
    refused(machine.send(&[run], &[]), BulkheadError::NotApproved);
    machine.next_slot();
}

/// Nobody is hostile: one approver was not heard of for a day when the other approved, and is back.
#[test]
fn an_approver_that_was_away_for_a_day_keeps_the_clock_from_ever_starting() {
    let (mut machine, protocol) = world_of(DAY, HOUR);
    let proposal = protocol.propose(&mut machine, kind::SET_LIMIT, &limit(&protocol));
    approve(&mut machine, &protocol, &proposal, 0);
    machine.warp_seconds(12 * HOUR);
    beat(&mut machine, &protocol, &[1, 2]);
    machine.warp_seconds(13 * HOUR);
    approve(&mut machine, &protocol, &proposal, 1);
    for members in [&[0, 1, 2][..]; 3] {
        beat(&mut machine, &protocol, members);
        machine.warp_seconds(12 * HOUR + 1);
    }
    beat(&mut machine, &protocol, &[0, 1, 2]);
    is_stuck(&mut machine, &protocol, proposal, 2);
    // A third approver does not help, and those who have approved are told that they have.
    approve(&mut machine, &protocol, &proposal, 2);
    is_stuck(&mut machine, &protocol, proposal, 3);
    for member in [0, 1, 2] {
        let again = protocol.approve(&machine, &proposal, member);
        refused(
            machine.send(&[again], &[&protocol.members[member]]),
            BulkheadError::AlreadyApproved,
        );
        machine.next_slot();
    }
    for _ in 0..40 {
        machine.warp_seconds(12 * HOUR);
        beat(&mut machine, &protocol, &[0, 1, 2]);
    }
    is_stuck(&mut machine, &protocol, proposal, 3);
}

/// One hostile approver takes its approval back, after another who was away has approved: the two honest ones are enough
/// and the clock stands.
#[test]
fn a_hostile_approver_stops_the_clock_for_good_by_taking_its_approval_back() {
    let (mut machine, protocol) = world_of(10 * DAY, 3 * DAY);
    machine.warp_seconds(9 * DAY);
    beat(&mut machine, &protocol, &[0, 1, 2]);
    machine.warp_seconds(2 * DAY);
    let proposal = protocol.propose(&mut machine, kind::SET_LIMIT, &limit(&protocol));
    approve(&mut machine, &protocol, &proposal, 0);
    approve(&mut machine, &protocol, &proposal, 2);
    beat(&mut machine, &protocol, &[4]);
    machine.warp_seconds(DAY + 1);
    approve(&mut machine, &protocol, &proposal, 4);
    let hostile = &protocol.members[2];
    let withdraw = ix::withdraw_approval(protocol.domain, hostile.pubkey(), proposal);
    protocol.must(&mut machine, &[withdraw], &[hostile]);
    machine.next_slot();
    is_stuck(&mut machine, &protocol, proposal, 2);
    // Not even with everybody's approval.
    approve(&mut machine, &protocol, &proposal, 1);
    machine.warp_seconds(4 * DAY);
    is_stuck(&mut machine, &protocol, proposal, 3);
}
