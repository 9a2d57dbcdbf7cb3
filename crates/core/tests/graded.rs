//! The graded response: what waits, what latches, and what one guardian can do.

use bulkhead_core::{
    CoreError,
    acts::{self, At},
    breakers::{
        verdict::Verdict,
        window::{self, Limits, Moment, TripLimits},
    },
    detectors::latch,
};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, latch_state, role},
    layout::{Council, Member, OutflowBreaker},
};
use bytemuck::Zeroable;

const START: i64 = 1_775_000_000;
const WINDOW: i64 = 1_200;
const K: u8 = 12;
const SUB: i64 = WINDOW / K as i64;
const T: u64 = 100_000;

fn breaker() -> OutflowBreaker {
    let mut breaker = OutflowBreaker {
        version: 1,
        sub_windows: K,
        shards: 1,
        window_seconds: WINDOW,
        limit: T,
        slot_limit: T,
        trip_limit: 2 * T,
        ..OutflowBreaker::zeroed()
    };
    breaker.latch.seconds = 3_600;
    breaker
}

fn at(slot: u64, now: i64) -> Moment {
    Moment {
        slot,
        now,
        ramp_bps: BPS,
        unpaused_slot: 0,
    }
}

fn is_latched(breaker: &OutflowBreaker, now: i64) -> bool {
    latch::is_in_force(&breaker.latch, 0, now)
}

/// Pays or queues.
fn release(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    let verdict = window::release(breaker, None, amount, at);
    if verdict == Verdict::Queued {
        window::wait(breaker, None, amount, at);
    }
    verdict
}

#[test]
fn over_a_limit_it_waits_and_only_above_the_trip_limit_it_latches() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, T, &at(1, START)), Verdict::Allowed);
    // An honest whale waits and stops nobody.
    assert_eq!(release(&mut breaker, T, &at(2, START)), Verdict::Queued);
    assert!(!is_latched(&breaker, START));
    assert_eq!(breaker.queued, T);
    // What waits is at the trip limit, whatever was paid: one unit more is above it.
    assert_eq!(release(&mut breaker, T, &at(3, START)), Verdict::Queued);
    assert!(!is_latched(&breaker, START));
    assert_eq!(release(&mut breaker, 1, &at(3, START)), Verdict::Queued);
    assert!(is_latched(&breaker, START));
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (2 * T + 1, 2 * T));
    assert_eq!(breaker.queued, 0, "one piece of evidence latches once");
}

#[test]
fn over_the_slot_limit_it_only_waits() {
    let mut breaker = OutflowBreaker {
        slot_limit: T / 10,
        ..breaker()
    };
    assert_eq!(release(&mut breaker, T / 10 + 1, &at(1, START)), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    // What others ask for goes on.
    assert_eq!(release(&mut breaker, T / 10, &at(1, START)), Verdict::Allowed);
}

#[test]
fn a_theft_latches_with_its_first_request() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, 50 * T, &at(1, START)), Verdict::Queued);
    assert!(is_latched(&breaker, START));
    // In parts it latches with the first that is above, and has at most T by then.
    let mut breaker = self::breaker();
    let mut paid = 0;
    for slot in 1.. {
        match release(&mut breaker, T / 7, &at(slot, START)) {
            Verdict::Allowed => paid += T / 7,
            _ if is_latched(&breaker, START) => break,
            _ => {}
        }
        assert!(slot < 30, "it latches");
    }
    assert!(paid <= T);
}

#[test]
fn what_was_asked_for_is_forgotten_with_the_window() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, T + 1, &at(1, START)), Verdict::Queued);
    assert_eq!(
        release(&mut breaker, T - 1, &at(2, START + WINDOW + SUB)),
        Verdict::Allowed
    );
    assert_eq!(breaker.queued, 0);
    assert_eq!(
        release(&mut breaker, T + 1, &at(3, START + WINDOW + SUB)),
        Verdict::Queued
    );
    assert_eq!(breaker.latch.state, latch_state::ARMED);
}

#[test]
fn what_is_settled_is_not_asked_for_twice_and_not_taken_off_either() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, T + 1, &at(1, START)), Verdict::Queued);
    assert_eq!(window::take(&mut breaker, T + 1, START, &at(2, START + SUB)), T);
    assert_eq!((breaker.outflow, breaker.queued), (T, T + 1));
    assert!(window::is_added_up(&breaker));
    // Asked for so far: T + 1. As much as T - 1 more only waits, and one unit more does not.
    assert_eq!(release(&mut breaker, T - 1, &at(3, START + SUB)), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(release(&mut breaker, 1, &at(4, START + SUB)), Verdict::Queued);
    assert!(is_latched(&breaker, START + SUB));
}

