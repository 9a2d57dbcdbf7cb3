//! The bound of the whole mechanism: native limits, bps of a reference, inflow credit, shards, stages
//! and changing limits, against an adversary who does with them whatever it likes. Everything that is
//! let through is written down, and every window and slot of it is added up again by brute force.

use bulkhead_core::{
    acts::{At, NewBreaker, NewDetector, open_breaker},
    breakers::{
        verdict::Verdict,
        window::{self, Limits, Moment, TripLimits},
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, SCOPE_DOMAIN},
    layout::{Latch, OutflowBreaker},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const START: i64 = 1_775_000_000;
const WEEK: i64 = 7 * 86_400;

/// What left through one shard.
#[derive(Clone, Copy, Debug)]
struct Outflow {
    slot: u64,
    ts: i64,
    amount: u64,
}

/// A balance somebody saw.
#[derive(Clone, Copy, Debug)]
struct Sample {
    sub_window: i64,
    balance: u64,
}

#[derive(Clone, Copy, Debug)]
enum Move {
    /// As much as there is room for, or a share of it in 1/256.
    Greedy(u8),
    /// Any amount, which may latch.
    Any(u64),
    Instalment(u64),
    Inflow(u64),
    Observe(u64),
    /// A proposal: any limits that can be kept, shares in 1/256.
    Set(u8, u8, u16, u16, u8),
    /// A guardian: shares in 1/256 of what there is.
    Lower(u8, u8),
    Stage(u16),
    /// Proposals to close it and to open it as it was.
    Reopen,
}

fn moves() -> impl Strategy<Value = Move> {
    let bps = || prop_oneof![Just(0), 1..=BPS];
    prop_oneof![
        8 => prop_oneof![3 => Just(255u8), 1 => any::<u8>()].prop_map(Move::Greedy),
        1 => (1..2_000_000u64).prop_map(Move::Any),
        2 => (1..2_000_000u64).prop_map(Move::Instalment),
        4 => prop_oneof![Just(u64::MAX), 1..2_000_000u64].prop_map(Move::Inflow),
        5 => prop_oneof![Just(0), Just(u64::MAX), 1..20_000_000u64].prop_map(Move::Observe),
        1 => (1..=255u8, 1..=255u8, bps(), bps(), any::<u8>()).prop_map(|(t, s, a, b, c)| Move::Set(t, s, a, b, c)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(t, c)| Move::Lower(t, c)),
        1 => (1..=BPS).prop_map(Move::Stage),
        1 => Just(Move::Reopen),
    ]
}

/// From the same second to weeks, sometimes backward, often a sub-window or so.
fn clock_steps(sub_window: i64) -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..2i64,
        6 => 0..=2 * sub_window,
        3 => Just(sub_window),
        1 => 0..3 * WEEK,
        1 => -5_000..0i64,
    ]
}

/// What is done when, and to which shard.
#[derive(Clone, Copy, Debug)]
struct Step {
    seconds: i64,
    slots: u64,
    shard: u8,
    made: Move,
}

#[derive(Clone, Debug)]
struct Schedule {
    k: u8,
    window_seconds: i64,
    shards: u8,
    steps: Vec<Step>,
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (4..=24u8, 24..20_000i64, 1..=4u8).prop_flat_map(|(k, window_seconds, shards)| {
        let sub_window = window_seconds / i64::from(k) + 1;
        let step = (clock_steps(sub_window), 0..3u64, any::<u8>(), moves());
        let step = step.prop_map(|(seconds, slots, shard, made)| Step {
            seconds,
            slots,
            shard,
            made,
        });
        prop::collection::vec(step, 1..200).prop_map(move |steps| Schedule {
            k,
            window_seconds,
            shards,
            steps,
        })
    })
}

