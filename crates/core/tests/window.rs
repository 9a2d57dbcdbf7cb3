//! The outflow window against adversaries: whatever is let through, in whatever rhythm, never adds
//! up to more than the limit in any window, checked by brute force over the history.

use bulkhead_core::{
    CoreError, latch,
    verdict::Verdict,
    window::{self, Limits, Moment},
};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, MAX_TRIP_SECONDS, SCOPE_DOMAIN, latch_state},
    layout::{Council, Latch, OutflowBreaker},
};
use bytemuck::Zeroable;
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
        shards: 1,
        window_seconds,
        limit,
        slot_limit,
        // Whatever does not fit the window latches; tests/graded.rs has the trip limit above it.
        trip_limit: limit,
        latch: latch_of(SCOPE_DOMAIN, latch_seconds),
        ..bytemuck::Zeroable::zeroed()
    }
}

fn at(slot: u64, now: i64) -> Moment {
    Moment {
        slot,
        now,
        ramp_bps: BPS,
        unpaused_slot: 0,
    }
}

/// What a breaker lets through at once, be some of it kept for a queue.
fn room(breaker: &OutflowBreaker, at: &Moment) -> u64 {
    let view = window::view(breaker, at);
    if view.latched_until == 0 {
        view.in_window.min(view.in_slot)
    } else {
        0
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
            let space = room(&breaker, &moment);
            let before = breaker;
            let (asked, left) = match attempt {
                Attempt::Instalment(amount) => (amount, window::take(&mut breaker, amount, 0, &moment)),
                other => {
                    let amount = match other {
                        Attempt::Share(share) => space * u64::from(share) / 256,
                        Attempt::Any(amount) => amount,
                        _ => space,
                    };
                    let allowed = window::meter(&mut breaker, amount, &moment) == Verdict::Allowed;
                    (amount, if allowed { amount } else { 0 })
                }
            };
            // `room` says exactly what is let through, and no more than it.
            prop_assert!(left <= space && left <= asked);
            if asked <= space && !latch::is_in_force(&before.latch, 0, now) {
                prop_assert_eq!(left, asked);
                prop_assert_eq!(room(&breaker, &moment), space - left);
            }
            // The running maximum is of the times at which the breaker moved on.
            if !latch::is_in_force(&before.latch, 0, now) {
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
            let before = room(&breaker, &at(slot + 1, now));
            now += seconds;
            slot += 1;
            let after = room(&breaker, &at(slot, now));
            prop_assert!(after >= before);
            let taken = window::take(&mut breaker, amount, 0, &at(slot, now));
            prop_assert_eq!(room(&breaker, &at(slot + 1, now)), after - taken);
        }
        prop_assert_eq!(room(&breaker, &at(slot + 1, now + 2 * window_seconds + 24)), 1_000);
    }

    #[test]
    fn a_stage_scales_by_floor(limit in 1..=u64::MAX, ramp_bps in 0..=BPS) {
        let breaker = breaker(12, 3_600, limit, limit, 1);
        let moment = Moment { ramp_bps, ..at(1, START) };
        let exact = u128::from(limit) * u128::from(ramp_bps) / u128::from(BPS);
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
        breaker.outflow = huge.saturating_mul(13);
        let exact = u128::from(u64::MAX).saturating_sub(13 * u128::from(huge));
        assert_eq!(u128::from(window::remaining(&breaker, &at(1, START))), exact);
        // In the next sub-window twelve of them are left.
        let kept = u64::try_from(u128::from(u64::MAX).min(12 * u128::from(huge))).expect("it fits");
        assert_eq!(window::remaining(&breaker, &at(1, START + 300)), u64::MAX - kept);
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
fn splitting_within_a_slot_gains_nothing() {
    let mut breaker = breaker(12, 3_600, 1_000, 100, 600);
    for _ in 0..10 {
        assert_eq!(window::meter(&mut breaker, 10, &at(7, START)), Verdict::Allowed);
    }
    assert_eq!(window::meter(&mut breaker, 1, &at(7, START)), Verdict::Queued);
    assert_eq!(
        breaker.latch.state,
        latch_state::ARMED,
        "the slot limit alone latches nothing"
    );
    // As much as there is, at once.
    assert_eq!(window::meter(&mut breaker, 901, &at(7, START)), Verdict::Queued);
    assert_eq!(
        (breaker.latch.slot, breaker.latch.seen, breaker.latch.state),
        (7, 1_001, latch_state::LATCHED)
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
fn an_unpause_voids_older_latches_and_frees_nothing_else() {
    let mut breaker = breaker(12, 86_400, 1_000, 1_000, 600);
    assert_eq!(window::meter(&mut breaker, 900, &at(1, START)), Verdict::Allowed);
    assert_eq!(window::meter(&mut breaker, 200, &at(2, START)), Verdict::Queued);
    let unpaused = |unpaused_slot| Moment {
        unpaused_slot,
        ..at(3, START + 10)
    };
    assert_eq!(window::remaining(&breaker, &unpaused(2)), 0);
    assert_eq!(window::remaining(&breaker, &unpaused(3)), 100);
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
    let council = Council {
        trip_seconds: 3_600,
        ..Council::zeroed()
    };
    assert!(!latch::is_news(&breaker.latch, 0, START, true));
    assert_eq!(window::meter(&mut breaker, 11, &at(5, START)), Verdict::Queued);
    assert_eq!(latch::trip_until(&breaker.latch, &council), START + 3_600);
    assert!(latch::is_news(&breaker.latch, 0, START + 7_199, false));
    assert!(!latch::is_news(&breaker.latch, 0, START + 7_200, false));
    assert!(latch::is_news(&breaker.latch, 5, START, false));
    assert!(!latch::is_news(&breaker.latch, 6, START, false), "known to the unpause");
    breaker.latch.state = latch_state::PROPAGATED;
    assert!(!latch::is_news(&breaker.latch, 0, START, false));
    assert!(
        latch::is_news(&breaker.latch, 0, START, true),
        "for an incident of its own"
    );
}

#[test]
fn a_detector_is_closed_once_its_latch_is_carried_or_known_and_stale() {
    let council = Council {
        trip_seconds: 3_600,
        ..Council::zeroed()
    };
    let mut breaker = breaker(12, 3_600, 10, 10, 7_200);
    let closable =
        |breaker: &OutflowBreaker, proposed, now| latch::is_closable(&breaker.latch, &council, 0, proposed, now);
    assert!(closable(&breaker, 1, START));
    assert_eq!(window::meter(&mut breaker, 11, &at(5, START)), Verdict::Queued);
    for proposed in [4, 5, 6] {
        assert!(!closable(&breaker, proposed, START + 3_599), "it can be carried");
    }
    assert!(!closable(&breaker, 5, START + 3_600), "news to the proposal");
    assert!(closable(&breaker, 6, START + 3_600));
    assert!(closable(&breaker, 5, START + 7_200));
    breaker.latch.state = latch_state::PROPAGATED;
    assert!(closable(&breaker, 0, START));
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
            .all(|b| window::check_config(b) == Err(CoreError::ArgumentOutOfRange))
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
            .all(|b| window::check_config(b) == Err(CoreError::CompartmentOutOfRange))
    );
}

fn limits(limit: u64, slot_limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    }
}

#[test]
fn a_guardian_lowers_by_half_at_most_and_never_raises() {
    let sound = breaker(12, 3_600, 101, 10, 60);
    for (limit, slot_limit) in [(101, 10), (51, 10), (101, 5), (51, 5)] {
        assert_eq!(window::check_lowered(&sound, &limits(limit, slot_limit)), Ok(()));
    }
    for (limit, slot_limit) in [(102, 10), (101, 11), (50, 10), (101, 4), (0, 0)] {
        assert_eq!(
            window::check_lowered(&sound, &limits(limit, slot_limit)),
            Err(CoreError::ArgumentOutOfRange)
        );
    }
    let referred = OutflowBreaker {
        reference: Pubkey::new_from_array([1; 32]),
        limit_bps: 101,
        slot_bps: 51,
        inflow_credit: 8,
        ..sound
    };
    let with = |limit_bps, slot_bps, inflow_credit| {
        let new = Limits {
            limit_bps,
            slot_bps,
            inflow_credit,
            ..limits(101, 10)
        };
        window::check_lowered(&referred, &new)
    };
    for (limit_bps, slot_bps, credit) in [(101, 51, 8), (51, 51, 8), (101, 26, 0), (51, 26, 3)] {
        assert_eq!(with(limit_bps, slot_bps, credit), Ok(()));
    }
    // Up, by more than half, out of use, more for a slot than for a window, more credit.
    for (limit_bps, slot_bps, credit) in [
        (102, 51, 8),
        (101, 52, 8),
        (50, 26, 8),
        (101, 25, 8),
        (0, 51, 8),
        (101, 0, 8),
        (51, 52, 8),
        (101, 51, 9),
    ] {
        assert_eq!(with(limit_bps, slot_bps, credit), Err(CoreError::ArgumentOutOfRange));
    }
    // A guardian does not start what a proposal did not.
    let unused = OutflowBreaker {
        limit_bps: 0,
        slot_bps: 0,
        ..referred
    };
    for (limit_bps, slot_bps) in [(5_000, 0), (0, 5_000)] {
        let new = Limits {
            limit_bps,
            slot_bps,
            ..limits(101, 10)
        };
        assert_eq!(window::check_lowered(&unused, &new), Err(CoreError::ArgumentOutOfRange));
    }
}

#[test]
fn limits_that_promise_what_cannot_be_kept_are_refused() {
    let sound = OutflowBreaker {
        shards: 4,
        shard: 3,
        reference: Pubkey::new_from_array([1; 32]),
        limit_bps: 500,
        slot_bps: 500,
        trip_bps: 500,
        inflow_credit: 10,
        ..breaker(12, 3_600, 120, 40, 60)
    };
    assert_eq!(window::check_config(&sound), Ok(()));
    for broken in [
        OutflowBreaker {
            shards: 0,
            shard: 0,
            ..sound
        },
        OutflowBreaker { shards: 3, ..sound },
        // Nothing could leave through a shard.
        OutflowBreaker { slot_limit: 3, ..sound },
        OutflowBreaker {
            limit_bps: BPS + 1,
            ..sound
        },
        OutflowBreaker { slot_bps: 501, ..sound },
        OutflowBreaker {
            limit_bps: 0,
            slot_bps: BPS + 1,
            ..sound
        },
        OutflowBreaker {
            inflow_credit: 11,
            ..sound
        },
        OutflowBreaker {
            reference: Pubkey::default(),
            ..sound
        },
    ] {
        assert_eq!(window::check_config(&broken), Err(CoreError::ArgumentOutOfRange));
    }
}

#[test]
fn inflow_lets_out_as_much_again_up_to_its_credit() {
    let mut breaker = OutflowBreaker {
        inflow_credit: 100,
        ..breaker(10, 1_000, 1_000, 1_000, 60)
    };
    let room = |breaker: &OutflowBreaker, slot| window::remaining(breaker, &at(slot, START));
    window::record_inflow(&mut breaker, 30, 1, START);
    // The slot's limit gets no credit.
    assert_eq!(
        (window::view(&breaker, &at(1, START)).in_window, room(&breaker, 1)),
        (1_030, 1_000)
    );
    assert_eq!(window::meter(&mut breaker, 1_000, &at(1, START)), Verdict::Allowed);
    assert_eq!(room(&breaker, 2), 30);
    window::record_inflow(&mut breaker, u64::MAX, 2, START);
    window::record_inflow(&mut breaker, u64::MAX, 2, START);
    assert_eq!(
        room(&breaker, 2),
        100,
        "never more than the credit, however much is claimed"
    );
    assert_eq!(window::meter(&mut breaker, 100, &at(2, START)), Verdict::Allowed);
    window::record_inflow(&mut breaker, u64::MAX, 3, START);
    assert_eq!(room(&breaker, 3), 0);
    // It is forgotten with the outflow of its sub-window.
    assert_eq!(room(&breaker, 4), 0);
    assert_eq!(window::remaining(&breaker, &at(4, START + 1_100)), 1_000);
}

#[test]
fn a_credit_shrinks_with_the_limit_it_is_a_share_of() {
    let mut breaker = OutflowBreaker {
        reference: Pubkey::new_from_array([1; 32]),
        limit_bps: 1_000,
        inflow_credit: 100,
        ..breaker(10, 1_000, 1_000, 1_000, 60)
    };
    window::open_reference(&mut breaker);
    window::record_inflow(&mut breaker, 1_000, 1, START);
    assert_eq!(window::view(&breaker, &at(1, START)).in_window, 1_100);
    window::observe(&mut breaker, 5_000, 1, START);
    assert_eq!(window::view(&breaker, &at(1, START)).in_window, 550);
    let staged = Moment {
        ramp_bps: 2_000,
        ..at(1, START)
    };
    assert_eq!(window::view(&breaker, &staged).in_window, 110);
    window::observe(&mut breaker, 0, 1, START);
    assert_eq!(window::view(&breaker, &at(1, START)).in_window, 0);
}

/// A breaker of 10 % of its reference, in sub-windows of 100 seconds.
fn referred() -> OutflowBreaker {
    let mut breaker = OutflowBreaker {
        reference: Pubkey::new_from_array([1; 32]),
        limit_bps: 1_000,
        slot_bps: 500,
        ..breaker(4, 400, 1_000_000, 1_000_000, 60)
    };
    window::open_reference(&mut breaker);
    breaker
}

fn limit_of(breaker: &OutflowBreaker, now: i64) -> u64 {
    window::view(breaker, &at(1, now)).limit
}

#[test]
fn before_the_first_sample_native_limits_hold_and_then_the_lower_of_both() {
    let mut breaker = referred();
    assert_eq!(limit_of(&breaker, START), 1_000_000);
    assert_eq!(limit_of(&breaker, START + WEEK), 1_000_000);
    window::observe(&mut breaker, 50_000, 1, START + WEEK);
    assert_eq!(limit_of(&breaker, START + WEEK), 5_000);
    assert_eq!(window::view(&breaker, &at(1, START + WEEK)).in_slot, 2_500);
    window::observe(&mut breaker, 49_999, 1, START + WEEK);
    assert_eq!(limit_of(&breaker, START + WEEK), 4_999, "rounded down");
    let mut rich = referred();
    window::observe(&mut rich, u64::MAX, 1, START);
    assert_eq!(limit_of(&rich, START), 1_000_000, "never above the native limit");
}

#[test]
fn a_flash_deposit_raises_nothing_whenever_it_is_seen() {
    let mut breaker = referred();
    window::observe(&mut breaker, 10_000, 1, START);
    // The only one to look for weeks, always with borrowed funds: one look in every other sub-window.
    for number in 1..200 {
        let now = START + number * 200;
        window::observe(&mut breaker, 10_000_000, 1, now);
        assert_eq!(limit_of(&breaker, now), 1_000);
    }
    // Nor does silence raise it.
    assert_eq!(limit_of(&breaker, START + 10 * WEEK), 1_000);
    window::observe(&mut breaker, 10_000_000, 1, START + 10 * WEEK);
    assert_eq!(limit_of(&breaker, START + 10 * WEEK + 399), 1_000);
}

#[test]
fn one_honest_look_undoes_a_window_of_dishonest_ones() {
    let mut breaker = referred();
    for number in 0..4 {
        window::observe(&mut breaker, 10_000, 1, START + 100 * number);
    }
    for number in 4..100 {
        window::observe(&mut breaker, 10_000_000, 1, START + 100 * number);
        if number % 4 == 0 {
            window::observe(&mut breaker, 10_000, 1, START + 100 * number + 99);
        }
        assert_eq!(limit_of(&breaker, START + 100 * number + 99), 1_000);
    }
}

#[test]
fn a_deposit_that_stays_a_whole_window_raises_the_limit() {
    let mut breaker = referred();
    window::observe(&mut breaker, 10_000, 1, START);
    for number in 1..=4 {
        let now = START + 100 * number;
        window::observe(&mut breaker, 30_000, 1, now);
        assert_eq!(limit_of(&breaker, now + 99), 1_000);
    }
    assert_eq!(limit_of(&breaker, START + 500), 3_000);
    // It falls at once.
    window::observe(&mut breaker, 20_000, 1, START + 500);
    assert_eq!(limit_of(&breaker, START + 500), 2_000);
}

#[test]
fn shards_let_through_no_more_than_the_whole_together() {
    for (limit, shards) in [(100, 3), (101, 7), (1_000, 1), (999, 8), (255, 255)] {
        let sum: u64 = (0..shards)
            .map(|shard| {
                let breaker = OutflowBreaker {
                    shard,
                    shards,
                    ..breaker(10, 1_000, limit, limit, 60)
                };
                assert_eq!(window::check_config(&breaker), Ok(()));
                window::remaining(&breaker, &at(1, START))
            })
            .sum();
        assert!(sum <= limit && sum > limit - u64::from(shards));
    }
}
