//! Attack: run a decision that knew less than there is by now. Each test succeeds when the attack does.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterRouteArgs, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    merkle,
    proposal::{Status, standing},
};
use bulkhead_interface::{
    constants::{kind, phase},
    layout::{Ballot, Proposal, Snapshot},
};
use bulkhead_sim::DELAY_SECONDS;
use bulkhead_tests::{
    receiver,
    recovery::{Recovery, forge, positions},
    refused, world,
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

/// The one rule of where a proposal stands says "ready" of a resume that the program refuses.
#[test]
fn a_resume_that_is_shown_as_ready_is_refused() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let guardian = &protocol.members[0];
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[guardian]);
    let incident = pda::incident(&protocol.domain, 0);
    let args = ResumeArgs { incident };
    let resume = protocol.mature(&mut machine, kind::RESUME, &args);
    protocol.confirm(&mut machine, incident);
    machine.warp_seconds(DELAY_SECONDS);
    let proposal: Proposal = machine.load(&resume.proposal.expect("one"));
    let now = machine.clock().unix_timestamp;
    assert_eq!(
        standing(&proposal, &protocol.council(&machine), now).status,
        Status::Ready
    );
    refused(
        machine.send(&[ix::resume(resume, args)], &[]),
        BulkheadError::TightenedSince,
    );
}
