//! Notes of deposits: what custody saw an owner bring in leaves again to that owner and is counted nowhere.

use bulkhead_core::{
    breakers::{
        verdict::Verdict,
        window::{self, Asker, Moment},
    },
    detectors::latch,
};
use bulkhead_interface::{
    constants::{BPS, latch_state},
    layout::{DepositNote, OutflowBreaker},
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
        opened_slot: 1,
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

/// Pays or queues, in the name of a note's owner.
fn ask(breaker: &mut OutflowBreaker, (note, is_owner): (&mut DepositNote, bool), amount: u64, at: &Moment) -> Verdict {
    let mut asker = Asker { note, is_owner };
    let verdict = window::release(breaker, Some(&mut asker), amount, at);
    if verdict == Verdict::Queued {
        window::wait(breaker, Some(&mut asker), amount, at);
    }
    verdict
}

fn back(breaker: &mut OutflowBreaker, note: &mut DepositNote, amount: u64, at: &Moment) -> Verdict {
    ask(breaker, (note, true), amount, at)
}

/// In nobody's name.
fn release(breaker: &mut OutflowBreaker, amount: u64, at: &Moment) -> Verdict {
    let verdict = window::release(breaker, None, amount, at);
    if verdict == Verdict::Queued {
        window::wait(breaker, None, amount, at);
    }
    verdict
}

fn deposit(note: &mut DepositNote, breaker: &OutflowBreaker, amount: u64, now: i64) {
    window::note_deposit(note, breaker, breaker.evacuations, amount, now);
}

/// Lets time pass.
fn pass(breaker: &mut OutflowBreaker, at: &Moment) {
    assert_eq!(window::take(breaker, 0, 0, at), 0);
}

fn room(breaker: &OutflowBreaker, at: &Moment) -> u64 {
    window::view(breaker, at).in_window
}

#[test]
fn the_same_tokens_fill_nothing_however_often_and_however_late() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    let mut now = START;
    // Far more than T each time, over every border there is, for thirty windows.
    for lap in 0..1_000_u64 {
        deposit(&mut note, &breaker, 30 * T, now);
        now += i64::try_from(lap).unwrap() % 9 * SUB / 4;
        assert_eq!(back(&mut breaker, &mut note, 30 * T, &at(lap, now)), Verdict::Allowed);
        assert_eq!(room(&breaker, &at(lap, now)), T, "lap {lap}");
        assert_eq!((breaker.outflow, breaker.slot_outflow, breaker.queued), (0, 0, 0));
    }
    // Nothing of it is seen later, either.
    for step in 0..30 {
        now += SUB;
        assert_eq!(room(&breaker, &at(2_000 + step, now)), T);
    }
    assert_eq!(release(&mut breaker, 1, &at(3_000, now)), Verdict::Allowed);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
}

#[test]
fn who_takes_out_more_than_was_brought_in_fills_the_window_with_the_difference() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    deposit(&mut note, &breaker, 30_000, START);
    assert_eq!(back(&mut breaker, &mut note, 50_000, &at(1, START)), Verdict::Allowed);
    assert_eq!(room(&breaker, &at(1, START)), T - 20_000);
    // The note is used up.
    assert_eq!(back(&mut breaker, &mut note, 1, &at(1, START)), Verdict::Allowed);
    assert_eq!(room(&breaker, &at(1, START)), T - 20_001);
}

#[test]
fn what_waits_uses_its_cover_up() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    deposit(&mut note, &breaker, 10 * T, START);
    assert_eq!(
        back(&mut breaker, &mut note, 11 * T + 1, &at(1, START)),
        Verdict::Queued
    );
    assert_eq!((breaker.queued, window::left_of(&note, &breaker)), (T + 1, 0));
    assert_eq!(breaker.latch.state, latch_state::ARMED, "what it brought is no theft");
    // Asked for once more it is.
    assert_eq!(
        back(&mut breaker, &mut note, 11 * T + 1, &at(2, START)),
        Verdict::Queued
    );
    assert!(latch::is_in_force(&breaker.latch, 0, START));
}

