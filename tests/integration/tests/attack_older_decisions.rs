//! Attack: run a decision that knew less than there is by now. Each test succeeds when the attack does.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterRouteArgs, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{latch, merkle};
use bulkhead_interface::{
    constants::{kind, phase},
    layout::{Ballot, Detector, Snapshot},
};
use bulkhead_sim::{DELAY_SECONDS, Machine, Protocol, Setup};
use bulkhead_tests::{
    detectors::{configure, in_set_up, observe_solvency, propagate, solvency_args, write_liabilities},
    receiver,
    recovery::{Recovery, forge, positions},
    refused, world, world_with,
};
use solana_signer::Signer;

/// A transfer out of the refuge while there is nothing in it harms nobody, so nobody vetoes it. It runs after an
/// evacuation has filled the refuge and the incident was closed.
#[test]
fn an_instruction_of_peace_takes_what_was_evacuated_since() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    let transfer = spl::transfer(
        &TOKEN_PROGRAM,
        &protocol.refuge,
        &thief,
        &protocol.domain,
        &[],
        1_000_000,
    );
    let stored = ix::stored(&transfer.expect("it is well formed"));
    assert_eq!(machine.balance(&protocol.refuge), 0);
    let by = protocol.mature(&mut machine, kind::RUN_INSTRUCTION, &stored);
    // Days later.
    machine.warp_seconds(2 * 86_400);
    let incident = protocol.hold(&mut machine);
    let payer = machine.payer.pubkey();
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.refuge);
    protocol.must(&mut machine, &[evacuate], &[]);
    let args = ResumeArgs { incident };
    let resume = protocol.mature(&mut machine, kind::RESUME, &args);
    // A stranger cranks both, one after the other.
    protocol.must(
        &mut machine,
        &[ix::resume(resume, args), ix::run_instruction(by, &stored)],
        &[],
    );
    assert_eq!(machine.balance(&thief), 1_000_000);
}

fn short(machine: &mut Machine, protocol: &Protocol, missing: u128) -> bool {
    let reserves = u128::from(machine.balance(&protocol.custody()));
    write_liabilities(machine, protocol, reserves * 2 + missing);
    for _ in 0..3 {
        protocol.must(machine, &[observe_solvency(protocol)], &[]);
        machine.warp_seconds(60);
    }
    let args = solvency_args(protocol);
    let breaker = pda::solvency_breaker(&protocol.domain, args.compartment, &args.liabilities);
    let data = machine.account(&breaker).expect("it exists").data;
    let common: Detector = bytemuck::pod_read_unaligned(&data[8..8 + size_of::<Detector>()]);
    let lifted = protocol.board(machine).lifted_slot;
    latch::is_in_force(&common.latch, lifted, machine.clock().unix_timestamp)
}

/// A hole is accepted and filled up to a rest. A theft that makes it as large as it was is accepted for ever.
#[test]
fn a_theft_as_large_as_a_hole_that_was_filled_is_accepted() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    write_liabilities(&mut machine, &protocol, 0);
    let args = solvency_args(&protocol);
    let breaker = pda::solvency_breaker(&protocol.domain, args.compartment, &args.liabilities);
    let open = ix::open_solvency_breaker(in_set_up(&protocol), machine.payer.pubkey(), args);
    for each in [open, ix::activate_domain(protocol.namespace.pubkey())] {
        configure(&mut machine, &protocol, each).expect("set up");
    }
    assert!(short(&mut machine, &protocol, 900_000));
    let crank = propagate(&machine, &protocol, breaker);
    protocol.must(&mut machine, &[crank], &[]);
    let args = ResumeArgs {
        incident: protocol.state(&machine).open_incident,
    };
    let by = protocol.mature(&mut machine, kind::RESUME, &args);
    protocol.must(&mut machine, &[ix::resume(by, args)], &[]);
    // Filled but for a rest, seen so for a month.
    for _ in 0..30 {
        assert!(!short(&mut machine, &protocol, 30_000));
        machine.warp_seconds(86_400);
    }
    for _ in 0..30 {
        assert!(!short(&mut machine, &protocol, 900_000), "the theft would latch");
        machine.warp_seconds(86_400);
    }
}

