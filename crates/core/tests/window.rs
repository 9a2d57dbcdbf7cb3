//! The outflow window against adversaries: whatever is let through, in whatever rhythm, never adds
//! up to more than the limit in any window, checked by brute force over the history.

use bulkhead_core::{
    latch,
    verdict::Verdict,
    window::{self, Moment, WindowError},
};
use bulkhead_interface::{
    constants::{BPS, MAX_TRIP_SECONDS, SCOPE_DOMAIN, latch_state},
    layout::{Latch, OutflowBreaker},
};
use proptest::prelude::*;

const START: i64 = 1_775_000_000;
const WEEK: i64 = 7 * 86_400;

fn latch_of(scope: u8, seconds: i64) -> Latch {
    Latch {
        scope,
        seconds,
        ..bytemuck::Zeroable::zeroed()
    }
}

fn breaker(k: u8, window_seconds: i64, limit: u64, slot_limit: u64, latch_seconds: i64) -> OutflowBreaker {
    OutflowBreaker {
        version: 1,
        sub_windows: k,
        window_seconds,
        limit,
        slot_limit,
        latch: latch_of(SCOPE_DOMAIN, latch_seconds),
        ..bytemuck::Zeroable::zeroed()
    }
}

fn at(slot: u64, now: i64) -> Moment {
    Moment {
        slot,
        now,
        stage_bps: BPS,
        lifted_slot: 0,
    }
}

/// What left, with the running maximum of the clock.
#[derive(Clone, Copy, Debug)]
struct Outflow {
    slot: u64,
    ts: i64,
    amount: u64,
}

/// The most that left in any closed window of `seconds`, by trying every start.
fn most_in_any_window(history: &[Outflow], seconds: i64) -> u128 {
    let sum_from = |start: &Outflow| {
        let inside = history
            .iter()
            .filter(|o| o.ts >= start.ts && o.ts <= start.ts + seconds);
        inside.map(|o| u128::from(o.amount)).sum()
    };
    history.iter().map(sum_from).max().unwrap_or(0)
}

fn most_in_any_slot(history: &[Outflow]) -> u128 {
    let sum = |slot| {
        history
            .iter()
            .filter(|o| o.slot == slot)
            .map(|o| u128::from(o.amount))
            .sum()
    };
    history.iter().map(|o| sum(o.slot)).max().unwrap_or(0)
}

#[derive(Clone, Copy, Debug)]
enum Attempt {
    /// Exactly what is left.
    Greedy,
    /// A share of what is left, in 1/256.
    Share(u8),
    /// Any amount.
    Any(u64),
    /// An instalment of a queued release.
    Instalment(u64),
}

fn attempts() -> impl Strategy<Value = Attempt> {
    prop_oneof![
        4 => Just(Attempt::Greedy),
        3 => any::<u8>().prop_map(Attempt::Share),
        1 => (1..2_000_000u64).prop_map(Attempt::Any),
        2 => (1..2_000_000u64).prop_map(Attempt::Instalment),
    ]
}

