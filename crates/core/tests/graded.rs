//! The graded response: what waits, what latches, what returns without filling the window, and what one guardian can do.

use bulkhead_core::{
    acts::{self, ActError, At},
    latch,
    verdict::Verdict,
    window::{self, Asker, Limits, Moment, TripLimits, WindowError},
};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, latch_state, role},
    layout::{Council, DepositNote, Member, OutflowBreaker},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

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
        stage_bps: BPS,
        lifted_slot: 0,
    }
}

fn is_latched(breaker: &OutflowBreaker, now: i64) -> bool {
    latch::is_in_force(&breaker.latch, 0, now)
}

fn release(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    window::release(breaker, None, amount, at)
}

fn back(breaker: &mut OutflowBreaker, note: &mut DepositNote, amount: u64, at: &Moment) -> Verdict {
    window::release(breaker, Some(Asker { note, is_owner: true }), amount, at)
}

fn room(breaker: &OutflowBreaker, at: &Moment) -> u64 {
    window::view(breaker, at).in_window
}

#[test]
fn over_a_limit_it_waits_and_only_above_the_trip_limit_it_latches() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, T, &at(1, START)), Verdict::Allowed);
    // An honest whale waits and stops nobody.
    assert_eq!(release(&mut breaker, T, &at(2, START)), Verdict::Queued);
    assert!(!is_latched(&breaker, START));
    assert_eq!(breaker.queued, T);
    // Paid and queued together are at the trip limit: one unit more is above it.
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
        assert!(slot < 20, "it latches");
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
fn what_is_settled_is_not_asked_for_twice() {
    let mut breaker = breaker();
    assert_eq!(release(&mut breaker, T + 1, &at(1, START)), Verdict::Queued);
    assert_eq!(window::take(&mut breaker, T + 1, &at(2, START + SUB)), T);
    assert_eq!((breaker.outflow, breaker.queued), (T, 1));
    assert!(window::is_added_up(&breaker));
    // Asked for so far: T + 1. As much as T - 1 more only waits.
    assert_eq!(release(&mut breaker, T - 1, &at(3, START + SUB)), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
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

#[test]
fn the_same_tokens_do_not_fill_the_window_twice() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    for lap in 0..1_000_u64 {
        let now = START + i64::try_from(lap).unwrap();
        window::note_deposit(&mut note, &breaker, T / 10, now);
        assert_eq!(back(&mut breaker, &mut note, T / 10, &at(lap, now)), Verdict::Allowed);
        let held_over = T / 10;
        assert!(room(&breaker, &at(lap, now)) >= T - held_over, "lap {lap}");
    }
    assert!(window::is_added_up(&breaker));
}

#[test]
fn who_takes_out_more_than_was_brought_in_fills_the_window_with_the_difference() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    window::note_deposit(&mut note, &breaker, 30_000, START);
    assert_eq!(back(&mut breaker, &mut note, 50_000, &at(1, START)), Verdict::Allowed);
    assert_eq!(room(&breaker, &at(1, START)), T - 20_000);
    // The note is used up.
    assert_eq!(back(&mut breaker, &mut note, 1, &at(1, START)), Verdict::Allowed);
    assert_eq!(room(&breaker, &at(1, START)), T - 20_001);
}

#[test]
fn what_is_fresh_leaves_to_its_owner_or_waits() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    window::note_deposit(&mut note, &breaker, 10, START);
    let mut elsewhere = |breaker: &mut OutflowBreaker, now| {
        let asker = Asker {
            note: &mut note,
            is_owner: false,
        };
        window::release(breaker, Some(asker), 10, &at(1, now))
    };
    assert_eq!(elsewhere(&mut breaker, START), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(room(&breaker, &at(1, START)), T, "it fills nothing");
    assert_eq!(elsewhere(&mut breaker, START + WINDOW + SUB), Verdict::Allowed);
}

#[test]
fn nobody_keeps_a_right_to_leave_for_the_day_of_need() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    window::note_deposit(&mut note, &breaker, T, START);
    // It leaves in another's name, and fills the window.
    assert_eq!(release(&mut breaker, T, &at(1, START)), Verdict::Allowed);
    // When that is forgotten, so is the note.
    let later = at(9, START + WINDOW + SUB);
    assert_eq!(release(&mut breaker, T, &later), Verdict::Allowed);
    assert_eq!(back(&mut breaker, &mut note, 1, &later), Verdict::Queued);
}

