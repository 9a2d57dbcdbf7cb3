//! Attacks on "a decision is about what was known when it was proposed": two matured proposals, of which anyone executes
//! the older one last. Each test succeeds when the attack does.

use bulkhead::{
    call::StoredInstruction,
    error::BulkheadError,
    instructions::{
        CloseDetectorArgs, OpenBreakerArgs, OpenCheckpointLogArgs, RegisterPlaybookArgs, RegisterRouteArgs,
        SetLimitArgs, SetLinkArgs,
    },
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{kind, latch_state, phase, verdict},
    layout::{CheckpointLog, Link, OutflowBreaker, Vault},
};
use bulkhead_sim::{Machine, Protocol, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules},
    linked::{domains, link_args},
    receiver, refused, world,
};
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const DAY: i64 = 86_400;

fn breaker(machine: &Machine, protocol: &Protocol) -> OutflowBreaker {
    machine.load(&protocol.vault.breaker)
}

/// A newer decision lowers the limit to a tenth; whoever wants it back cranks the older one after it.
#[test]
fn an_older_limit_undoes_a_newer_one() {
    let (mut machine, protocol) = world();
    let limits = |limit| SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit,
        slot_limit: limit,
        ..SetLimitArgs::default()
    };
    let (high, low) = (limits(8 * LIMIT), limits(LIMIT / 10));
    let older = protocol.mature(&mut machine, kind::SET_LIMIT, &high);
    let newer = protocol.mature(&mut machine, kind::SET_LIMIT, &low);
    protocol.must(&mut machine, &[ix::set_limit(newer, low)], &[]);
    assert_eq!(breaker(&machine, &protocol).limit, LIMIT / 10);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::set_limit(older, high)], &[]);
    assert_eq!(breaker(&machine, &protocol).limit, 8 * LIMIT);
    let thief = receiver(&mut machine, &protocol, "thief");
    let outcome = protocol.release(&mut machine, thief, 7 * LIMIT, 1).expect("a verdict");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    assert_eq!(machine.balance(&thief), 7 * LIMIT);
}

/// The recovery account that was to be replaced (its holder's key is known to be stolen) takes the evacuation.
#[test]
fn an_older_route_replaces_a_newer_one_and_takes_the_evacuation() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let thief = keypair("holder whose key was stolen since").pubkey();
    let stolen = machine.create_associated(&protocol.mint, &thief, 0);
    let safe = keypair("safe recovery account").pubkey();
    machine.create_token_account(&safe, &protocol.mint, &protocol.domain, 0);
    let args = |destination| RegisterRouteArgs { vault, destination };
    let older = protocol.mature(&mut machine, kind::REGISTER_ROUTE, &args(stolen));
    let newer = protocol.mature(&mut machine, kind::REGISTER_ROUTE, &args(safe));
    protocol.must(&mut machine, &[ix::register_route(newer, args(safe))], &[]);
    machine.next_slot();
    // Nobody of the council: the holder of the stolen key cranks it when the theft begins, right before the hold.
    protocol.must(&mut machine, &[ix::register_route(older, args(stolen))], &[]);
    assert_eq!(machine.load::<Vault>(&vault).route, stolen);
    let incident = protocol.hold(&mut machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[guardian]);
    }
    protocol.must(&mut machine, &[ix::evacuate(protocol.vault, incident, stolen)], &[]);
    assert_eq!(machine.balance(&stolen), 1_000_000);
}

fn same(old: &OutflowBreaker, limit: u64) -> OpenBreakerArgs {
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

/// A closing that was proposed before the breaker at this address was opened closes it: all withdrawals of the vault fail
/// until another proposal has matured.
#[test]
fn an_older_closing_closes_what_was_opened_since() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: payer,
    };
    let open = same(&old, LIMIT);
    let left_over = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    let by_close = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    let by_open = protocol.mature(&mut machine, kind::OPEN_BREAKER, &open);
    protocol.must(&mut machine, &[ix::close_detector(by_close, close.clone())], &[]);
    protocol.must(&mut machine, &[ix::open_breaker(by_open, payer, open)], &[]);
    machine.warp_seconds(2 * old.window_seconds);
    let user = receiver(&mut machine, &protocol, "user");
    let outcome = protocol.release(&mut machine, user, 1, 1).expect("a verdict");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::close_detector(left_over, close)], &[]);
    assert!(
        protocol.release(&mut machine, user, 1, 2).is_err(),
        "nobody withdraws any more"
    );
}

/// `set_limit` refuses to raise limits by a proposal from before a breach; closing and opening again does it.
#[test]
fn a_closing_and_an_opening_from_before_a_breach_raise_the_limits_after_it() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: payer,
    };
    let open = same(&old, 8 * LIMIT);
    let by_close = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    let by_open = protocol.mature(&mut machine, kind::OPEN_BREAKER, &open);
    machine.next_slot();
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 7 * LIMIT, 1).expect("a verdict");
    assert_eq!(breaker(&machine, &protocol).latch.state, latch_state::LATCHED);
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    protocol.must(&mut machine, &[trip], &[]);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::close_detector(by_close, close)], &[]);
    protocol.must(&mut machine, &[ix::open_breaker(by_open, payer, open)], &[]);
    let raised = breaker(&machine, &protocol);
    assert_eq!((raised.limit, raised.latch.state), (8 * LIMIT, latch_state::ARMED));
    assert_eq!(protocol.state(&machine).state, phase::ALERT);
    // Guardians take it for a false alarm, or are late: when the trip has lapsed, what waits is paid at once.
    machine.warp_seconds(4 * DAY);
    let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, 1));
    protocol.must(&mut machine, &[settle], &[]);
    assert_eq!(machine.balance(&thief), 7 * LIMIT, "seven times T in one window");
}

