//! One guardian pauses at once; nobody resumes at once.

use bulkhead::{error::BulkheadError, instructions::ResumeArgs};
use bulkhead_client::instructions as ix;
use bulkhead_guard::{action, board::SCOPE_DOMAIN, effective_mask};
use bulkhead_interface::constants::phase;
use bulkhead_sim::{Machine, Protocol, keypair};
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
    let incident = protocol.hold(&mut machine);
    assert_eq!(protocol.state(&machine).state, phase::HELD);
    machine.warp_seconds(30 * 86_400);
    assert_eq!(mask(&machine, &protocol, 0), action::HELD);

    let args = ResumeArgs { incident };
    let authority = protocol.mature(&mut machine, &args);
    let resume = ix::resume(authority, args);
    protocol.must(&mut machine, std::slice::from_ref(&resume), &[]);
    assert_eq!(mask(&machine, &protocol, 0), 0);
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
    assert!(machine.send(&[resume], &[]).is_err(), "it runs once");
}