#[test]
fn what_is_owed_by_nobody_counts_nowhere_and_latches_nothing() {
    let mut breaker = breaker();
    // Denied: it would have to wait, and there is no record.
    for (slot, amount) in (1..1_000).zip([T + 1, 2 * T, 2 * T + 1, u64::MAX].into_iter().cycle()) {
        let asked = window::release(&mut breaker, None, amount, &at(slot, START));
        assert_eq!(asked, Verdict::Queued);
    }
    assert_eq!(
        (breaker.latch.state, breaker.queued, breaker.outflow),
        (latch_state::ARMED, 0, 0)
    );
    // Nor does it add to what waits.
    assert_eq!(release(&mut breaker, 2 * T, &at(1_000, START)), Verdict::Queued);
    let asked = window::release(&mut breaker, None, 2 * T + 1, &at(1_001, START));
    assert_eq!(
        (asked, breaker.latch.state, breaker.queued),
        (Verdict::Queued, latch_state::ARMED, 2 * T)
    );
    // What is debited does.
    assert_eq!(release(&mut breaker, T + 1, &at(1_002, START)), Verdict::Queued);
    assert!(is_latched(&breaker, START));
}

#[test]
fn what_fills_the_window_does_not_make_honest_waiting_trip() {
    let mut breaker = breaker();
    // Filled by anybody, with whatever tokens.
    assert_eq!(release(&mut breaker, T, &at(1, START)), Verdict::Allowed);
    for slot in 2..26 {
        assert_eq!(release(&mut breaker, T / 12, &at(slot, START)), Verdict::Queued);
    }
    assert_eq!(breaker.latch.state, latch_state::ARMED);
}

#[test]
fn what_an_evacuation_voids_is_asked_for_no_more() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, 2 * T, &at(1, START)), Verdict::Queued);
    window::renew(&mut breaker, 0);
    assert_eq!(breaker.queued, 2 * T, "none");
    window::renew(&mut breaker, 1);
    assert_eq!(breaker.queued, 0);
    assert!(window::is_added_up(&breaker));
    assert_eq!(release(&mut breaker, T + 1, &at(2, START)), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
}

#[test]
fn lower_limits_by_proposal_latch_nothing_that_was_asked_before() {
    for is_metered in [false, true] {
        let mut breaker = breaker();
        assert_eq!(release(&mut breaker, T * 9 / 10, &at(1, START)), Verdict::Allowed);
        assert_eq!(release(&mut breaker, T * 9 / 10, &at(2, START)), Verdict::Queued);
        let quarter = Limits {
            limit: T / 4,
            slot_limit: T / 4,
            ..Limits::of(&breaker)
        };
        acts::set_limit(&mut breaker, &quarter, &TripLimits::default(), Some(3)).unwrap();
        assert_eq!((breaker.trip_limit, breaker.queued), (T / 2, 0));
        let mut ask = |amount, slot| {
            if is_metered {
                assert_eq!(window::meter(&mut breaker, amount, &at(slot, START)), Verdict::Queued);
            } else {
                assert_eq!(release(&mut breaker, amount, &at(slot, START)), Verdict::Queued);
            }
            breaker.latch.state
        };
        assert_eq!(ask(1, 4), latch_state::ARMED);
        assert_eq!(ask(T / 4, 5), latch_state::ARMED);
        assert_eq!(ask(T / 2 + 1, 6), latch_state::LATCHED);
    }
}

#[test]
fn a_proposal_from_before_a_breach_raises_nothing_after_it() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, 3 * T, &at(7, START)), Verdict::Queued);
    let of = |limit, slot_limit, trip| {
        let limits = Limits {
            limit,
            slot_limit,
            ..Limits::of(&self::breaker())
        };
        (limits, TripLimits { limit: trip, bps: 0 })
    };
    for (limits, trip) in [of(8 * T, 8 * T, 16 * T), of(T + 1, T, 2 * T), of(T, T, 2 * T + 1)] {
        for slot in [6, 7] {
            assert_eq!(
                acts::set_limit(&mut breaker, &limits, &trip, Some(slot)),
                Err(CoreError::TightenedSince)
            );
        }
        let mut later = breaker;
        acts::set_limit(&mut later, &limits, &trip, Some(8)).unwrap();
    }
    // What lowers them may be as old as it likes.
    let (limits, trip) = of(T / 2, T / 2, T);
    acts::set_limit(&mut breaker, &limits, &trip, Some(1)).unwrap();
}