/// From the same second to weeks, sometimes backward.
fn clock_steps() -> impl Strategy<Value = i64> {
    prop_oneof![3 => 0..3i64, 5 => 0..900i64, 3 => 0..90_000i64, 1 => 0..3 * WEEK, 1 => -5_000..0i64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_window_and_no_slot_lets_more_through_than_its_limit(
        k in 4..=24u8,
        window_seconds in 24..200_000i64,
        limit in 1..1_000_000u64,
        slot_share in 1..=256u64,
        latch_seconds in 1..20_000i64,
        moves in prop::collection::vec((clock_steps(), 0..3u64, attempts()), 1..160),
    ) {
        let slot_limit = (limit * slot_share).div_ceil(256);
        let mut breaker = breaker(k, window_seconds, limit, slot_limit, latch_seconds);
        // The running maximum of what the breaker has seen: it has seen nothing yet.
        let (mut now, mut slot, mut latest) = (START, 1_000u64, i64::MIN);
        let mut history = Vec::new();
        for (seconds, slots, attempt) in moves {
            now += seconds;
            slot += slots;
            let moment = at(slot, now);
            let room = window::remaining(&breaker, &moment);
            let before = breaker;
            let (asked, left) = match attempt {
                Attempt::Instalment(amount) => (amount, window::take(&mut breaker, amount, &moment)),
                other => {
                    let amount = match other {
                        Attempt::Share(share) => room * u64::from(share) / 256,
                        Attempt::Any(amount) => amount,
                        _ => room,
                    };
                    let allowed = window::meter(&mut breaker, amount, &moment) == Verdict::Allowed;
                    (amount, if allowed { amount } else { 0 })
                }
            };
            // `remaining` says exactly what is let through, and no more than it.
            prop_assert!(left <= room && left <= asked);
            if asked <= room && !latch::is_in_force(&before.latch, 0, now) {
                prop_assert_eq!(left, asked);
                prop_assert_eq!(window::remaining(&breaker, &moment), room - left);
            }
            // The running maximum is of the times at which the breaker moved on.
            let moves_on = match attempt {
                Attempt::Instalment(_) => left > 0,
                _ => !latch::is_in_force(&before.latch, 0, now),
            };
            if moves_on {
                latest = latest.max(now);
            }
            // What is not let through is not counted.
            if left == 0 {
                prop_assert_eq!(breaker.slot_outflow, if before.last_slot == breaker.last_slot { before.slot_outflow } else { 0 });
            }
            history.push(Outflow { slot, ts: latest, amount: left });
        }
        prop_assert!(most_in_any_window(&history, window_seconds) <= u128::from(limit));
        prop_assert!(most_in_any_slot(&history) <= u128::from(slot_limit));
    }

    /// Time only ever frees room, and outflow only ever takes it.
    #[test]
    fn room_grows_with_time_and_shrinks_with_outflow(
        k in 4..=24u8,
        window_seconds in 24..200_000i64,
        moves in prop::collection::vec((0..20_000i64, 1..300u64), 1..60),
    ) {
        let mut breaker = breaker(k, window_seconds, 1_000, 1_000, 1);
        let (mut now, mut slot) = (START, 1);
        for (seconds, amount) in moves {
            let before = window::remaining(&breaker, &at(slot + 1, now));
            now += seconds;
            slot += 1;
            let after = window::remaining(&breaker, &at(slot, now));
            prop_assert!(after >= before);
            let taken = window::take(&mut breaker, amount, &at(slot, now));
            prop_assert_eq!(window::remaining(&breaker, &at(slot + 1, now)), after - taken);
        }
        prop_assert_eq!(window::remaining(&breaker, &at(slot + 1, now + 2 * window_seconds + 24)), 1_000);
    }

    #[test]
    fn a_stage_scales_by_floor(limit in 1..=u64::MAX, stage_bps in 0..=BPS) {
        let breaker = breaker(12, 3_600, limit, limit, 1);
        let moment = Moment { stage_bps, ..at(1, START) };
        let exact = u128::from(limit) * u128::from(stage_bps) / u128::from(BPS);
        prop_assert_eq!(u128::from(window::remaining(&breaker, &moment)), exact);
    }
}

/// However large its buckets are, a window adds them up exactly, or to more than any limit.
#[test]
fn huge_outflows_add_up() {
    for huge in [
        1 << 58,
        (1 << 59) - 1,
        1 << 59,
        1 << 60,
        u64::MAX / 13,
        u64::MAX / 12,
        u64::MAX,
    ] {
        let mut breaker = breaker(12, 3_600, u64::MAX, u64::MAX, 60);
        breaker.bucket = START.unsigned_abs() / 300;
        breaker.buckets[..13].fill(huge);
        // Outside the ring: not counted.
        breaker.buckets[13..].fill(1);
        let exact = u128::from(u64::MAX).saturating_sub(13 * u128::from(huge));
        assert_eq!(u128::from(window::remaining(&breaker, &at(1, START))), exact);
    }
}

#[test]
fn a_flow_that_is_within_the_limit_comes_back_after_window_and_one_sub_window() {
    let mut breaker = breaker(12, 3_600, 1_000, 1_000, 60);
    assert_eq!(window::meter(&mut breaker, 1_000, &at(1, START)), Verdict::Allowed);
    // 3,600 is a multiple of the 300 seconds of a sub-window, so START is somewhere within one.
    assert_eq!(window::remaining(&breaker, &at(2, START + 3_600)), 0);
    assert_eq!(window::remaining(&breaker, &at(3, START + 3_900)), 1_000);
}

#[test]
fn splitting_within_a_slot_gains_nothing_and_latches() {
    let mut breaker = breaker(12, 3_600, 1_000, 100, 600);
    for _ in 0..10 {
        assert_eq!(window::meter(&mut breaker, 10, &at(7, START)), Verdict::Allowed);
    }
    assert_eq!(window::meter(&mut breaker, 1, &at(7, START)), Verdict::Queued);
    assert_eq!(
        (breaker.latch.slot, breaker.latch.seen, breaker.latch.state),
        (7, 1, latch_state::LATCHED)
    );
}

#[test]
fn a_latch_is_not_renewed_and_the_limit_holds_after_it() {
    let mut breaker = breaker(12, 86_400, 1_000, 1_000, 600);
    assert_eq!(window::meter(&mut breaker, 900, &at(1, START)), Verdict::Allowed);
    assert_eq!(window::meter(&mut breaker, 101, &at(2, START)), Verdict::Queued);
    // Even what would be within the limit waits, and nobody keeps the latch up by trying.
    for second in 1..600 {
        assert_eq!(window::meter(&mut breaker, 1, &at(3, START + second)), Verdict::Queued);
    }
    assert_eq!(breaker.latch.until, START + 600);
    assert_eq!(window::meter(&mut breaker, 101, &at(4, START + 600)), Verdict::Queued);
    assert_eq!(breaker.latch.until, START + 1_200);
    assert_eq!(
        window::meter(&mut breaker, 100, &at(5, START + 1_200)),
        Verdict::Allowed
    );
    assert_eq!(window::remaining(&breaker, &at(6, START + 1_200)), 0);
}

#[test]
fn a_lift_voids_older_latches_and_frees_nothing_else() {
    let mut breaker = breaker(12, 86_400, 1_000, 1_000, 600);
    assert_eq!(window::meter(&mut breaker, 900, &at(1, START)), Verdict::Allowed);
    assert_eq!(window::meter(&mut breaker, 200, &at(2, START)), Verdict::Queued);
    let lifted = |lifted_slot| Moment {
        lifted_slot,
        ..at(3, START + 10)
    };
    assert_eq!(window::remaining(&breaker, &lifted(2)), 0);
    assert_eq!(window::remaining(&breaker, &lifted(3)), 100);
}

#[test]
fn turning_the_clock_back_frees_nothing() {
    let mut breaker = breaker(4, 400, 100, 100, 1);
    assert_eq!(window::meter(&mut breaker, 100, &at(1, START)), Verdict::Allowed);
    for back in [1, 100, 1_000, 2 * START] {
        assert_eq!(window::remaining(&breaker, &at(2, START - back)), 0);
    }
}

#[test]
fn a_trip_lasts_from_the_latch_and_is_propagated_once() {
    let mut breaker = breaker(12, 3_600, 10, 10, 7_200);
    assert_eq!(latch::trip_until(&breaker.latch, 3_600, 0, START), None);
    assert_eq!(window::meter(&mut breaker, 11, &at(5, START)), Verdict::Queued);
    assert_eq!(latch::trip_until(&breaker.latch, 3_600, 0, START), Some(START + 3_600));
    assert_eq!(
        latch::trip_until(&breaker.latch, 3_600, 0, START + 3_599),
        Some(START + 3_600)
    );
    assert_eq!(latch::trip_until(&breaker.latch, 3_600, 0, START + 3_600), None);
    assert_eq!(
        latch::trip_until(&breaker.latch, MAX_TRIP_SECONDS, 0, START + 7_200),
        None
    );
    assert_eq!(latch::trip_until(&breaker.latch, 3_600, 6, START), None);
    breaker.latch.state = latch_state::PROPAGATED;
    assert_eq!(latch::trip_until(&breaker.latch, 3_600, 0, START), None);
}

#[test]
fn what_cannot_be_kept_is_not_configured() {
    let sound = breaker(12, 3_600, 10, 10, 60);
    assert_eq!(window::check_config(&sound), Ok(()));
    let out_of_range = [
        OutflowBreaker {
            sub_windows: 3,
            ..sound
        },
        OutflowBreaker {
            sub_windows: 25,
            ..sound
        },
        OutflowBreaker {
            window_seconds: 11,
            ..sound
        },
        OutflowBreaker {
            window_seconds: i64::MAX,
            ..sound
        },
        OutflowBreaker {
            window_seconds: -1,
            ..sound
        },
        OutflowBreaker {
            latch: latch_of(SCOPE_DOMAIN, 0),
            ..sound
        },
        OutflowBreaker {
            latch: latch_of(SCOPE_DOMAIN, MAX_TRIP_SECONDS + 1),
            ..sound
        },
        OutflowBreaker { slot_limit: 0, ..sound },
        OutflowBreaker {
            slot_limit: 11,
            ..sound
        },
    ];
    assert!(
        out_of_range
            .iter()
            .all(|b| window::check_config(b) == Err(WindowError::OutOfRange))
    );
    let nowhere = [
        OutflowBreaker {
            compartment: 64,
            ..sound
        },
        OutflowBreaker {
            compartment: SCOPE_DOMAIN,
            ..sound
        },
        OutflowBreaker {
            latch: latch_of(64, 60),
            ..sound
        },
    ];
    assert!(
        nowhere
            .iter()
            .all(|b| window::check_config(b) == Err(WindowError::NoSuchCompartment))
    );
}

#[test]
fn a_guardian_lowers_by_half_at_most_and_never_raises() {
    let breaker = breaker(12, 3_600, 101, 10, 60);
    for (limit, slot_limit) in [(101, 10), (51, 10), (101, 5), (51, 5)] {
        assert_eq!(window::check_lowered(&breaker, limit, slot_limit), Ok(()));
    }
    for (limit, slot_limit) in [(102, 10), (101, 11), (50, 10), (101, 4), (0, 0)] {
        assert_eq!(
            window::check_lowered(&breaker, limit, slot_limit),
            Err(WindowError::OutOfRange)
        );
    }
}
