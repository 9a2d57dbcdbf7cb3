//! One guardian pauses at once; nobody resumes at once.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::Decision,
    error::BulkheadError,
    instructions::{ReopenArgs, ResumeArgs},
};
use bulkhead_client::{
    instructions as ix,
    payload::{self, Payload},
};
use bulkhead_core::{acts::At, proposals::proposal::Status};
use bulkhead_guard::{action, board::SCOPE_DOMAIN, effective_mask};
use bulkhead_interface::{constants::phase, layout::Proposal};
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{refused, world};
use solana_signer::Signer;

fn mask(machine: &Machine, protocol: &Protocol, compartment: u8) -> u32 {
    let board = machine
        .account(&bulkhead_client::pda::board(&protocol.domain))
        .expect("the board exists");
    effective_mask(&board.data, compartment, machine.clock().unix_timestamp).expect("it is a board")
}

#[test]
fn a_guardian_pauses_one_compartment_until_it_lapses() {
    let (mut machine, protocol) = world();
    let guardian = &protocol.members[0];
    let pause = ix::pause(protocol.domain, guardian.pubkey(), 3, action::WITHDRAW);
    protocol.must(&mut machine, &[pause], &[guardian]);

    assert_eq!(mask(&machine, &protocol, 3), action::WITHDRAW);
    assert_eq!(mask(&machine, &protocol, 4), 0);
    assert_eq!(protocol.council(&machine).members[0].pause_rights, 2);
    machine.warp_seconds(6 * 3_600 - 1);
    assert_eq!(mask(&machine, &protocol, 3), action::WITHDRAW);
    machine.warp_seconds(1);
    assert_eq!(mask(&machine, &protocol, 3), 0);
}

#[test]
fn a_stolen_guardian_runs_out_of_pauses() {
    let (mut machine, protocol) = world();
    let guardian = &protocol.members[1];
    let pause = ix::pause(protocol.domain, guardian.pubkey(), SCOPE_DOMAIN, 0);
    for _ in 0..3 {
        protocol.must(&mut machine, std::slice::from_ref(&pause), &[guardian]);
    }
    refused(machine.send(&[pause], &[guardian]), BulkheadError::NoPauseRights);
}

#[test]
fn only_guardians_pause() {
    let (mut machine, protocol) = world();
    let stranger = keypair("stranger");
    for (key, error) in [
        (&stranger, BulkheadError::NotAMember),
        (&protocol.members[3], BulkheadError::RoleMissing),
        (&protocol.members[4], BulkheadError::RoleMissing),
    ] {
        let pause = ix::pause(protocol.domain, key.pubkey(), SCOPE_DOMAIN, 0);
        refused(machine.send(&[pause], &[key]), error);
    }
    let pause = ix::pause(protocol.domain, protocol.members[0].pubkey(), 64, 0);
    refused(
        machine.send(&[pause], &[&protocol.members[0]]),
        BulkheadError::CompartmentOutOfRange,
    );
}

#[test]
fn a_held_domain_stays_paused_until_a_matured_proposal_resumes_it() {
    let (mut machine, protocol) = world();
    let incident = protocol.freeze(&mut machine);
    assert_eq!(protocol.state(&machine).state, phase::FROZEN);
    machine.warp_seconds(30 * 86_400);
    assert_eq!(mask(&machine, &protocol, 0), action::FROZEN);

    let args = ResumeArgs { incident };
    let authority = protocol.mature(&mut machine, &args);
    let resume = ix::resume(authority, args);
    protocol.must(&mut machine, std::slice::from_ref(&resume), &[]);
    assert_eq!(mask(&machine, &protocol, 0), 0);
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
    assert!(machine.send(&[resume], &[]).is_err(), "it runs once");
}

/// In a domain that never had an incident as well: then no incident is named.
#[test]
fn a_pause_in_peace_is_taken_back_by_a_matured_proposal() {
    let (mut machine, protocol) = world();
    let guardians = [0, 1].map(|number: usize| protocol.members[number].insecure_clone());
    let pause = |number: usize, scope| ix::pause(protocol.domain, guardians[number].pubkey(), scope, action::WITHDRAW);
    let args = ReopenArgs {
        incident: Pubkey::default(),
        ramp_bps: 10_000,
        grace_seconds: 0,
    };
    let shown = |machine: &Machine, authority: &ix::Authority| {
        let proposal: Proposal = machine.load(&authority.proposal.expect("one"));
        let clock = machine.clock();
        let at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        let read = |key: &Pubkey| machine.account(key).map(|account| (account.owner, account.data));
        let payload = Payload::Known(Decision::Reopen(args.clone()));
        payload::progress(&proposal, &payload, &protocol.council(machine), &read, at).status
    };
    protocol.must(&mut machine, &[pause(0, 3)], &[&guardians[0]]);
    let early = protocol.mature(&mut machine, &args);
    let later = protocol.mature(&mut machine, &args);
    // It knows of no pause since, and that stands for all of them.
    protocol.must(&mut machine, &[pause(1, 4)], &[&guardians[1]]);
    let reopen = |authority| ix::reopen(authority, args.clone());
    protocol.must(&mut machine, &[reopen(early)], &[]);
    assert_eq!(mask(&machine, &protocol, 4), action::WITHDRAW);
    let knowing = protocol.mature(&mut machine, &args);
    assert_eq!(shown(&machine, &knowing), Status::Ready);
    protocol.must(&mut machine, &[reopen(knowing)], &[]);
    assert_eq!((mask(&machine, &protocol, 3), mask(&machine, &protocol, 4)), (0, 0));
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
    refused(machine.send(&[reopen(later)], &[]), BulkheadError::TightenedSince);

    // Once there was an incident, it is named.
    let nameless = protocol.mature(&mut machine, &args);
    let incident = protocol.freeze(&mut machine);
    refused(machine.send(&[reopen(nameless)], &[]), BulkheadError::IncidentNotOpen);
    let end = ResumeArgs { incident };
    let authority = protocol.mature(&mut machine, &end);
    protocol.must(&mut machine, &[ix::resume(authority, end)], &[]);
    assert_eq!(shown(&machine, &nameless), Status::Refused);
    refused(machine.send(&[reopen(nameless)], &[]), BulkheadError::IncidentNotOpen);
}