#[test]
fn what_was_brought_in_leaves_to_its_owner_or_waits() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    deposit(&mut note, &breaker, 10, START);
    let mut elsewhere = |breaker: &mut OutflowBreaker, now| ask(breaker, (&mut note, false), 10, &at(1, now));
    assert_eq!(elsewhere(&mut breaker, START), Verdict::Queued);
    assert_eq!(breaker.latch.state, latch_state::ARMED);
    assert_eq!(room(&breaker, &at(1, START)), T, "it fills nothing");
    assert_eq!(elsewhere(&mut breaker, START + WINDOW + SUB), Verdict::Allowed);
}

#[test]
fn nobody_keeps_a_right_to_leave_for_the_day_of_need() {
    let mut breaker = breaker();
    let mut note = DepositNote::zeroed();
    deposit(&mut note, &breaker, T, START);
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
        deposit(&mut note, &breaker, 10, START + number * SUB);
    }
    pass(&mut breaker, &at(1, START + 4 * SUB));
    assert_eq!(window::left_of(&note, &breaker), 50);
    let end = START - START % SUB + (i64::from(K) + 1) * SUB;
    assert!(!window::is_over(&note, &breaker, 0, end - 1));
    pass(&mut breaker, &at(2, end));
    assert_eq!(window::left_of(&note, &breaker), 30, "the two oldest end together");
    assert!(window::is_over(&note, &breaker, 0, end + 4 * SUB));
}

#[test]
fn an_evacuation_and_another_opening_end_every_note() {
    for (evacuations, opened_slot) in [(1, 1), (0, 2)] {
        let (mut breaker, mut note) = (breaker(), DepositNote::zeroed());
        deposit(&mut note, &breaker, 10 * T, START);
        assert!(!window::is_over(&note, &breaker, 0, START));
        window::renew(&mut breaker, evacuations);
        breaker.opened_slot = opened_slot;
        pass(&mut breaker, &at(3, START));
        assert_eq!(window::left_of(&note, &breaker), 0);
        assert!(window::is_over(&note, &breaker, evacuations, START));
        // What comes in now is all there is.
        deposit(&mut note, &breaker, 7, START);
        assert_eq!(window::left_of(&note, &breaker), 7);
    }
}

#[test]
fn a_sub_window_that_is_to_come_covers_nothing() {
    let (mut breaker, mut note) = (breaker(), DepositNote::zeroed());
    // In the slot of both openings, of which the second has longer sub-windows: the same slot, other numbers.
    for number in 0..4 {
        deposit(&mut note, &breaker, T, START + number * SUB);
    }
    breaker.window_seconds = 10 * WINDOW;
    for lap in 0..40 {
        let now = START + 4 * SUB + lap * SUB;
        pass(&mut breaker, &at(2, now));
        assert_eq!(window::left_of(&note, &breaker), 0);
    }
    deposit(&mut note, &breaker, 5, START + 44 * SUB);
    assert_eq!(window::left_of(&note, &breaker), 5);
}

#[test]
fn sums_that_leave_64_bits_close_the_window() {
    let huge = 6_000_000_000_000_000_000;
    let (mut breaker, mut note) = (breaker(), DepositNote::zeroed());
    for lap in 0..5 {
        let now = START + i64::try_from(lap).unwrap() * SUB;
        deposit(&mut note, &breaker, huge, now);
        assert_eq!(
            back(&mut breaker, &mut note, huge, &at(lap, now + SUB)),
            Verdict::Allowed
        );
    }
    let later = at(9, START + 6 * SUB);
    assert_eq!(room(&breaker, &later), T);
    assert_eq!(release(&mut breaker, T, &later), Verdict::Allowed);
    assert_eq!(release(&mut breaker, 1, &later), Verdict::Queued);
    // Where a limit is as high as the sum can be, a sum that is not known any more leaves no room, and no credit either.
    let mut breaker = OutflowBreaker {
        limit: u64::MAX,
        slot_limit: u64::MAX,
        inflow_credit: u64::MAX / 12,
        outflow: u64::MAX,
        bucket: START.unsigned_abs() / SUB.unsigned_abs(),
        ..self::breaker()
    };
    window::record_inflow(&mut breaker, u64::MAX, 1, START);
    assert_eq!(room(&breaker, &at(2, START)), 0);
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Wait(i64),
    Deposit(usize, u64),
    /// To its owner.
    Back(usize, u64),
    /// Of whatever there is room for, in anybody's name.
    Steal(u64),
    /// An instalment of a claim.
    Settle(u64),
    Evacuate,
    Reopen(u8),
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        9 => (0..3 * SUB).prop_map(Move::Wait),
        9 => (0..3_usize, 1..4 * T).prop_map(|(who, amount)| Move::Deposit(who, amount)),
        9 => (0..3_usize, 1..4 * T).prop_map(|(who, amount)| Move::Back(who, amount)),
        9 => (1..2 * T).prop_map(Move::Steal),
        3 => (1..2 * T).prop_map(Move::Settle),
        1 => Just(Move::Evacuate),
        1 => (4..=24u8).prop_map(Move::Reopen),
    ]
}

