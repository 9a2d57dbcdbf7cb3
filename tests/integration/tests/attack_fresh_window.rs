//! Attack: proposals to close an outflow breaker and to open it again, for another parameter, have matured. Whoever
//! robbed the host cranks both right after he took T: the window is empty, what a guardian lowered since is whole, and
//! he takes T again. Succeeds when the attack does.

use bulkhead::instructions::{CloseDetectorArgs, LowerLimitArgs, OpenBreakerArgs};
use bulkhead_client::instructions as ix;
use bulkhead_interface::{constants::kind, layout::OutflowBreaker};
use bulkhead_tests::{receiver, world};
use solana_signer::Signer;

#[test]
fn a_breaker_that_is_closed_and_opened_again_pays_t_twice_in_a_window() {
    let (mut machine, protocol) = world();
    let old: OutflowBreaker = machine.load(&protocol.vault.breaker);
    let close = CloseDetectorArgs {
        detector: protocol.vault.breaker,
        receiver: machine.payer.pubkey(),
    };
    // All as it is, but for how long a latch lasts.
    let open = OpenBreakerArgs {
        compartment: old.compartment,
        mint: old.mint,
        authority: old.authority,
        sub_windows: old.sub_windows,
        trip_scope: old.latch.scope,
        window_seconds: old.window_seconds,
        limit: old.limit,
        slot_limit: old.slot_limit,
        trip_limit: old.trip_limit,
        latch_seconds: old.latch.seconds - 1,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let by_close = protocol.mature(&mut machine, kind::CLOSE_DETECTOR, &close);
    let by_open = protocol.mature(&mut machine, kind::OPEN_BREAKER, &open);

    let thief = receiver(&mut machine, &protocol, "thief");
    let mut index = 0;
    let mut take = |machine: &mut bulkhead_sim::Machine, amount: u64| {
        machine.next_slot();
        protocol.release(machine, thief, amount, index).expect("a verdict");
        index += 1;
    };
    take(&mut machine, old.limit / 2);
    take(&mut machine, old.limit / 2);
    assert_eq!(machine.balance(&thief), old.limit, "T");
    // A guardian has noticed.
    let lower = LowerLimitArgs {
        limit: old.limit / 2,
        slot_limit: old.slot_limit / 2,
        ..LowerLimitArgs::default()
    };
    let guardian = &protocol.members[2];
    let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), protocol.vault.breaker, lower);
    protocol.must(&mut machine, &[lower], &[guardian]);

    let payer = machine.payer.pubkey();
    machine
        .send(&[ix::close_detector(by_close, close)], &[])
        .expect("it has matured");
    machine
        .send(&[ix::open_breaker(by_open, payer, open)], &[])
        .expect("it has matured");
    take(&mut machine, old.limit / 2);
    take(&mut machine, old.limit / 2);
    assert_eq!(machine.balance(&thief), 2 * old.limit, "T again, within seconds");
}
