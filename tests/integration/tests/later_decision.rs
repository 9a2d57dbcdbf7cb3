//! Of two matured decisions about one setting the later one holds. Anyone executes a matured proposal whenever they like, so
//! each test is somebody who kept an older one until the newer had run.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::{Arguments, Decision},
    error::BulkheadError,
    instructions::{
        CancelReleasesArgs, CloseDetectorArgs, OpenBreakerArgs, OpenCheckpointLogArgs, RegisterEmergencyActionArgs,
        RegisterEvacuationRouteArgs, RegisterPeerArgs, SetLimitArgs, SetLinkArgs,
    },
};
use bulkhead_client::{
    instructions as ix,
    payload::{self, Payload},
    pda,
};
use bulkhead_core::{acts::At, proposals::proposal::Status};
use bulkhead_interface::{
    constants::{latch_state, verdict},
    layout::{CheckpointLog, EmergencyAction, Link, OutflowBreaker, Peer, Proposal, Vault},
};
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules},
    linked::{link_args, pair},
    peers::{peer_args, peer_of},
    receiver, refused, world,
};
use solana_instruction::Instruction;
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const DAY: i64 = 86_400;

/// Where a proposal stands, as people are shown it.
fn shown(machine: &Machine, protocol: &Protocol, by: &ix::Authority, payload: &Payload) -> Status {
    let proposal: Proposal = machine.load(&by.proposal.expect("it names one"));
    let clock = machine.clock();
    let at = At {
        slot: clock.slot,
        now: clock.unix_timestamp,
    };
    let read = |key: &Pubkey| machine.account(key).map(|account| (account.owner, account.data));
    payload::progress(&proposal, payload, &protocol.council(machine), &read, at).status
}

/// Matures `older`, then `newer`, executes the newer one and sees the older one refused. Returns a slot
/// between the two.
fn keep_and_execute<A: Arguments + Clone + Into<Decision>>(
    machine: &mut Machine,
    protocol: &Protocol,
    [older, newer]: [&A; 2],
    execute: impl Fn(ix::Authority, &A) -> Instruction,
) -> u64 {
    let kept = protocol.mature(machine, older);
    let slot = machine.clock().slot;
    let last = protocol.mature(machine, newer);
    for (by, args) in [(&kept, older), (&last, newer)] {
        assert_eq!(
            shown(machine, protocol, by, &Payload::Known(args.clone().into())),
            Status::Ready
        );
    }
    protocol.must(machine, &[execute(last, newer)], &[]);
    machine.next_slot();
    assert_eq!(
        shown(machine, protocol, &kept, &Payload::Known(older.clone().into())),
        Status::Refused
    );
    refused(machine.send(&[execute(kept, older)], &[]), BulkheadError::DecidedSince);
    slot
}

#[test]
fn an_older_list_of_cancelled_releases_does_not_take_the_place_of_a_newer_one() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let list = |byte| CancelReleasesArgs {
        vault,
        root: [byte; 32],
    };
    let execute = |by, args: &CancelReleasesArgs| ix::cancel_releases(by, args.clone());
    let slot = keep_and_execute(&mut machine, &protocol, [&list(1), &list(2)], execute);
    let vault: Vault = machine.load(&vault);
    assert_eq!(vault.cancel_root, [2; 32]);
    assert!(vault.cancel_decided_slot > slot);
}

/// In order, each takes the place of the last.
#[test]
fn decisions_in_the_order_they_were_made_all_run() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let lists = [1, 2].map(|byte| CancelReleasesArgs {
        vault,
        root: [byte; 32],
    });
    let matured = lists.each_ref().map(|list| protocol.mature(&mut machine, list));
    for (by, list) in matured.into_iter().zip(&lists) {
        protocol.must(&mut machine, &[ix::cancel_releases(by, list.clone())], &[]);
        assert_eq!(machine.load::<Vault>(&vault).cancel_root, list.root);
        machine.next_slot();
    }
}

#[test]
fn an_older_route_does_not_take_the_place_of_a_newer_one() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let [first, second] = ["first", "second"].map(|name| RegisterEvacuationRouteArgs {
        vault,
        destination: receiver(&mut machine, &protocol, name),
    });
    let execute = |by, args: &RegisterEvacuationRouteArgs| ix::register_evacuation_route(by, args.clone());
    keep_and_execute(&mut machine, &protocol, [&first, &second], execute);
    assert_eq!(machine.load::<Vault>(&vault).route, second.destination);
}