/// What an owner brought in, and when; not what an evacuation took or another opening forgot.
type Brought = Vec<(i64, u64)>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// **Law of custody.** Of any window, what was paid beyond notes is at most T. Every unit that was paid by a note is
    /// matched with one of its own that the same owner brought in, within the memory of the window before it, since the
    /// last evacuation and the last opening; the oldest that will do is taken, so that a match is found if there is one.
    #[test]
    fn no_schedule_takes_more_than_t_beyond_what_it_brought(moves in proptest::collection::vec(moves(), 1..150)) {
        let mut breaker = OutflowBreaker { trip_limit: u64::MAX, ..breaker() };
        let mut notes = [DepositNote::zeroed(); 3];
        let mut brought: [Brought; 3] = Default::default();
        let mut uncovered: Vec<(i64, u64)> = vec![];
        let (mut now, mut slot) = (START, 1);
        for step in moves {
            slot += 1;
            pass(&mut breaker, &at(slot, now));
            let before = breaker.outflow;
            match step {
                Move::Wait(seconds) => now += seconds,
                Move::Deposit(who, amount) => {
                    deposit(&mut notes[who], &breaker, amount, now);
                    brought[who].push((now, amount));
                }
                Move::Back(who, amount) => {
                    let is_paid = back(&mut breaker, &mut notes[who], amount, &at(slot, now)) == Verdict::Allowed;
                    let beyond = breaker.outflow - before;
                    let mut covered = if is_paid { amount - beyond } else { 0 };
                    let memory = WINDOW.max(i64::from(breaker.sub_windows)) + 2 * (WINDOW / 4);
                    for (ts, left) in brought[who].iter_mut().filter(|(ts, _)| *ts >= now - memory) {
                        let used = covered.min(*left);
                        (*left, covered) = (*left - used, covered - used);
                        prop_assert!(*ts <= now);
                    }
                    prop_assert_eq!(covered, 0, "paid by a note, and never brought in");
                    uncovered.push((now, beyond));
                }
                Move::Steal(amount) => {
                    let amount = amount.min(window::remaining(&breaker, &at(slot, now)));
                    if amount > 0 {
                        prop_assert_eq!(release(&mut breaker, amount, &at(slot, now)), Verdict::Allowed);
                        uncovered.push((now, amount));
                    }
                }
                Move::Settle(amount) => uncovered.push((now, window::take(&mut breaker, amount, now, &at(slot, now)))),
                Move::Evacuate => {
                    let evacuations = breaker.evacuations + 1;
                    window::renew(&mut breaker, evacuations);
                    brought = Default::default();
                }
                Move::Reopen(k) => {
                    // What left is not this law's to remember over an opening.
                    breaker = OutflowBreaker {
                        trip_limit: u64::MAX,
                        sub_windows: k,
                        opened_slot: slot,
                        evacuations: breaker.evacuations,
                        ..self::breaker()
                    };
                    brought = Default::default();
                    uncovered.clear();
                }
            }
            prop_assert!(window::is_added_up(&breaker));
            for (start, _) in &uncovered {
                let inside = uncovered.iter().filter(|(ts, _)| (*start..=start + WINDOW).contains(ts));
                let sum: u64 = inside.map(|(_, amount)| amount).sum();
                prop_assert!(sum <= T, "{sum} in nobody's name");
            }
        }
    }
}