#[test]
fn a_fifth_sub_window_ends_with_the_oldest() {
    let (mut breaker, mut note) = (breaker(), DepositNote::zeroed());
    for number in 0..5 {
        window::note_deposit(&mut note, &breaker, 10, START + number * SUB);
    }
    let _ = window::take(&mut breaker, 0, &at(1, START + 4 * SUB));
    assert_eq!(window::left_of(&note, &breaker), 50);
    let end = START - START % SUB + (i64::from(K) + 1) * SUB;
    assert!(!window::is_over(&note, &breaker, end - 1));
    let _ = window::take(&mut breaker, 0, &at(2, end));
    assert_eq!(window::left_of(&note, &breaker), 30, "the two oldest end together");
    assert!(window::is_over(&note, &breaker, end + 4 * SUB));
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Wait(i64),
    Deposit(usize, u64),
    /// To its owner, or elsewhere where it is not fresh.
    Back(usize, u64),
    /// Of whatever there is room for, in anybody's name.
    Steal(u64),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        3 => (0..3 * SUB).prop_map(Move::Wait),
        3 => (0..3_usize, 1..T).prop_map(|(who, amount)| Move::Deposit(who, amount)),
        3 => (0..3_usize, 1..2 * T).prop_map(|(who, amount)| Move::Back(who, amount)),
        3 => (1..2 * T).prop_map(Move::Steal),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Of any window, what left beyond what its takers brought in within the memory of the window is at most T, and
    /// what left in nobody's name is at most T. Nothing is paid out of a note that did not come in.
    #[test]
    fn no_schedule_takes_more_than_t_beyond_what_it_brought(moves in proptest::collection::vec(moves(), 1..120)) {
        let mut breaker = OutflowBreaker { trip_limit: u64::MAX, ..breaker() };
        let mut notes = [DepositNote::zeroed(); 3];
        let mut brought = [0_u64; 3];
        let mut history: Vec<(i64, u64, u64)> = vec![];
        let mut credits: Vec<(i64, u64)> = vec![];
        let (mut now, mut slot) = (START, 1);
        for step in moves {
            slot += 1;
            match step {
                Move::Wait(seconds) => now += seconds,
                Move::Deposit(who, amount) => {
                    window::note_deposit(&mut notes[who], &breaker, amount, now);
                    brought[who] += amount;
                    credits.push((now, amount));
                }
                Move::Back(who, amount) => {
                    let _ = window::take(&mut breaker, 0, &at(slot, now));
                    let covered = window::left_of(&notes[who], &breaker).min(amount);
                    if back(&mut breaker, &mut notes[who], amount, &at(slot, now)) == Verdict::Allowed {
                        prop_assert!(covered <= brought[who]);
                        brought[who] -= covered;
                        history.push((now, amount - covered, amount));
                    }
                }
                Move::Steal(amount) => {
                    let _ = window::take(&mut breaker, 0, &at(slot, now));
                    let amount = amount.min(room(&breaker, &at(slot, now)));
                    if amount > 0 {
                        prop_assert_eq!(release(&mut breaker, amount, &at(slot, now)), Verdict::Allowed);
                        history.push((now, amount, amount));
                    }
                }
            }
            prop_assert!(window::is_added_up(&breaker));
            prop_assert!(breaker.returned <= breaker.outflow);
        }
        for (start, ..) in &history {
            let inside = history.iter().filter(|(ts, ..)| (*start..=start + WINDOW).contains(ts));
            let (mut uncovered, mut gross) = (0, 0);
            for (_, beyond, all) in inside {
                uncovered += beyond;
                gross += all;
            }
            prop_assert!(uncovered <= T, "{uncovered} in nobody's name");
            // Within the memory of the window that ends here.
            let memory = start - SUB - WINDOW..=start + WINDOW;
            let came: u64 = credits.iter().filter(|(ts, _)| memory.contains(ts)).map(|(_, amount)| amount).sum();
            prop_assert!(gross <= T + came, "{gross} of {T} and {came}");
        }
    }
}

fn council() -> Council {
    let mut council = Council {
        member_count: 1,
        contain_seconds: 6 * 3_600,
        contains_per_day: 3,
        contains_in_a_row: 3,
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
    assert_eq!(fourth.err(), Some(ActError::ContainCapReached));
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
        Err(ActError::TightenedSince)
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
    assert_eq!(given(T - 1, 0), Err(WindowError::OutOfRange));
    assert_eq!(given(T, 1), Err(WindowError::OutOfRange), "bps of nothing");
    let twice = TripLimits::default().or_twice(&Limits {
        limit_bps: 500,
        ..limits
    });
    assert_eq!((twice.limit, twice.bps), (2 * T, 1_000));
}

#[test]
fn a_trip_limit_follows_reference_and_shards_and_is_whole_at_every_stage() {
    let mut breaker = OutflowBreaker {
        limit_bps: 1_000,
        trip_bps: 2_000,
        shards: 2,
        reference: Pubkey::new_from_array([1; 32]),
        ..breaker()
    };
    window::open_reference(&mut breaker);
    window::observe(&mut breaker, 400_000, 1, START);
    // A fifth of 400,000, and half of it.
    let staged = Moment {
        stage_bps: 5_000,
        ..at(2, START)
    };
    assert_eq!(release(&mut breaker, 40_000, &staged), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(release(&mut breaker, 1, &staged), Verdict::Allowed);
    assert_eq!(release(&mut breaker, 1, &staged), Verdict::Allowed);
    assert_eq!(release(&mut breaker, 20_000, &staged), Verdict::Queued);
    assert_eq!((breaker.latch.seen, breaker.latch.allowed), (60_002, 40_000));
}