#[test]
fn older_limits_do_not_take_the_place_of_newer_ones() {
    let (mut machine, protocol) = world();
    let breaker = protocol.vault.breaker;
    let limits = |limit| SetLimitArgs {
        breaker,
        limit,
        slot_limit: limit,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
        trip_limit: 0,
        trip_bps: 0,
    };
    let execute = |by, args: &SetLimitArgs| ix::set_limit(by, args.clone());
    keep_and_execute(&mut machine, &protocol, [&limits(900_000), &limits(1_000)], execute);
    assert_eq!(machine.load::<OutflowBreaker>(&breaker).limit, 1_000);
}

#[test]
fn an_older_link_does_not_take_the_place_of_a_newer_one() {
    let (mut machine, upstream, protocol) = pair();
    let payer = machine.payer.pubkey();
    let closes = |compartments| SetLinkArgs {
        compartments,
        ..link_args(&upstream)
    };
    let execute = |by, args: &SetLinkArgs| ix::set_link(by, payer, args.clone());
    keep_and_execute(&mut machine, &protocol, [&closes(0), &closes(0b11)], execute);
    let link: Link = machine.load(&pda::link(&protocol.domain, &upstream.domain));
    assert_eq!(link.compartments, 0b11);
}

#[test]
fn older_terms_of_a_peer_do_not_take_the_place_of_newer_ones() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let closes = |compartments| RegisterPeerArgs {
        compartments,
        ..peer_args()
    };
    let execute = |by, args: &RegisterPeerArgs| ix::register_peer(by, payer, args.clone());
    keep_and_execute(&mut machine, &protocol, [&closes(0b1), &closes(0b10)], execute);
    assert_eq!(machine.load::<Peer>(&peer_of(&protocol).peer).compartments, 0b10);
}

#[test]
fn older_checkpoint_rules_do_not_take_the_place_of_newer_ones() {
    let Watched {
        mut machine,
        protocol,
        log,
    } = Watched::new();
    let payer = machine.payer.pubkey();
    let bears = |tolerance_bps| OpenCheckpointLogArgs {
        tolerance_bps,
        ..rules()
    };
    let execute = |by, args: &OpenCheckpointLogArgs| ix::open_checkpoint_log(by, payer, args.clone());
    keep_and_execute(&mut machine, &protocol, [&bears(90), &bears(10)], execute);
    assert_eq!(machine.load::<CheckpointLog>(&log).tolerance_bps, 10);
}

#[test]
fn an_older_emergency_action_does_not_take_the_place_of_a_newer_one() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let call = |byte| RegisterEmergencyActionArgs {
        index: 0,
        instruction: ix::stored(&Instruction {
            program_id: keypair("a host").pubkey(),
            accounts: vec![],
            data: vec![byte],
        }),
    };
    let execute = |by, args: &RegisterEmergencyActionArgs| ix::register_emergency_action(by, payer, args.clone());
    let slot = keep_and_execute(&mut machine, &protocol, [&call(1), &call(2)], execute);
    let bytes = machine
        .account(&pda::emergency_action(&protocol.domain, 0))
        .expect("it is registered")
        .data;
    assert_eq!(bytes.last(), Some(&2));
    let header = bytes.get(8..8 + size_of::<EmergencyAction>()).expect("a whole header");
    let header: EmergencyAction = bytemuck::pod_read_unaligned(header);
    assert!(header.decided_slot > slot);
}

fn breaker(machine: &Machine, protocol: &Protocol) -> OutflowBreaker {
    machine.load(&protocol.vault.breaker)
}

/// What opens a vault's breaker again with another limit.
fn opening(old: &OutflowBreaker, limit: u64) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: old.compartment,
        mint: old.mint,
        authority: old.authority,
        sub_windows: old.sub_windows,
        trip_scope: old.latch.scope,
        window_seconds: old.window_seconds,
        limit,
        slot_limit: limit,
        latch_seconds: old.latch.seconds,
        shards: 1,
        ..OpenBreakerArgs::default()
    }
}

/// More than its trip limit is asked of the vault; the latch is carried to the board.
fn breach(machine: &mut Machine, protocol: &Protocol) -> Pubkey {
    machine.next_slot();
    let thief = receiver(machine, protocol, "thief");
    protocol.release(machine, thief, 7 * LIMIT, 1).expect("it waits");
    assert_eq!(breaker(machine, protocol).latch.state, latch_state::LATCHED);
    let trip = ix::propagate_trip(protocol.domain, machine.payer.pubkey(), protocol.vault.breaker, 0);
    protocol.must(machine, &[trip], &[]);
    machine.next_slot();
    thief
}

fn closing(machine: &Machine, protocol: &Protocol) -> CloseDetectorArgs {
    CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: machine.payer.pubkey(),
    }
}