#[test]
fn where_nothing_is_queued_what_was_refused_is_not_added_up() {
    let mut breaker = breaker();
    // A host that keeps its tokens debits nothing: asking costs fees alone, and closes nothing.
    for slot in 0..1_000 {
        assert_eq!(window::meter(&mut breaker, 2 * T, &at(slot, START)), Verdict::Queued);
    }
    assert_eq!((breaker.latch.state, breaker.queued), (latch_state::ARMED, 0));
    assert_eq!(
        window::meter(&mut breaker, 2 * T + 1, &at(2_000, START)),
        Verdict::Queued
    );
    assert!(is_latched(&breaker, START));
}

fn council() -> Council {
    let mut council = Council {
        member_count: 1,
        guardian_pause_seconds: 6 * 3_600,
        guardian_pauses_per_day: 3,
        guardian_pauses_in_a_row: 3,
        heartbeat_seconds: 90 * 86_400,
        ..Council::zeroed()
    };
    council.members[0] = Member {
        key: guardian(),
        roles: role::GUARDIAN,
        pause_rights: 10,
        last_active_ts: START,
        ..Member::zeroed()
    };
    council
}

fn guardian() -> Pubkey {
    Pubkey::new_from_array([7; 32])
}

fn half(breaker: &OutflowBreaker) -> Limits {
    Limits {
        limit: breaker.limit.div_ceil(2),
        slot_limit: breaker.slot_limit.div_ceil(2),
        ..Limits::of(breaker)
    }
}

#[test]
fn what_left_under_the_old_limit_does_not_latch_under_a_lowered_one() {
    let (mut breaker, mut council) = (breaker(), council());
    assert_eq!(release(&mut breaker, 55_000, &at(1, START)), Verdict::Allowed);
    let limits = half(&breaker);
    acts::lower_limit(
        &mut council,
        &mut breaker,
        &guardian(),
        &limits,
        At { slot: 2, now: START },
    )
    .unwrap();
    for slot in 3..40 {
        assert_eq!(release(&mut breaker, 1_000, &at(slot, START)), Verdict::Queued);
    }
    assert_eq!(breaker.latch.state, latch_state::ARMED, "it waits, and nothing latches");
}

#[test]
fn a_guardian_lowers_no_more_often_than_it_pauses_and_no_longer() {
    let (mut breaker, mut council) = (breaker(), council());
    let now = |seconds: i64| At {
        slot: 9,
        now: START + seconds,
    };
    for _ in 0..3 {
        let limits = half(&breaker);
        acts::lower_limit(&mut council, &mut breaker, &guardian(), &limits, now(0)).unwrap();
    }
    let limits = half(&breaker);
    let fourth = acts::lower_limit(&mut council, &mut breaker, &guardian(), &limits, now(0));
    assert_eq!(fourth.err(), Some(CoreError::GuardianPauseLimitReached));
    assert_eq!((breaker.limit, breaker.trip_limit), (T / 8, 2 * T));
    assert_eq!(Limits::set_for(&breaker).limit, T);
    // It ends by itself, with what has left still counted.
    let lasts = 6 * 3_600;
    assert_eq!(window::view(&breaker, &at(10, START + lasts - 1)).limit, T / 8);
    assert_eq!(window::view(&breaker, &at(10, START + lasts)).limit, T);
    assert_eq!(release(&mut breaker, T, &at(11, START + lasts)), Verdict::Allowed);
    assert_eq!((breaker.limit, breaker.lowered_until, breaker.base_limit), (T, 0, 0));
}

#[test]
fn a_proposal_made_later_ends_a_lowering_and_an_older_one_does_not() {
    let (mut breaker, mut council) = (breaker(), council());
    let limits = half(&breaker);
    acts::lower_limit(
        &mut council,
        &mut breaker,
        &guardian(),
        &limits,
        At { slot: 5, now: START },
    )
    .unwrap();
    let wanted = Limits {
        limit: 3 * T,
        slot_limit: T,
        ..Limits::of(&breaker)
    };
    let none = TripLimits::default();
    assert_eq!(
        acts::set_limit(&mut breaker, &wanted, &none, Some(5)),
        Err(CoreError::TightenedSince)
    );
    acts::set_limit(&mut breaker, &wanted, &none, Some(6)).unwrap();
    assert_eq!(
        (breaker.limit, breaker.trip_limit, breaker.lowered_until),
        (3 * T, 6 * T, 0)
    );
}