/// The limits of a shard by plain arithmetic, in 128 bits: what T and C were worth.
fn in_force(breaker: &OutflowBreaker, reference: Option<u64>, ramp_bps: u16) -> (u128, u128, u128) {
    let of = |native: u64, bps: u16| match reference {
        Some(balance) if bps != 0 => (u128::from(balance) * u128::from(bps) / 10_000).min(u128::from(native)),
        _ => u128::from(native),
    };
    let share = |whole: u128| whole / u128::from(breaker.shards) * u128::from(ramp_bps) / 10_000;
    let limit = share(of(breaker.limit, breaker.limit_bps));
    let credit = share(u128::from(breaker.inflow_credit)).min(limit / u128::from(breaker.sub_windows));
    (limit, credit, share(of(breaker.slot_limit, breaker.slot_bps)))
}

/// The reference as its rule says, from nothing but what was seen: sub-windows that have passed
/// unseen hold what was in force when they ended.
#[derive(Default)]
struct Reference {
    /// Minimum of each sub-window since the first that was looked at.
    closed: Vec<(i64, u64)>,
    newest: Option<(i64, Option<u64>)>,
}

impl Reference {
    /// In force while `sub_window` is the newest.
    fn at(&mut self, sub_window: i64, k: u8) -> Option<u64> {
        while let Some((newest, seen)) = self.newest.filter(|(newest, _)| *newest < sub_window) {
            let carried = self.lowest(newest, k).expect("it was looked at once");
            // A window that nobody looks at goes on as it is.
            let next = if sub_window > newest + 2 * i64::from(k) + 2 && seen.is_none() {
                let from = sub_window - i64::from(k) - 1;
                self.closed = (from..sub_window).map(|number| (number, carried)).collect();
                sub_window
            } else {
                self.closed.push((newest, seen.unwrap_or(carried)));
                newest + 1
            };
            self.newest = Some((next, None));
        }
        self.newest.and_then(|(newest, _)| self.lowest(newest, k))
    }

    fn lowest(&self, newest: i64, k: u8) -> Option<u64> {
        let closed = self
            .closed
            .iter()
            .filter(|(number, _)| *number >= newest - i64::from(k));
        let open = self.newest.and_then(|(_, seen)| seen);
        closed.map(|(_, seen)| *seen).chain(open).min()
    }

    fn see(&mut self, sub_window: i64, k: u8, balance: u64) {
        self.at(sub_window, k);
        let seen = self
            .newest
            .and_then(|(_, seen)| seen)
            .map_or(balance, |seen| seen.min(balance));
        self.newest = Some((self.newest.map_or(sub_window, |(newest, _)| newest), Some(seen)));
    }
}

/// Closed and opened again by proposals, as it was.
fn reopen(breaker: &mut OutflowBreaker, at: At) {
    let new = NewDetector {
        bump: 0,
        domain: breaker.domain,
        board: breaker.board,
        compartment: breaker.compartment,
        trip_scope: breaker.latch.scope,
        latch_seconds: breaker.latch.seconds,
        proposed_slot: Some(at.slot.max(1)),
    };
    let with = NewBreaker {
        shard: breaker.shard,
        shards: breaker.shards,
        sub_windows: breaker.sub_windows,
        window_seconds: breaker.window_seconds,
        mint: breaker.mint,
        authority: breaker.authority,
        reference: breaker.reference,
        limits: Limits::of(breaker),
        trip: TripLimits::default(),
    };
    *breaker = OutflowBreaker::zeroed();
    open_breaker(breaker, &new, &with, at).expect("as it was");
}

struct Shard {
    breaker: OutflowBreaker,
    /// Latest time it has seen.
    latest: i64,
    reference: Reference,
    samples: Vec<Sample>,
    outflows: Vec<Outflow>,
}

