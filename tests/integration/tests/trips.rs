//! What trips: what is asked for under the limits that hold, and never what left, waited or was seen under others.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{CloseDetectorArgs, OpenBreakerArgs, ReopenArgs, ResumeArgs, SetLimitArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, latch_state, phase, verdict},
    layout::OutflowBreaker,
};
use bulkhead_testbed::{Machine, Protocol, Setup};
use bulkhead_tests::{receiver, refused, world_with};
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;

/// A protocol whose window is longer than any decision takes.
fn site() -> (Machine, Protocol) {
    world_with(&Setup {
        window_seconds: WEEK,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        ..Setup::default()
    })
}

fn breaker(machine: &Machine, protocol: &Protocol) -> OutflowBreaker {
    machine.load(&protocol.vault.breaker)
}

fn evacuate(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(machine, &[evacuate], &[]);
}

fn resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
}

/// Asks for an amount that has to wait, and nothing more comes of it.
fn only_waits(machine: &mut Machine, protocol: &Protocol, user: Pubkey, amount: u64, number: u64) {
    let outcome = protocol.release(machine, user, amount, number).expect("no error");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    assert_eq!(breaker(machine, protocol).latch.state, latch_state::ARMED, "{amount}");
    let payer = machine.payer.pubkey();
    let incidents = protocol.state(machine).incident_count;
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, incidents);
    refused(machine.send(&[trip], &[]), BulkheadError::NotLatched);
    assert_eq!(protocol.state(machine).state, phase::OPERATING);
}

/// Whoever looks at an emptied vault's balance closes its window. It trips nothing.
#[test]
fn a_look_at_an_evacuated_vault_does_not_trip_the_reopened_domain() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let payer = machine.payer.pubkey();
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: payer,
    };
    let open = OpenBreakerArgs {
        compartment: 0,
        shard: 0,
        mint: protocol.mint,
        authority: protocol.vault.vault,
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: WEEK,
        limit: LIMIT,
        slot_limit: LIMIT,
        latch_seconds: 3_600,
        shards: 1,
        limit_bps: 1_000,
        reference: protocol.custody(),
        ..OpenBreakerArgs::default()
    };
    for step in [
        ix::close_detector(authority, close),
        ix::open_breaker(authority, payer, open),
        ix::activate_domain(protocol.setup_authority.pubkey()),
    ] {
        protocol.must(&mut machine, &[step], &[&protocol.setup_authority]);
    }
    let incident = protocol.freeze(&mut machine);
    evacuate(&mut machine, &protocol, incident);
    // And with a unit of the stranger's own in it.
    let look = ix::observe_reference(protocol.vault.breaker, protocol.custody());
    machine
        .send(std::slice::from_ref(&look), &[])
        .expect("a stranger looks");
    machine.mint_to(&protocol.mint, &protocol.custody(), 1);
    machine.warp_seconds(WEEK / 12 + 1);
    machine.send(&[look], &[]).expect("a stranger looks");
    resume(&mut machine, &protocol, incident);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1_000_000);
    let user = receiver(&mut machine, &protocol, "user");
    for (number, amount) in [(1, 1), (2, 60_000), (3, LIMIT)] {
        only_waits(&mut machine, &protocol, user, amount, number);
    }
}

#[test]
fn lower_limits_by_proposal_do_not_latch_on_what_was_asked_before() {
    let (mut machine, protocol) = site();
    let user = receiver(&mut machine, &protocol, "user");
    for (number, amount) in [(1, 45_000), (2, 45_000), (3, 60_000)] {
        protocol.release(&mut machine, user, amount, number).expect("no error");
        machine.next_slot();
    }
    assert_eq!(breaker(&machine, &protocol).queued, 60_000);
    let args = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: LIMIT / 4,
        slot_limit: LIMIT / 4,
        ..SetLimitArgs::default()
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::set_limit(authority, args)], &[]);
    only_waits(&mut machine, &protocol, user, 1, 4);
    only_waits(&mut machine, &protocol, user, LIMIT / 2 - 1, 5);
    let outcome = protocol
        .release(&mut machine, user, 1, 6)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let state = breaker(&machine, &protocol);
    assert_eq!(
        (state.latch.state, state.latch.seen, state.latch.allowed),
        (latch_state::LATCHED, LIMIT / 2 + 1, LIMIT / 2)
    );
}

