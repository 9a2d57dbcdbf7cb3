//! Whatever is let through, in whatever rhythm, never adds up to more than the limit.

use super::*;

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
