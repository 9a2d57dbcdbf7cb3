//! The queue gets on: whatever others ask for, a queued release that has matured is paid within a stated time, and no rule
//! that keeps room for it lets more than T leave, or makes others wait for more than what is owed.

use bulkhead_core::breakers::{
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
/// Sub-windows in which half of T goes to those whose turn it is.
const ROUND: u64 = K as u64 + 1;

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
        ramp_bps: BPS,
        unpaused_slot: 0,
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

/// Sub-windows that a turn takes of releases that are owed so much.
const fn longest(owed: u64) -> u64 {
    ROUND * ((2 * owed).div_ceil(T) + 2)
}

#[test]
fn who_fills_every_window_cannot_keep_a_claim_waiting() {
    let mut breaker = breaker();
    let (mut owed, mut slot, mut tries) = (5 * T, 0, 0);
    while owed > 0 {
        let now = START + i64::try_from(tries).unwrap() * SUB;
        slot += 2;
        // Somebody with capital of T is always first.
        fill(&mut breaker, &at(slot, now));
        owed -= window::take(&mut breaker, owed, START - 1, &at(slot + 1, now));
        tries += 1;
        assert!(tries <= longest(5 * T));
    }
}

#[test]
fn a_turn_keeps_half_and_ends_a_window_after_it_was_last_needed() {
    let mut breaker = breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(window::take(&mut breaker, 1, START, &at(2, START)), 0);
    let last = START + WINDOW;
    assert_eq!(
        window::remaining(&breaker, &at(3, last)),
        0,
        "all of it is counted still"
    );
    assert_eq!(window::take(&mut breaker, 1, START, &at(3, last)), 0, "tried once more");
    let next = at(4, last + SUB);
    assert_eq!(window::remaining(&breaker, &next), T / 2);
    // A claim that nobody tries any more: closed, cancelled, or for an account that takes nothing.
    let over = at(5, last + WINDOW + SUB);
    assert_eq!(window::remaining(&breaker, &over), T);
    // And nothing is kept for one that finds enough, or that only its slot is too small for.
    assert_eq!(window::take(&mut breaker, 1, START, &over), 1);
    assert_eq!(window::remaining(&breaker, &over), T - 1);
    breaker.slot_limit = 10;
    assert_eq!(window::take(&mut breaker, 20, START, &over), 9);
    assert_eq!(window::remaining(&breaker, &at(6, over.now)), 10);
}

#[test]
fn what_matures_later_has_no_turn_yet() {
    let mut breaker = breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(window::take(&mut breaker, T, START, &at(2, START + SUB)), 0);
    let next = START + WINDOW + SUB;
    assert_eq!(window::take(&mut breaker, T, START + SUB + 1, &at(3, next)), T / 2);
    assert_eq!(window::take(&mut breaker, T, START + SUB, &at(4, next)), T / 2);
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
    /// Has another claim, which matures now.
    Claim(u64),
}

fn moves() -> impl Strategy<Value = Vec<Vec<Move>>> {
    let one = prop_oneof![
        3 => prop_oneof![2 => Just(255u8), 1 => any::<u8>()].prop_map(Move::Fill),
        4 => any::<usize>().prop_map(Move::Settle),
        1 => prop_oneof![2 => 1..5u64, 1 => 1..2 * T].prop_map(Move::Claim),
    ];
    prop::collection::vec(prop::collection::vec(one, 0..6), 80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// An adversary who is always first, with any claims of its own, older and younger, that only it can try. The honest
    /// claim is tried once in a sub-window. T holds throughout.
    #[test]
    fn a_claim_is_paid_within_its_time_whatever_others_do(
        older in prop::collection::vec(prop_oneof![1..5u64, 1..T], 0..6),
        owed in prop_oneof![1..5u64, 1..3 * T],
        jitter in 0..SUB,
        moves in moves(),
    ) {
        let mut breaker = breaker();
        let mut claims: Vec<_> = older.iter().map(|owed| Claim { payable_ts: START, owed: *owed }).collect();
        let (mut left, mut slot) = (owed, 1);
        let mut history: Vec<(i64, u64)> = vec![];
        fill(&mut breaker, &at(slot, START));
        history.push((START, T));
        // The adversary's turn may have begun before the honest claim matures, a sub-window later.
        let _ = claims.first().map(|claim| window::take(&mut breaker, claim.owed, claim.payable_ts, &at(2, START)));
        let (mut turn, mut turns, mut most, mut waited) = (breaker.turn_ts, 0, 0, 0);
        if breaker.turn_ts != 0 {
            most = longest(older.iter().sum());
        }
        for step in 1.. {
            let now = START + i64::try_from(step).unwrap() * SUB + jitter;
            for made in &moves[step % moves.len()] {
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
                        claims.push(Claim { payable_ts: now, owed });
                        0
                    }
                };
                history.push((now, paid));
                if breaker.turn_ts != turn {
                    // A turn that began now is of all that have matured, the honest claim among them.
                    (turn, turns) = (breaker.turn_ts, turns + 1);
                    most = waited + longest(left + claims.iter().map(|claim| claim.owed).sum::<u64>() + T);
                }
            }
            slot += 1;
            let paid = window::take(&mut breaker, left, START + SUB, &at(slot, now));
            history.push((now, paid));
            left -= paid;
            if breaker.turn_ts != turn {
                (turn, turns) = (breaker.turn_ts, turns + 1);
                most = waited + longest(left + claims.iter().map(|claim| claim.owed).sum::<u64>());
            }
            waited += 1;
            if left == 0 {
                break;
            }
            prop_assert!(turns <= 2, "its own is the next at the latest");
            prop_assert!(waited <= most, "{left} of {owed} after {waited} sub-windows");
        }
        for (start, _) in &history {
            let inside = history.iter().filter(|(ts, _)| (*start..=start + WINDOW).contains(ts));
            prop_assert!(inside.map(|(_, amount)| amount).sum::<u64>() <= T);
        }
    }
}

#[test]
fn nothing_is_kept_for_what_an_evacuation_has_voided() {
    let mut breaker = breaker();
    assert_eq!(fill(&mut breaker, &at(1, START)), T);
    assert_eq!(
        window::take(&mut breaker, 1, START, &at(2, START)),
        0,
        "its turn begins"
    );
    let later = START + WINDOW;
    assert_eq!(window::take(&mut breaker, 1, START, &at(3, later)), 0, "and goes on");
    let unpaused = at(4, later + SUB);
    assert_eq!(window::remaining(&breaker, &unpaused), T / 2);
    window::renew(&mut breaker, 1);
    assert_eq!(window::remaining(&breaker, &unpaused), T);
    // What matures since is paid as what is asked for now.
    assert_eq!(window::take(&mut breaker, T, START + 2 * WINDOW, &unpaused), T);
}