impl Shard {
    fn sub_window(&self, now: i64) -> i64 {
        let length = (self.breaker.window_seconds + i64::from(self.breaker.sub_windows) - 1)
            / i64::from(self.breaker.sub_windows);
        now.max(self.latest) / length
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_schedule_gets_more_than_t_and_a_kth_out_of_any_window(schedule in schedule()) {
        let Schedule { k, window_seconds, shards: count, steps } = schedule;
        let limits = Limits {
            limit: 1_000_000,
            slot_limit: 700_000,
            limit_bps: 1_000,
            slot_bps: 800,
            inflow_credit: 1_000_000 / u64::from(k),
        };
        let mut shards: Vec<_> = (0..count).map(|shard| {
            let mut breaker = OutflowBreaker {
                shard,
                shards: count,
                sub_windows: k,
                window_seconds,
                reference: Pubkey::new_from_array([1; 32]),
                latch: Latch { scope: SCOPE_DOMAIN, seconds: 60, ..Latch::zeroed() },
                ..OutflowBreaker::zeroed()
            };
            limits.put(&mut breaker);
            window::open_reference(&mut breaker);
            Shard { breaker, latest: i64::MIN, reference: Reference::default(), samples: vec![], outflows: vec![] }
        }).collect();
        let (mut now, mut slot, mut ramp_bps) = (START, 1_000u64, BPS);
        for Step { seconds, slots, shard, made } in steps {
            now += seconds;
            slot += slots;
            let shard = &mut shards[usize::from(shard % count)];
            // Every latch is unpaused at once: the limits have to hold by themselves.
            let at = Moment { slot, now, ramp_bps, unpaused_slot: slot + 1 };
            let sub_window = shard.sub_window(now);
            let reference = shard.reference.at(sub_window, k);
            let view = window::view(&shard.breaker, &at);
            prop_assert_eq!(window::take(&mut shard.breaker, 0, 0, &at), 0);
            prop_assert_eq!(window::view(&shard.breaker, &at), view, "time passes for whoever looks as for whoever acts");
            shard.latest = shard.latest.max(now);
            let before = shard.breaker;
            // A breaker that meters knows no queue, of which something would be kept.
            let room = if view.latched_until == 0 { view.in_window.min(view.in_slot) } else { 0 };
            let (limit, credit, slot_limit) = in_force(&before, reference, ramp_bps);
            prop_assert_eq!(u128::from(view.limit), limit, "the limit is what the rule says");

            let mut left = 0;
            match made {
                Move::Greedy(share) => {
                    let amount = u64::try_from(u128::from(room) * u128::from(share) / 255).expect("less");
                    if amount > 0 {
                        prop_assert_eq!(window::meter(&mut shard.breaker, amount, &at), Verdict::Allowed);
                        left = amount;
                    }
                }
                Move::Any(amount) => {
                    let verdict = window::meter(&mut shard.breaker, amount, &at);
                    prop_assert_eq!(verdict == Verdict::Allowed, amount <= room);
                    left = if verdict == Verdict::Allowed { amount } else { 0 };
                }
                Move::Instalment(amount) => left = window::take(&mut shard.breaker, amount, 0, &at),
                Move::Inflow(amount) => window::record_inflow(&mut shard.breaker, amount, slot, now),
                Move::Observe(balance) => {
                    window::observe(&mut shard.breaker, balance, slot, now);
                    let seen = balance.min(window::UNSEEN - 1);
                    shard.reference.see(sub_window, k, seen);
                    shard.samples.push(Sample { sub_window, balance: seen });
                    prop_assert!(window::view(&shard.breaker, &at).limit <= view.limit, "a sample raised the limit");
                }
                Move::Set(limit, slot_limit, limit_bps, slot_bps, credit) => {
                    let limit = 1_000_000 * u64::from(limit) / 255 + 10;
                    let new = Limits {
                        limit,
                        slot_limit: limit * u64::from(slot_limit) / 255 + 5,
                        limit_bps,
                        slot_bps,
                        inflow_credit: limit / u64::from(k) * u64::from(credit) / 255,
                    };
                    if window::check_limits(&shard.breaker, &new).is_ok() {
                        new.put(&mut shard.breaker);
                    }
                }
                Move::Lower(share, credit) => {
                    let old = Limits::of(&shard.breaker);
                    let part = |whole: u64| whole * u64::from(share) / 255;
                    let new = Limits {
                        limit: part(old.limit),
                        slot_limit: part(old.slot_limit),
                        inflow_credit: (old.inflow_credit * u64::from(credit) / 255).min(part(old.limit) / u64::from(k)),
                        ..old
                    };
                    if window::check_lowered(&shard.breaker, &new).is_ok() {
                        new.put(&mut shard.breaker);
                        prop_assert!(window::most(&shard.breaker, &at) <= window::most(&before, &at));
                    }
                }
                Move::Stage(bps) => ramp_bps = bps,
                Move::Reopen => {
                    // What it had seen of a clock that steps back, or of this slot, is gone with it: a slot is shorter
                    // than a window, and the rest is left to the cluster.
                    slot += 1;
                    reopen(&mut shard.breaker, At { slot, now: shard.latest });
                    shard.reference = Reference::default();
                    shard.samples.clear();
                }
            }
            prop_assert!(window::is_added_up(&shard.breaker));
            if left > 0 {
                shard.outflows.push(Outflow { slot, ts: shard.latest, amount: left });
                // Every window that ends here, against what is in force here. Any window ends somewhere.
                let sum = |inside: &dyn Fn(&&Outflow) -> bool| -> u128 {
                    shard.outflows.iter().filter(inside).map(|o| u128::from(o.amount)).sum()
                };
                let gross = sum(&|o| o.ts >= shard.latest - window_seconds);
                prop_assert!(gross <= limit + credit, "{} of {} + {}", gross, limit, credit);
                prop_assert!(credit <= limit / u128::from(k));
                prop_assert!(sum(&|o| o.slot == slot) <= slot_limit);
            }
        }
        // All shards together, by the native limits they have had: T was never above a million and ten.
        let all: Vec<_> = shards.iter().flat_map(|shard| &shard.outflows).collect();
        for last in &all {
            let inside = all.iter().filter(|o| o.ts <= last.ts && o.ts >= last.ts - window_seconds);
            let gross: u128 = inside.map(|o| u128::from(o.amount)).sum();
            prop_assert!(gross <= 1_000_010 + 1_000_010 / u128::from(k));
        }
    }

    /// Whatever is in force was seen in every sub-window of the window before it, or was in force all along.
    #[test]
    fn a_reference_rises_only_to_what_a_whole_window_has_seen(
        k in 4..=24u8,
        window_seconds in 24..20_000i64,
        looks in prop::collection::vec((0..6u8, prop_oneof![3 => Just(5_000u64), 2 => 0..9_000u64]), 1..300),
    ) {
        let mut breaker = OutflowBreaker {
            shards: 1,
            sub_windows: k,
            window_seconds,
            reference: Pubkey::new_from_array([1; 32]),
            limit_bps: BPS,
            limit: u64::MAX,
            slot_limit: u64::MAX,
            ..OutflowBreaker::zeroed()
        };
        window::open_reference(&mut breaker);
        let length = (window_seconds + i64::from(k) - 1) / i64::from(k);
        let mut now = START;
        let mut samples: Vec<Sample> = vec![];
        let mut last = u64::MAX;
        for (step, balance) in looks {
            // Mostly within the sub-window or in the next, now and then further.
            now += match step { 0 => 1, 1..=4 => length, _ => 3 * length };
            let newest = now / length;
            let at = Moment { slot: 1, now, ramp_bps: BPS, unpaused_slot: 0 };
            let limit = window::view(&breaker, &at).limit;
            if limit > last {
                for sub_window in newest - i64::from(k)..newest {
                    let mut of = samples.iter().filter(|sample| sample.sub_window == sub_window).peekable();
                    prop_assert!(of.peek().is_some(), "it rose though nobody looked at {}", sub_window);
                    prop_assert!(of.all(|sample| sample.balance >= limit));
                }
            }
            window::observe(&mut breaker, balance, 1, now);
            samples.push(Sample { sub_window: newest, balance });
            last = window::view(&breaker, &at).limit;
            // Never above anything seen within the window.
            let seen = samples.iter().filter(|sample| sample.sub_window >= newest - i64::from(k));
            prop_assert!(seen.map(|sample| sample.balance).min() >= Some(last));
        }
    }
}
