//! Attack on "what is shown is what the program does": shown as ready to run, and refused. Each test succeeds when the
//! attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{CloseDetectorArgs, SetLimitArgs},
};
use bulkhead_client::{
    instructions as ix,
    payload::{self, Payload},
    pda,
};
use bulkhead_core::{acts::At, proposal::Status};
use bulkhead_interface::{constants::kind, layout::Proposal};
use bulkhead_sim::{Machine, Protocol};
use bulkhead_tests::{receiver, refused, world};
use solana_signer::Signer;

const LIMIT: u64 = 100_000;

fn shown(machine: &Machine, protocol: &Protocol, authority: &ix::Authority, payload: &Payload) -> Status {
    let proposal: Proposal = machine.load(&authority.proposal.expect("one"));
    let clock = machine.clock();
    let at = At {
        slot: clock.slot,
        now: clock.unix_timestamp,
    };
    let read = |key: &Pubkey| machine.account(key).map(|account| account.data);
    payload::standing(&proposal, payload, &protocol.council(machine), &read, at).status
}

#[test]
fn a_limit_that_a_breach_has_voided_is_shown_as_ready() {
    let (mut machine, protocol) = world();
    let args = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 8 * LIMIT,
        slot_limit: 8 * LIMIT,
        ..SetLimitArgs::default()
    };
    let authority = protocol.mature(&mut machine, kind::SET_LIMIT, &args);
    machine.next_slot();
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 3 * LIMIT, 1).expect("a verdict");
    let status = shown(&machine, &protocol, &authority, &Payload::SetLimit(args.clone()));
    assert_eq!(status, Status::Ready);
    refused(
        machine.send(&[ix::set_limit(authority, args)], &[]),
        BulkheadError::TightenedSince,
    );
}

#[test]
fn a_closing_that_a_latch_stops_is_shown_as_ready() {
    let (mut machine, protocol) = world();
    let args = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: machine.payer.pubkey(),
    };
    let authority = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &args);
    machine.next_slot();
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 3 * LIMIT, 1).expect("a verdict");
    let status = shown(&machine, &protocol, &authority, &Payload::CloseDetector(args.clone()));
    assert_eq!(status, Status::Ready);
    refused(
        machine.send(&[ix::close_detector(authority, args)], &[]),
        BulkheadError::LatchInForce,
    );
    let _ = pda::board(&protocol.domain);
}