#[test]
fn a_ramp_does_not_latch_on_what_left_before() {
    let (mut machine, protocol) = site();
    let user = receiver(&mut machine, &protocol, "user");
    for number in [1, 2] {
        protocol
            .release(&mut machine, user, 45_000, number)
            .expect("within limits");
        machine.next_slot();
    }
    let incident = protocol.freeze(&mut machine);
    resume(&mut machine, &protocol, incident);
    let args = ReopenArgs {
        incident,
        ramp_bps: 1_000,
        grace_seconds: 0,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::reopen(authority, args)], &[]);
    // As low as the stage may be, an honest withdrawal waits, and keeps nobody in alert.
    only_waits(&mut machine, &protocol, user, 1, 3);
    only_waits(&mut machine, &protocol, user, LIMIT, 4);
}

#[test]
fn what_an_evacuation_voided_adds_up_no_more() {
    let (mut machine, protocol) = site();
    let (thief, user) = (
        receiver(&mut machine, &protocol, "thief"),
        receiver(&mut machine, &protocol, "user"),
    );
    let outcome = protocol.release(&mut machine, thief, 190_000, 1).expect("it waits");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let incident = protocol.freeze(&mut machine);
    evacuate(&mut machine, &protocol, incident);
    resume(&mut machine, &protocol, incident);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1_000_000);
    only_waits(&mut machine, &protocol, user, LIMIT + 1, 2);
    assert_eq!(breaker(&machine, &protocol).queued, LIMIT + 1);
}

/// A proposal to raise the limits that was approved in peace knows nothing of a breach.
#[test]
fn a_proposal_from_before_a_breach_raises_no_limit_after_it() {
    let (mut machine, protocol) = site();
    let payer = machine.payer.pubkey();
    let user = receiver(&mut machine, &protocol, "user");
    let set = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 8 * LIMIT,
        slot_limit: 8 * LIMIT,
        ..SetLimitArgs::default()
    };
    let setting = protocol.mature(&mut machine, &set);
    machine.next_slot();
    protocol.release(&mut machine, user, 3 * LIMIT, 1).expect("no error");
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    protocol.must(&mut machine, &[trip], &[]);
    machine.next_slot();
    refused(
        machine.send(&[ix::set_limit(setting, set)], &[]),
        BulkheadError::TightenedSince,
    );
    assert_eq!(breaker(&machine, &protocol).limit, LIMIT);
}

/// Somebody with capital takes all that may leave at once, first in every sub-window. A claim that has matured is paid.
#[test]
fn who_fills_every_window_cannot_keep_a_claim_waiting() {
    let (mut machine, protocol) = world_with(&Setup {
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        ..Setup::default()
    });
    let sub = 3_600 / 12;
    let (alice, griefer) = (
        receiver(&mut machine, &protocol, "alice"),
        receiver(&mut machine, &protocol, "griefer"),
    );
    protocol.release(&mut machine, alice, LIMIT + 1, 1).expect("it waits");
    machine.warp_seconds(DAY);
    let settle = ix::settle_release(protocol.vault, alice, pda::release(&protocol.vault.vault, 1));
    let fill = |machine: &mut Machine, number| {
        // The griefer brings in whatever it has got: it is ever the same capital.
        let back = machine.balance(&griefer);
        machine.mint_to(&protocol.mint, &protocol.custody(), back);
        let at = bulkhead_core::breakers::window::Moment {
            slot: machine.clock().slot,
            now: machine.clock().unix_timestamp,
            ramp_bps: 10_000,
            unpaused_slot: 0,
        };
        let room = bulkhead_core::breakers::window::remaining(&breaker(machine, &protocol), &at);
        if room > 0 {
            let outcome = protocol.release(machine, griefer, room, number).expect("within limits");
            assert_eq!(outcome.return_data, [verdict::ALLOWED]);
        }
    };
    let mut tries = 0;
    while machine.balance(&alice) < LIMIT + 1 {
        fill(&mut machine, 1_000 + tries);
        protocol.must(&mut machine, std::slice::from_ref(&settle), &[]);
        machine.warp_seconds(sub);
        tries += 1;
        assert!(tries <= 2 * 13 * 3, "half of T in two rounds of thirteen sub-windows");
    }
}