/// A closing that was left over closes what was opened since, and all withdrawals of the vault fail.
#[test]
fn a_closing_does_not_close_what_was_opened_by_a_later_decision() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let (close, open) = (closing(&machine, &protocol), opening(&old, LIMIT));
    let left_over = protocol.mature(&mut machine, &close);
    let by_close = protocol.mature(&mut machine, &close);
    let by_open = protocol.mature(&mut machine, &open);
    protocol.must(&mut machine, &[ix::close_detector(by_close, close.clone())], &[]);
    protocol.must(&mut machine, &[ix::open_breaker(by_open, payer, open)], &[]);
    machine.warp_seconds(2 * old.window_seconds);
    let user = receiver(&mut machine, &protocol, "user");
    let payload = Payload::Known(Decision::CloseDetector(close.clone()));
    assert_eq!(shown(&machine, &protocol, &left_over, &payload), Status::Refused);
    refused(
        machine.send(&[ix::close_detector(left_over, close)], &[]),
        BulkheadError::DecidedSince,
    );
    let outcome = protocol.release(&mut machine, user, 1, 2).expect("a verdict");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
}

/// An opening that was left over takes an address that a later decision has freed.
#[test]
fn nothing_is_opened_by_a_decision_from_before_the_closing() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let (close, open) = (closing(&machine, &protocol), opening(&old, 8 * LIMIT));
    let left_over = protocol.mature(&mut machine, &open);
    let by_close = protocol.mature(&mut machine, &close);
    protocol.must(&mut machine, &[ix::close_detector(by_close, close)], &[]);
    machine.next_slot();
    let payload = Payload::Known(Decision::OpenBreaker(open.clone()));
    assert_eq!(shown(&machine, &protocol, &left_over, &payload), Status::Refused);
    refused(
        machine.send(&[ix::open_breaker(left_over, payer, open)], &[]),
        BulkheadError::DecidedSince,
    );
}

/// `set_limit` raises nothing by a proposal from before a breach; a closing and an opening from before it do not either.
#[test]
fn a_closing_and_an_opening_from_before_a_breach_raise_nothing_after_it() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let (close, open) = (closing(&machine, &protocol), opening(&old, 8 * LIMIT));
    let by_close = protocol.mature(&mut machine, &close);
    let by_open = protocol.mature(&mut machine, &open);
    let thief = breach(&mut machine, &protocol);
    // Whoever makes a detector latch does not keep it.
    protocol.must(&mut machine, &[ix::close_detector(by_close, close)], &[]);
    refused(
        machine.send(&[ix::open_breaker(by_open, payer, open)], &[]),
        BulkheadError::DecidedSince,
    );
    // One that knows of the breach opens it.
    let open = opening(&old, LIMIT);
    let by_open = protocol.mature(&mut machine, &open);
    protocol.must(&mut machine, &[ix::open_breaker(by_open, payer, open)], &[]);
    machine.warp_seconds(4 * DAY);
    let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, 1));
    protocol.must(&mut machine, &[settle], &[]);
    assert!(machine.balance(&thief) <= LIMIT, "more than a window's limit");
}

/// Limits that a breach has voided are not taken by the breaker that was opened after it.
#[test]
fn limits_from_before_a_breach_are_not_put_on_a_breaker_that_was_opened_after_it() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let high = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 8 * LIMIT,
        slot_limit: 8 * LIMIT,
        ..SetLimitArgs::default()
    };
    let left_over = protocol.mature(&mut machine, &high);
    breach(&mut machine, &protocol);
    let payload = Payload::Known(Decision::SetLimit(high.clone()));
    assert_eq!(shown(&machine, &protocol, &left_over, &payload), Status::Refused);
    refused(
        machine.send(&[ix::set_limit(left_over, high.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let (close, open) = (closing(&machine, &protocol), opening(&old, LIMIT / 2));
    let by_close = protocol.mature(&mut machine, &close);
    let by_open = protocol.mature(&mut machine, &open);
    protocol.must(&mut machine, &[ix::close_detector(by_close, close)], &[]);
    protocol.must(&mut machine, &[ix::open_breaker(by_open, payer, open)], &[]);
    machine.next_slot();
    refused(
        machine.send(&[ix::set_limit(left_over, high)], &[]),
        BulkheadError::DecidedSince,
    );
    assert_eq!(breaker(&machine, &protocol).limit, LIMIT / 2);
}

/// A latch that is not on the board stops a closing, and people are shown that.
#[test]
fn a_closing_that_a_latch_stops_is_shown_as_refused() {
    let (mut machine, protocol) = world();
    let close = closing(&machine, &protocol);
    let by = protocol.mature(&mut machine, &close);
    machine.next_slot();
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 3 * LIMIT, 1).expect("it waits");
    let payload = Payload::Known(Decision::CloseDetector(close.clone()));
    assert_eq!(shown(&machine, &protocol, &by, &payload), Status::Refused);
    refused(
        machine.send(&[ix::close_detector(by, close)], &[]),
        BulkheadError::LatchInForce,
    );
}
