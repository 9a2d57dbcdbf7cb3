//! Attacks by closing a breaker and opening it again at its address: each test succeeds when the attack does.

use bulkhead::{
    error::BulkheadError,
    instructions::{CloseDetectorArgs, LowerLimitArgs, OpenBreakerArgs, SetLimitArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, kind, verdict},
    layout::OutflowBreaker,
};
use bulkhead_sim::{DELAY_SECONDS, Machine, Protocol, Setup};
use bulkhead_tests::{receiver, refused, world_with};
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const WEEK: i64 = 7 * 86_400;

fn same(protocol: &Protocol) -> OpenBreakerArgs {
    OpenBreakerArgs {
        compartment: 0,
        shard: 0,
        mint: protocol.mint,
        authority: protocol.vault.vault,
        sub_windows: 12,
        trip_scope: SCOPE_DOMAIN,
        window_seconds: WEEK,
        limit: LIMIT,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        latch_seconds: 3_600,
        shards: 1,
        ..OpenBreakerArgs::default()
    }
}

fn site() -> (Machine, Protocol) {
    world_with(&Setup {
        window_seconds: WEEK,
        slot_limit: LIMIT,
        trip_limit: 2 * LIMIT,
        ..Setup::default()
    })
}

/// "What has left stays counted, so a new limit never comes with a fresh burst": not through closing and opening.
#[test]
fn a_breaker_opened_again_forgets_what_left_in_the_window() {
    let (mut machine, protocol) = site();
    let payer = machine.payer.pubkey();
    let user = receiver(&mut machine, &protocol, "user");
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: payer,
    };
    machine.next_slot();
    // Both mature in peace.
    let open = protocol.mature(&mut machine, kind::OPEN_BREAKER, &same(&protocol));
    let closing = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    let outcome = protocol.release(&mut machine, user, LIMIT, 1).expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    let steps = [
        ix::close_detector(closing, close),
        ix::open_breaker(open, payer, same(&protocol)),
        ix::release(protocol.vault, protocol.operator.pubkey(), payer, user, LIMIT, 2),
    ];
    // In the same slot, in one transaction.
    protocol.must(&mut machine, &steps, &[&protocol.operator]);
    assert_eq!(machine.balance(&user), 2 * LIMIT, "twice T in one slot");
}

/// A proposal from before a guardian lowered the limits cannot set them; the pair of closing and opening can.
#[test]
fn a_guardians_lowering_is_undone_by_proposals_from_before_it() {
    let (mut machine, protocol) = site();
    let payer = machine.payer.pubkey();
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: payer,
    };
    let set = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: LIMIT,
        slot_limit: LIMIT,
        ..SetLimitArgs::default()
    };
    let setting = protocol.mature(&mut machine, kind::SET_LIMIT, &set);
    let open = protocol.mature(&mut machine, kind::OPEN_BREAKER, &same(&protocol));
    let closing = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    machine.warp_seconds(DELAY_SECONDS);
    let guardian = &protocol.members[0];
    let lower = LowerLimitArgs {
        limit: LIMIT / 2,
        slot_limit: LIMIT / 2,
        ..LowerLimitArgs::default()
    };
    let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), protocol.vault.breaker, lower);
    protocol.must(&mut machine, &[lower], &[guardian]);
    machine.next_slot();
    refused(
        machine.send(&[ix::set_limit(setting, set)], &[]),
        BulkheadError::TightenedSince,
    );
    let steps = [
        ix::close_detector(closing, close),
        ix::open_breaker(open, payer, same(&protocol)),
    ];
    protocol.must(&mut machine, &steps, &[]);
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!((breaker.limit, breaker.lowered_until), (LIMIT, 0));
}
