//! Attack: a captured threshold of approvers proposes more often than vetoers have vetoes. Vetoers who watch and veto
//! every proposal stop none of the last ones. Succeeds when the attack does.

use bulkhead::{
    error::BulkheadError,
    instructions::{CouncilConfig, SetLimitArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{kind, role},
    layout::{OutflowBreaker, Proposal},
};
use bulkhead_sim::{DELAY_SECONDS, Machine, Protocol, council_config};
use bulkhead_tests::{refused, world};
use solana_signer::Signer;

fn captured(
    machine: &mut Machine,
    protocol: &Protocol,
    kind: u8,
    args: &impl anchor_lang::AnchorSerialize,
) -> ix::Authority {
    let proposal = protocol.propose(machine, kind, args);
    for member in 0..2 {
        let approve = protocol.approve(machine, &proposal, member);
        protocol.must(machine, &[approve], &[&protocol.members[member]]);
    }
    ix::Authority {
        signer: machine.payer.pubkey(),
        domain: protocol.domain,
        proposal: Some(proposal),
    }
}

fn two_vetoers(protocol: &Protocol) -> CouncilConfig {
    let mut council = council_config(&protocol.members);
    council.members[4].roles |= role::VETOER;
    council
}

#[test]
fn vetoers_who_veto_everything_are_outlasted_by_a_captured_threshold() {
    let (mut machine, protocol) = world();
    // Two vetoers, as the known limits advise.
    let two = two_vetoers(&protocol);
    let authority = protocol.mature(&mut machine, kind::CHANGE_COUNCIL, &two);
    protocol.must(&mut machine, &[ix::change_council(authority, two)], &[]);
    let rights = usize::from(protocol.council(&machine).veto_rights);

    let all = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: u64::MAX / 4,
        slot_limit: u64::MAX / 4,
        ..SetLimitArgs::default()
    };
    let malicious: Vec<_> = (0..=2 * rights)
        .map(|_| captured(&mut machine, &protocol, kind::SET_LIMIT, &all))
        .collect();
    let mut left = malicious.clone();
    for vetoer in [3, 4] {
        for _ in 0..rights {
            let stopped = left.remove(0).proposal.expect("one");
            let key = &protocol.members[vetoer];
            let veto = ix::veto(protocol.domain, key.pubkey(), stopped);
            protocol.must(&mut machine, &[veto], &[key]);
        }
    }
    assert_eq!(left.len(), 1);
    for vetoer in [3, 4] {
        let key = &protocol.members[vetoer];
        let veto = ix::veto(protocol.domain, key.pubkey(), left[0].proposal.expect("one"));
        refused(machine.send(&[veto], &[key]), BulkheadError::NoVetoRights);
    }
    machine.warp_seconds(DELAY_SECONDS);
    protocol.must(&mut machine, &[ix::set_limit(left[0], all)], &[]);
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(breaker.limit, u64::MAX / 4);
    // The rent of all that was vetoed comes back.
    for stopped in &malicious[..2 * rights] {
        let proposal = stopped.proposal.expect("one");
        let payer = machine.load::<Proposal>(&proposal).payer;
        protocol.must(
            &mut machine,
            &[ix::close_proposal(protocol.domain, proposal, payer)],
            &[],
        );
    }
}

/// A delay is counted by the cluster's clock alone: one that passes while the cluster stands still leaves vetoers no slot
/// in which to veto.
#[test]
fn a_delay_that_passes_while_the_cluster_stands_still_leaves_nobody_a_slot_to_veto() {
    let (mut machine, protocol) = world();
    let all = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: u64::MAX / 4,
        slot_limit: u64::MAX / 4,
        ..SetLimitArgs::default()
    };
    let authority = captured(&mut machine, &protocol, kind::SET_LIMIT, &all);
    let clock = machine.clock();
    machine.set_clock(clock.slot + 1, clock.unix_timestamp + DELAY_SECONDS);
    protocol.must(&mut machine, &[ix::set_limit(authority, all)], &[]);
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(breaker.limit, u64::MAX / 4);
}

/// A guardian's pause is over after an outage, though nobody had a slot to confirm in.
#[test]
fn a_pause_lapses_while_the_cluster_stands_still() {
    let (mut machine, protocol) = world();
    let guardian = &protocol.members[0];
    let payer = machine.payer.pubkey();
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[guardian]);
    let incident = bulkhead_client::pda::incident(&protocol.domain, 0);
    let clock = machine.clock();
    machine.set_clock(clock.slot + 1, clock.unix_timestamp + 6 * 3_600);
    let lapse = ix::close_lapsed_incident(protocol.domain, incident);
    protocol.must(&mut machine, &[lapse], &[]);
    let destination = bulkhead_tests::receiver(&mut machine, &protocol, "thief");
    protocol
        .release(&mut machine, destination, 50_000, 0)
        .expect("it pays again");
    assert_eq!(machine.balance(&destination), 50_000);
}

/// "A council that could not act is refused": one whose proposals live a second longer than their delay is taken. Who does
/// not approve in the second of the proposal never runs anything again, a better council among it.
#[test]
fn a_council_whose_proposals_live_a_second_is_taken_and_stays() {
    let (mut machine, protocol) = world();
    let mut council = council_config(&protocol.members);
    for policy in &mut council.policies {
        policy.expiry_seconds = policy.delay_seconds + 1;
    }
    let by = protocol.mature(&mut machine, kind::CHANGE_COUNCIL, &council);
    protocol.must(&mut machine, &[ix::change_council(by, council)], &[]);
    let better = council_config(&protocol.members);
    let proposal = protocol.propose(&mut machine, kind::CHANGE_COUNCIL, &better);
    for member in 0..2 {
        machine.warp_seconds(1);
        let approve = protocol.approve(&machine, &proposal, member);
        protocol.must(&mut machine, &[approve], &[&protocol.members[member]]);
    }
    let by = ix::Authority {
        signer: machine.payer.pubkey(),
        domain: protocol.domain,
        proposal: Some(proposal),
    };
    machine.warp_seconds(DELAY_SECONDS - 1);
    let change = ix::change_council(by, better);
    refused(
        machine.send(std::slice::from_ref(&change), &[]),
        BulkheadError::DelayNotPassed,
    );
    machine.warp_seconds(1);
    refused(machine.send(&[change], &[]), BulkheadError::ProposalExpired);
}