#[test]
fn a_trip_limit_is_never_below_what_may_leave() {
    let limits = Limits::of(&breaker());
    let given = |limit, bps| window::check_trip(&limits, &TripLimits { limit, bps });
    assert_eq!(given(T, 0), Ok(()));
    assert_eq!(given(T - 1, 0), Err(CoreError::ArgumentOutOfRange));
    assert_eq!(given(T, 1), Err(CoreError::ArgumentOutOfRange), "bps of nothing");
    let twice = TripLimits::default().or_twice(&Limits {
        limit_bps: 500,
        ..limits
    });
    assert_eq!((twice.limit, twice.bps), (2 * T, 1_000));
}

/// One whose limits are a tenth and a fifth of a reference.
fn referred() -> OutflowBreaker {
    let mut breaker = OutflowBreaker {
        limit_bps: 1_000,
        trip_bps: 2_000,
        reference: Pubkey::new_from_array([1; 32]),
        ..breaker()
    };
    window::open_reference(&mut breaker);
    breaker
}

#[test]
fn a_trip_limit_follows_reference_and_shards_and_no_stage() {
    let mut breaker = OutflowBreaker {
        shards: 2,
        ..referred()
    };
    window::observe(&mut breaker, 400_000, 1, START);
    let staged = Moment {
        ramp_bps: 1_000,
        ..at(2, START)
    };
    assert_eq!(window::view(&breaker, &staged).limit, 2_000);
    // A fifth of 400,000, and half of that.
    assert_eq!(release(&mut breaker, 40_000, &staged), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(release(&mut breaker, 2_000, &staged), Verdict::Allowed);
    assert_eq!(release(&mut breaker, 1, &staged), Verdict::Queued);
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (40_001, 40_000));
}

#[test]
fn a_ramp_latches_nothing_that_left_before() {
    for is_metered in [false, true] {
        let mut breaker = breaker();
        assert_eq!(release(&mut breaker, T * 9 / 10, &at(1, START)), Verdict::Allowed);
        let staged = Moment {
            ramp_bps: 1_000,
            ..at(2, START)
        };
        for amount in [1, T] {
            if is_metered {
                assert_eq!(window::meter(&mut breaker, amount, &staged), Verdict::Queued);
            } else {
                assert_eq!(release(&mut breaker, amount, &staged), Verdict::Queued);
            }
        }
        assert_eq!(breaker.latch.state, latch_state::ARMED);
    }
}

#[test]
fn a_look_at_little_or_nothing_makes_everything_wait_and_latches_nothing() {
    for balance in [0, 1, 9] {
        let mut breaker = referred();
        window::observe(&mut breaker, balance, 1, START);
        assert_eq!(release(&mut breaker, 1, &at(2, START)), Verdict::Queued, "{balance}");
        assert_eq!(release(&mut breaker, T, &at(3, START)), Verdict::Queued);
        assert_eq!(breaker.latch.state, latch_state::ARMED, "{balance}");
        // The native trip limit stands.
        assert_eq!(release(&mut breaker, 2 * T, &at(4, START)), Verdict::Queued);
        assert_eq!((breaker.latch.seen, breaker.latch.allowed), (3 * T + 1, 2 * T));
    }
}

#[test]
fn a_trip_limit_is_of_the_highest_reference_of_the_window() {
    let mut breaker = referred();
    window::observe(&mut breaker, 500_000, 1, START);
    window::observe(&mut breaker, 50_000, 2, START + SUB);
    assert_eq!(
        window::view(&breaker, &at(3, START + SUB)).limit,
        5_000,
        "of the lowest"
    );
    assert_eq!(release(&mut breaker, T, &at(3, START + SUB)), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(release(&mut breaker, 5_001, &at(4, START + SUB)), Verdict::Queued);
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (T + 5_001, T));
    // A window later it is of what was seen since, and what was asked under a higher one latches nothing.
    let mut breaker = referred();
    window::observe(&mut breaker, 500_000, 1, START);
    assert_eq!(release(&mut breaker, T, &at(2, START)), Verdict::Queued);
    window::observe(&mut breaker, 50_000, 3, START + SUB);
    let later = at(4, START + WINDOW + SUB);
    assert_eq!(release(&mut breaker, 10_000, &later), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(release(&mut breaker, 5_001, &later), Verdict::Queued);
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (15_001, 10_000));
}
