//! The queue gets on: whatever others ask for, a queued release that has matured is paid within a stated time, and no rule
//! that keeps room for it lets more than T leave, or makes others wait for more than what is owed.

use bulkhead_core::{
    verdict::Verdict,
    window::{self, Moment},
};
use bulkhead_interface::{constants::BPS, layout::OutflowBreaker};
use bytemuck::Zeroable;
use proptest::prelude::*;

const START: i64 = 1_775_000_000;
const K: u8 = 4;
const SUB: i64 = 100;
const WINDOW: i64 = SUB * K as i64;
const T: u64 = 1_000;
/// Sub-windows in which half of T is paid of what is first in turn.
const ROUND: u64 = 2 * (K as u64 + 1);

fn breaker() -> OutflowBreaker {
    let mut breaker = OutflowBreaker {
        version: 1,
        sub_windows: K,
        shards: 1,
        window_seconds: WINDOW,
        limit: T,
        slot_limit: T,
        trip_limit: u64::MAX,
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

/// As much as there is, at once.
fn fill(breaker: &mut OutflowBreaker, at: &Moment) -> u64 {
    let room = window::remaining(breaker, at);
    if room > 0 {
        assert_eq!(window::release(breaker, None, room, at), Verdict::Allowed);
    }
    room
}

#[test]
fn who_fills_every_window_cannot_keep_a_claim_waiting() {
    let mut breaker = breaker();
    let (mut owed, mut slot) = (5 * T, 0);
    for step in 0.. {
        let now = START + step * SUB;
        slot += 2;
        // Somebody with capital of T is always first.
        fill(&mut breaker, &at(slot, now));
        owed -= window::take(&mut breaker, owed, START - 1, &at(slot + 1, now));
        if owed == 0 {
            break;
        }
        let rounds = u64::try_from(step).unwrap().div_ceil(ROUND);
        assert!(5 * T - owed >= rounds.saturating_sub(1) * T / 2, "{owed} after {step} sub-windows");
    }
}

#[test]
fn one_unit_keeps_one_unit_and_nothing_is_kept_for_ever() {
    let mut breaker = breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(window::take(&mut breaker, 1, START, &at(2, START)), 0);
    let last = START + WINDOW;
    assert_eq!(window::take(&mut breaker, 1, START, &at(3, last)), 0, "tried once more");
    let next = at(4, last + SUB);
    assert_eq!(window::remaining(&breaker, &next), T - 1);
    // A claim that nobody tries any more: closed, cancelled, or for an account that takes nothing.
    assert_eq!(window::remaining(&breaker, &at(5, last + WINDOW + SUB)), T);
}

#[test]
fn what_is_paid_is_kept_no_longer() {
    let mut breaker = breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(window::take(&mut breaker, 300, START, &at(2, START)), 0);
    let next = START + WINDOW;
    assert_eq!(window::take(&mut breaker, 300, START, &at(3, next)), 0);
    let next = next + SUB;
    assert_eq!(window::remaining(&breaker, &at(4, next)), T - 300);
    assert_eq!(window::take(&mut breaker, 300, START, &at(5, next)), 300);
    assert_eq!(window::remaining(&breaker, &at(6, next)), T - 300, "what is left, all of it");
}

#[test]
fn whose_claim_is_younger_does_not_take_what_is_kept() {
    let mut breaker = breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(window::take(&mut breaker, T, START, &at(2, START + 1)), 0);
    let next = START + WINDOW + SUB;
    assert_eq!(window::take(&mut breaker, T, START + 1, &at(3, next)), T, "its turn is over: nobody tried it");
    let mut breaker = self::breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(window::take(&mut breaker, T, START, &at(2, START + SUB)), 0);
    assert_eq!(window::take(&mut breaker, T, START + 1, &at(3, next)), T / 2);
    assert_eq!(window::take(&mut breaker, T, START, &at(4, next)), T / 2);
}

/// A claim of an adversary's.
#[derive(Clone, Copy, Debug)]
struct Claim {
    payable_ts: i64,
    owed: u64,
}

#[derive(Clone, Copy, Debug)]
enum Move {
    /// As much as there is at once, or a share of it in 1/256.
    Fill(u8),
    /// Tries one of its claims. When it likes, its account takes nothing: nobody else can try them.
    Settle(usize),
    /// Has another claim, younger than the honest one.
    Claim(u64),
}

fn moves() -> impl Strategy<Value = Vec<Vec<Move>>> {
    let one = prop_oneof![
        3 => prop_oneof![2 => Just(255u8), 1 => any::<u8>()].prop_map(Move::Fill),
        4 => any::<usize>().prop_map(Move::Settle),
        1 => (1..2 * T).prop_map(Move::Claim),
    ];
    prop::collection::vec(prop::collection::vec(one, 0..6), 400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// An adversary who is always first, with any claims of its own, older and younger, that only it can try. The honest
    /// claim is tried once in a sub-window. T holds throughout.
    #[test]
    fn a_claim_is_paid_within_its_time_whatever_others_do(
        older in prop::collection::vec(1..T, 0..6),
        owed in 1..3 * T,
        jitter in 0..SUB,
        moves in moves(),
    ) {
        let mut breaker = breaker();
        let honest_ts = START;
        let mut claims: Vec<_> = (1..).zip(&older).map(|(age, owed)| Claim { payable_ts: START - age, owed: *owed }).collect();
        let before: u64 = older.iter().sum::<u64>() + owed;
        let most = ROUND * before.div_ceil(T / 2);
        let (mut left, mut slot, mut taken) = (owed, 1, 0);
        let mut history: Vec<(i64, u64)> = vec![];
        fill(&mut breaker, &at(slot, START));
        history.push((START, T));
        for step in 0..=most {
            let now = START + i64::try_from(step).unwrap() * SUB + jitter;
            for made in moves.get(usize::try_from(step).unwrap()).map_or(&[][..], |moves| moves) {
                slot += 1;
                let at = at(slot, now);
                let paid = match *made {
                    Move::Fill(255) => fill(&mut breaker, &at),
                    Move::Fill(share) => {
                        let amount = window::remaining(&breaker, &at) * u64::from(share) / 255;
                        if amount > 0 {
                            prop_assert_eq!(window::release(&mut breaker, None, amount, &at), Verdict::Allowed);
                        }
                        amount
                    }
                    Move::Settle(number) if !claims.is_empty() => {
                        let number = number % claims.len();
                        let claim = &mut claims[number];
                        let paid = window::take(&mut breaker, claim.owed, claim.payable_ts, &at);
                        claim.owed -= paid;
                        if claim.owed == 0 {
                            claims.remove(number);
                        }
                        paid
                    }
                    Move::Settle(_) => 0,
                    Move::Claim(owed) => {
                        claims.push(Claim { payable_ts: now + 1, owed });
                        0
                    }
                };
                history.push((now, paid));
            }
            slot += 1;
            let paid = window::take(&mut breaker, left, honest_ts, &at(slot, now));
            history.push((now, paid));
            (left, taken) = (left - paid, taken + paid);
            if left == 0 {
                break;
            }
        }
        prop_assert_eq!(left, 0, "of {} after {} sub-windows, {} taken", owed, most, taken);
        for (start, _) in &history {
            let inside = history.iter().filter(|(ts, _)| (*start..=start + WINDOW).contains(ts));
            prop_assert!(inside.map(|(_, amount)| amount).sum::<u64>() <= T);
        }
    }
}
