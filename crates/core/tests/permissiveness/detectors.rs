//! Detectors: limits, latches, samples and what they learn.

use super::*;

#[test]
fn limits_go_down_and_latches_stay() {
    let world = World::new();
    let (breaker, at) = (key(10), world.moment());
    tightens(&world, |world| {
        assert_eq!(window::meter(&mut world.breakers[0].1, 500, &at), Verdict::Allowed);
    });
    tightens(&world, |world| world.breakers[0].1.limit = 700);
    loosens(
        &world,
        |world| world.breakers[0].1.limit += 1,
        Loosening::Limit(breaker),
    );
    loosens(
        &world,
        |world| world.breakers[0].1.slot_limit += 1,
        Loosening::Limit(breaker),
    );
    let latched = tightens(&world, |world| {
        assert_eq!(window::meter(&mut world.breakers[0].1, 601, &at), Verdict::Queued);
    });
    loosens(
        &latched,
        |world| world.breakers[0].1.latch.until -= 1,
        Loosening::Latch(breaker),
    );
    loosens(
        &latched,
        |world| world.board.unpaused_slot = SLOT + 1,
        Loosening::Latch(breaker),
    );
    let used = tightens(&world, |world| {
        assert_eq!(window::meter(&mut world.breakers[0].1, 600, &at), Verdict::Allowed);
    });
    loosens(
        &used,
        |world| world.breakers[0].1.buckets.fill(0),
        Loosening::Room(breaker),
    );
    loosens(&used, |world| world.breakers[0].1.outflow = 0, Loosening::Room(breaker));
    for change in [
        |breaker: &mut OutflowBreaker| breaker.shards += 1,
        |breaker: &mut OutflowBreaker| breaker.reference = key(9),
        |breaker: &mut OutflowBreaker| breaker.window_seconds = 1,
        |breaker: &mut OutflowBreaker| breaker.latch.seconds = 1,
        |breaker: &mut OutflowBreaker| breaker.authority = key(9),
    ] {
        loosens(
            &world,
            |world| change(&mut world.breakers[0].1),
            Loosening::Breaker(breaker),
        );
    }
    loosens(&world, |world| world.breakers.clear(), Loosening::Breaker(breaker));
    let more = |world: &mut World| world.breakers.push((key(30), world.breakers[0].1));
    loosens(&world, more, Loosening::Breaker(key(30)));
}

/// What a host says has come in, and what anyone sees of the reference, open nothing.
#[test]
fn inflow_and_samples_loosen_nothing_and_bps_only_tighten() {
    let mut world = World::new();
    let breaker = key(10);
    let state = &mut world.breakers[0].1;
    (state.reference, state.limit_bps, state.slot_bps, state.inflow_credit) = (key(9), 2_000, 1_000, 80);
    window::open_reference(state);
    let seen = tightens(&world, |world| {
        window::observe(&mut world.breakers[0].1, 4_000, SLOT, NOW)
    });
    tightens(&seen, |world| {
        window::observe(&mut world.breakers[0].1, 9_000, SLOT, NOW)
    });
    tightens(&seen, |world| window::observe(&mut world.breakers[0].1, 0, SLOT, NOW));
    for world in [&world, &seen] {
        tightens(world, |world| {
            window::record_inflow(&mut world.breakers[0].1, u64::MAX, SLOT, NOW)
        });
        tightens(world, |world| world.breakers[0].1.inflow_credit = 0);
        tightens(world, |world| world.breakers[0].1.limit_bps -= 1);
        for change in [
            |breaker: &mut OutflowBreaker| breaker.limit_bps += 1,
            |breaker: &mut OutflowBreaker| breaker.limit_bps = 0,
            |breaker: &mut OutflowBreaker| breaker.slot_bps += 1,
            |breaker: &mut OutflowBreaker| breaker.slot_bps = 0,
            |breaker: &mut OutflowBreaker| breaker.inflow_credit += 1,
        ] {
            loosens(
                world,
                |world| change(&mut world.breakers[0].1),
                Loosening::Limit(breaker),
            );
        }
    }
    loosens(
        &seen,
        |world| window::open_reference(&mut world.breakers[0].1),
        Loosening::Room(breaker),
    );
}

/// The latch of a detector, to be changed.
fn latch_of(world: &mut World, number: usize) -> &mut Latch {
    match &mut world.detectors[number].1 {
        AnyDetector::Price(breaker) => &mut breaker.latch,
        AnyDetector::Solvency(breaker) => &mut breaker.latch,
        AnyDetector::Authority(watch) => &mut watch.latch,
    }
}

#[test]
fn detectors_learn_and_latch_and_nothing_else_of_them_changes() {
    let world = World::new();
    tightens(&world, |world| {
        for (_, detector) in &mut world.detectors {
            match detector {
                AnyDetector::Price(breaker) => {
                    (
                        breaker.statistics.variance,
                        breaker.statistics.seen_ts,
                        breaker.restarted,
                    ) = (7, NOW, 1);
                    (breaker.looked_slot, breaker.looked_ts) = (7, NOW);
                    (breaker.still_ts, breaker.still_slot, breaker.lost_slot) = (NOW, 7, 7);
                }
                AnyDetector::Solvency(breaker) => {
                    (breaker.suspect_ts, breaker.suspect_slot, breaker.latched_high) = (NOW, 7, 7);
                }
                AnyDetector::Authority(watch) => watch.latched.keys[0] = key(9),
            }
        }
    });
    let changes: [fn(&mut World); 3] = [
        |world| {
            if let AnyDetector::Price(breaker) = &mut world.detectors[0].1 {
                breaker.rules.z_milli = 1;
            }
        },
        |world| {
            if let AnyDetector::Solvency(breaker) = &mut world.detectors[1].1 {
                breaker.tolerance = 1;
            }
        },
        |world| {
            if let AnyDetector::Authority(watch) = &mut world.detectors[2].1 {
                watch.expected.keys[0] = key(9);
            }
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let own = key(14 + u8::try_from(number).expect("three"));
        loosens(&world, change, Loosening::Detector(own));
        loosens(
            &world,
            |world| latch_of(world, number).scope = 9,
            Loosening::Detector(own),
        );
        loosens(
            &world,
            |world| latch_of(world, number).seconds = 9,
            Loosening::Detector(own),
        );
        loosens(
            &world,
            |world| {
                world.detectors.remove(number);
            },
            Loosening::Detector(own),
        );
        let latched = tightens(&world, |world| {
            let latch = latch_of(world, number);
            (latch.slot, latch.until) = (SLOT, NOW + HOUR);
        });
        tightens(&latched, |world| latch_of(world, number).until += 1);
        loosens(
            &latched,
            |world| latch_of(world, number).until -= 1,
            Loosening::Latch(own),
        );
        loosens(
            &latched,
            |world| world.board.unpaused_slot = SLOT + 1,
            Loosening::Latch(own),
        );
    }
    let more = |world: &mut World| world.detectors.push((key(30), world.detectors[0].1));
    loosens(&world, more, Loosening::Detector(key(30)));
    let other = |world: &mut World| world.detectors[0].1 = world.detectors[1].1;
    loosens(&world, other, Loosening::Detector(key(14)));
}