/// A link that was switched on by the newer decision is off after the older one.
#[test]
fn an_older_link_undoes_a_newer_one() {
    let (mut machine, all) = domains(&["upstream", "downstream"], &[]);
    let [upstream, downstream] = &all[..] else {
        unreachable!()
    };
    let payer = machine.payer.pubkey();
    let on = link_args(upstream);
    let off = SetLinkArgs {
        compartments: 0,
        ..link_args(upstream)
    };
    let older = downstream.mature(&mut machine, kind::SET_LINK, &off);
    let newer = downstream.mature(&mut machine, kind::SET_LINK, &on);
    downstream.must(&mut machine, &[ix::set_link(newer, payer, on)], &[]);
    machine.next_slot();
    downstream.must(&mut machine, &[ix::set_link(older, payer, off)], &[]);
    let link: Link = machine.load(&pda::link(&downstream.domain, &upstream.domain));
    assert_eq!(link.compartments, 0);
}

/// Rules of a checkpoint log that are stricter by the newer decision are the lax ones again.
#[test]
fn older_rules_of_a_log_undo_newer_ones() {
    let Watched {
        mut machine,
        protocol,
        log,
    } = Watched::new();
    let payer = machine.payer.pubkey();
    let lax = OpenCheckpointLogArgs {
        threshold: 1,
        ..rules()
    };
    let strict = OpenCheckpointLogArgs {
        threshold: 3,
        published_only: true,
        ..rules()
    };
    let older = protocol.mature(&mut machine, kind::OPEN_CHECKPOINT_LOG, &lax);
    let newer = protocol.mature(&mut machine, kind::OPEN_CHECKPOINT_LOG, &strict);
    protocol.must(&mut machine, &[ix::open_checkpoint_log(newer, payer, strict)], &[]);
    assert_eq!(machine.load::<CheckpointLog>(&log).threshold, 3);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::open_checkpoint_log(older, payer, lax)], &[]);
    let now: CheckpointLog = machine.load(&log);
    assert_eq!((now.threshold, now.flags), (1, 0));
}

/// Limits from before a breach, refused after it, are taken by a breaker that was closed and opened since: the decision is
/// older than what it changes.
#[test]
fn limits_from_before_a_breach_are_put_on_a_breaker_that_was_opened_after_it() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let old = breaker(&machine, &protocol);
    let high = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 8 * LIMIT,
        slot_limit: 8 * LIMIT,
        ..SetLimitArgs::default()
    };
    let left_over = protocol.mature(&mut machine, kind::SET_LIMIT, &high);
    machine.next_slot();
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 7 * LIMIT, 1).expect("a verdict");
    let trip = ix::propagate_trip(protocol.domain, payer, protocol.vault.breaker, 0);
    protocol.must(&mut machine, &[trip], &[]);
    refused(
        machine.send(&[ix::set_limit(left_over, high.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    // The council knows of the breach, and opens the breaker anew with half the limit.
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: payer,
    };
    let open = same(&old, LIMIT / 2);
    let by_close = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    let by_open = protocol.mature(&mut machine, kind::OPEN_BREAKER, &open);
    protocol.must(&mut machine, &[ix::close_detector(by_close, close)], &[]);
    protocol.must(&mut machine, &[ix::open_breaker(by_open, payer, open)], &[]);
    assert_eq!(breaker(&machine, &protocol).limit, LIMIT / 2);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::set_limit(left_over, high)], &[]);
    assert_eq!(breaker(&machine, &protocol).limit, 8 * LIMIT);
}

/// A playbook that was taken out of use by a newer decision is the guardians' again.
#[test]
fn an_older_playbook_replaces_a_newer_one() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let playbook = |word: u8| RegisterPlaybookArgs {
        index: 0,
        instruction: StoredInstruction {
            program_id: protocol.host_program,
            accounts: vec![],
            data: vec![word],
        },
    };
    let (dangerous, harmless) = (playbook(1), playbook(2));
    let older = protocol.mature(&mut machine, kind::REGISTER_PLAYBOOK, &dangerous);
    let newer = protocol.mature(&mut machine, kind::REGISTER_PLAYBOOK, &harmless);
    protocol.must(&mut machine, &[ix::register_playbook(newer, payer, harmless)], &[]);
    machine.next_slot();
    protocol.must(&mut machine, &[ix::register_playbook(older, payer, dangerous)], &[]);
    let key = pda::playbook(&protocol.domain, 0);
    let data = machine.account(&key).expect("it is there").data;
    assert_eq!(data.last(), Some(&1));
}