/// A reopening is void by the first restoration that it did not know of, and not by the second.
#[test]
fn a_reopening_runs_though_a_restoration_was_chosen_since() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(20));
    let protocol = &recovery.protocol;
    recovery.restore(&mut machine);
    machine.next_slot();
    let args = ReopenArgs {
        incident: recovery.incident,
        stage_bps: 10_000,
        grace_seconds: 0,
    };
    let reopen = protocol.mature(&mut machine, kind::REOPEN, &args);
    // Ledger 1 has its vote as well, as it would have been held.
    let second = pda::snapshot(&recovery.incident, 1);
    let mut snapshot: Snapshot = machine.load(&recovery.snapshot);
    snapshot.ledger_index = 1;
    snapshot.tag = merkle::tag(&bulkhead::ID, &second, 1);
    forge(&mut machine, &second, &snapshot);
    let mut ballot: Ballot = machine.load(&recovery.ballot);
    ballot.ledger_index = 1;
    ballot.candidates[0].snapshot = second;
    forge(&mut machine, &pda::ballot(&recovery.incident, 1), &ballot);
    let mut choose = recovery.args();
    (choose.ledger_index, choose.snapshot) = (1, second);
    let by = protocol.mature(&mut machine, kind::CHOOSE_RESTORATION, &choose);
    recovery
        .choose(&mut machine, by, choose)
        .expect("the second ledger's restoration");
    assert_eq!(protocol.state(&machine).state, phase::RECOVERING);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::reopen(reopen, args)], &[]);
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
}

/// The guardians confirm an evacuation to the route they see. A route that was approved before the alarm, and kept, takes
/// its place in the transaction that evacuates.
#[test]
fn a_route_of_peace_takes_what_guardians_confirmed_for_another() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    let args = RegisterRouteArgs {
        vault: protocol.vault.vault,
        destination: thief,
    };
    let by = protocol.mature(&mut machine, kind::REGISTER_ROUTE, &args);
    machine.warp_seconds(2 * 86_400);
    let incident = protocol.hold(&mut machine);
    let payer = machine.payer.pubkey();
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    protocol.must(
        &mut machine,
        &[
            ix::register_route(by, args),
            ix::evacuate(protocol.vault, incident, thief),
        ],
        &[],
    );
    assert_eq!(machine.balance(&thief), 1_000_000);
    assert_eq!(machine.balance(&protocol.refuge), 0);
}

/// A hole that grows by a unit an hour, as debts with interest do, is news to every resume. Nobody but a stranger who looks
/// has to do anything for it, and the resume lifts nothing.
#[test]
fn a_hole_that_grows_by_a_unit_survives_every_resume() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    write_liabilities(&mut machine, &protocol, 0);
    let args = solvency_args(&protocol);
    let breaker = pda::solvency_breaker(&protocol.domain, args.compartment, &args.liabilities);
    let open = ix::open_solvency_breaker(in_set_up(&protocol), machine.payer.pubkey(), args);
    for each in [open, ix::activate_domain(protocol.namespace.pubkey())] {
        configure(&mut machine, &protocol, each).expect("set up");
    }
    let mut missing = 500_000;
    assert!(short(&mut machine, &protocol, missing));
    let crank = propagate(&machine, &protocol, breaker);
    protocol.must(&mut machine, &[crank], &[]);
    for _ in 0..5 {
        let args = ResumeArgs {
            incident: protocol.state(&machine).open_incident,
        };
        let by = protocol.mature(&mut machine, kind::RESUME, &args);
        // The latch, of an hour, has run out while the delay lasted.
        missing += 1;
        assert!(short(&mut machine, &protocol, missing), "one unit more is news");
        let crank = propagate(&machine, &protocol, breaker);
        protocol.must(&mut machine, &[crank], &[]);
        machine.next_slot();
        protocol.must(&mut machine, &[ix::resume(by, args)], &[]);
        assert_eq!(protocol.state(&machine).state, phase::ALERT);
    }
}
