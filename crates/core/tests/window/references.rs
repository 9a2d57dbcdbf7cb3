//! Inflow, and limits that are a share of a reference.

use super::*;

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
