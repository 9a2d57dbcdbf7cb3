//! Which breakers are opened, and what one lets out at first.

use super::*;

#[test]
fn a_breaker_that_could_not_hold_is_not_opened() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let sound = breaker_args(&protocol, &keypair("metering host"));
    let out_of_range = [
        OpenBreakerArgs {
            sub_windows: 3,
            ..sound.clone()
        },
        OpenBreakerArgs {
            sub_windows: 25,
            ..sound.clone()
        },
        OpenBreakerArgs {
            window_seconds: 0,
            ..sound.clone()
        },
        OpenBreakerArgs {
            slot_limit: 0,
            ..sound.clone()
        },
        OpenBreakerArgs {
            slot_limit: 101,
            ..sound.clone()
        },
        OpenBreakerArgs {
            latch_seconds: MAX_TRIP_SECONDS + 1,
            ..sound.clone()
        },
    ];
    for args in out_of_range {
        refused(open(&mut machine, &protocol, args), BulkheadError::ArgumentOutOfRange);
    }
    for args in [
        OpenBreakerArgs {
            compartment: 64,
            ..sound.clone()
        },
        OpenBreakerArgs {
            trip_scope: 64,
            ..sound
        },
    ] {
        refused(
            open(&mut machine, &protocol, args),
            BulkheadError::CompartmentOutOfRange,
        );
    }
}

#[test]
fn after_set_up_a_breaker_needs_a_proposal() {
    let (mut machine, protocol) = world();
    let args = breaker_args(&protocol, &keypair("metering host"));
    refused(
        open(&mut machine, &protocol, args.clone()),
        BulkheadError::ProposalRequired,
    );
    let authority = protocol.mature(&mut machine, &args);
    // As sound, and not what was approved.
    let other = OpenBreakerArgs {
        limit: 1_000_000,
        trip_limit: 1_000_000,
        ..args.clone()
    };
    let payer = machine.payer.pubkey();
    refused(
        machine.send(&[ix::open_breaker(authority, payer, other)], &[]),
        BulkheadError::PayloadMismatch,
    );
    protocol.must(&mut machine, &[ix::open_breaker(authority, payer, args)], &[]);
    assert_eq!(machine.load::<OutflowBreaker>(&key(&protocol)).latch.scope, 3);
}

/// Closed and opened again, for another parameter, by proposals that have matured: whoever exploited the host cranks both right
/// after taking T.
#[test]
fn a_breaker_that_is_closed_and_opened_again_pays_nothing_in_its_first_window() {
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
    let by_close = protocol.mature(&mut machine, &close);
    let by_open = protocol.mature(&mut machine, &open);

    let thief = receiver(&mut machine, &protocol, "thief");
    let mut index = 0;
    let mut take = |machine: &mut bulkhead_testbed::Machine, amount: u64| {
        machine.next_slot();
        protocol.release(machine, thief, amount, index).expect("a verdict");
        index += 1;
    };
    take(&mut machine, old.limit / 2);
    take(&mut machine, old.limit / 2);
    assert_eq!(machine.balance(&thief), old.limit, "T");
    // A guardian has noticed: what was proposed before that closes nothing.
    let lower = LowerLimitArgs {
        limit: old.limit / 2,
        slot_limit: old.slot_limit / 2,
        ..LowerLimitArgs::default()
    };
    let guardian = &protocol.members[2];
    let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), protocol.vault.breaker, lower);
    protocol.must(&mut machine, &[lower], &[guardian]);

    let payer = machine.payer.pubkey();
    refused(
        machine.send(&[ix::close_detector(by_close, close.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    // One that knew of it does, and the breaker begins as if everything had just left.
    let by_close = protocol.mature(&mut machine, &close);
    machine
        .send(&[ix::close_detector(by_close, close)], &[])
        .expect("it has matured");
    // So does an opening that was proposed after it, and no other.
    refused(
        machine.send(&[ix::open_breaker(by_open, payer, open.clone())], &[]),
        BulkheadError::DecidedSince,
    );
    let by_open = protocol.mature(&mut machine, &open);
    machine
        .send(&[ix::open_breaker(by_open, payer, open)], &[])
        .expect("it has matured");
    let before = machine.balance(&thief);
    take(&mut machine, old.limit / 2);
    take(&mut machine, old.limit / 2);
    assert_eq!(machine.balance(&thief), before, "nothing more");
    let breaker: OutflowBreaker = machine.load(&protocol.vault.breaker);
    assert_eq!(
        breaker.latch.state,
        latch_state::ARMED,
        "what waits for a fresh breaker is no theft"
    );
    machine.warp_seconds(old.window_seconds * 2);
    take(&mut machine, 1);
    assert_eq!(machine.balance(&thief), before + 1, "it pays from the second window on");
}
