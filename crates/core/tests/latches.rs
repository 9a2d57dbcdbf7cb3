//! What a look does to a latch, of every detector: the table, and every short history of looks, unpauses and crankings against
//! books that know nothing of it.
//!
//! The books keep one thing: since when what is found has been found without a break, by whoever's look. From that follows
//! all that is asked for. What is found since an unpause's proposal or later stays; a look in order forgets; what did not get
//! worse is no newer for being looked at, carried or waited out; and whatever is found is in force after the look, unless a
//! unpause knew of it.

use bulkhead_core::{
    acts::{self, At, NewDetector, Shown, Source},
    clock,
    detectors::{
        latch::{self, Effect, Evidence, Found, LatchStatus, breach_slot, effect, is_in_force, is_news, status},
        price::Config,
        solvency, watch,
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{latch_state, reading, route_fault},
    layout::{Authorities, AuthorityWatch, Latch, PriceBreaker, SolvencyBreaker, Vault},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

const NOW: i64 = 1_775_000_000;
const SLOT: u64 = 300_000_000;
/// How long a latch lasts.
const LATCH: i64 = 3_600;
/// Steps of a history.
const DEPTH: usize = 7;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn armed() -> Latch {
    latch::armed(1, 1, LATCH).expect("in range")
}

#[test]
fn the_table_is_the_one_in_the_text() {
    use {Effect as E, LatchStatus as S};
    for (found, row) in [
        (Found::InOrder, [E::Forget, E::Forget, E::Forget, E::Forget]),
        (Found::Same, [E::Latch, E::Stand, E::Again, E::Accept]),
        (Found::News, [E::Latch, E::Latch, E::Latch, E::Latch]),
    ] {
        for (status, expected) in [S::Armed, S::InForce, S::RunOut, S::Unpaused].into_iter().zip(row) {
            assert_eq!(effect(found, status), expected, "{found:?} {status:?}");
        }
    }
}

proptest! {
    /// Whatever stands in a latch: what a look does follows from finding and status alone, and it never ends a latch, nor
    /// makes it older.
    #[test]
    fn a_look_does_what_the_table_says(
        state in 0_u8..3, slot in 0_u64..20, begun in 0_u64..20, until in 0_i64..20, unpaused in 0_u64..20, now in 0_i64..20,
        found in prop_oneof![Just(Found::InOrder), Just(Found::Same), Just(Found::News)],
    ) {
        let mut latch = armed();
        if state != latch_state::ARMED {
            (latch.state, latch.slot, latch.until, latch.begun_slot) = (state, slot, until, clock::short(begun));
        }
        let (before, at) = (latch, At { slot: 30, now });
        let stood = status(&before, unpaused, now);
        prop_assert_eq!(stood == LatchStatus::InForce, is_in_force(&before, unpaused, now));
        let effect = latch::look(&mut latch, found, Evidence { seen: 5, allowed: 4 }, unpaused, at);
        prop_assert_eq!(effect, latch::effect(found, stood));
        if matches!(effect, Effect::Latch | Effect::Again) {
            let is_waiting = stood == LatchStatus::InForce && before.state == latch_state::LATCHED;
            prop_assert!(is_news(&latch, unpaused, now, false));
            prop_assert_eq!((latch.ts, latch.until, latch.seen, latch.allowed), (now, now + LATCH, 5, 4));
            prop_assert_eq!(latch.slot, if effect == Effect::Latch { 30 } else { before.slot });
            let began = if is_waiting { begun } else { 30 };
            prop_assert_eq!(breach_slot(&latch, unpaused), began.max(unpaused));
            prop_assert!(latch.slot >= before.slot || stood == LatchStatus::Unpaused);
        } else {
            prop_assert_eq!(bytemuck::bytes_of(&latch), bytemuck::bytes_of(&before));
        }
    }

    /// A finding with a size is the same while it is within the margin of the smallest one.
    #[test]
    fn sizes_are_compared_with_the_smallest(sizes in proptest::collection::vec(0_u128..100, 1..12), margin in 0_u128..30) {
        let mut noted = None;
        for size in sizes {
            let (found, smallest) = latch::compare(noted, size, margin);
            let is_same = noted.is_some_and(|noted: u128| size <= noted + margin);
            prop_assert_eq!(found, if is_same { Found::Same } else { Found::News });
            prop_assert_eq!(smallest, if is_same { noted.unwrap().min(size) } else { size });
            noted = Some(smallest);
        }
    }
}

/// A detector as the histories see it.
trait Detector: Clone {
    /// Shows it something; 0 is in order.
    fn look(&mut self, found: u128, unpaused_slot: u64, at: At);
    fn latch(&mut self) -> &mut Latch;
    /// What is noted after a look at `found`, if that is what is noted already.
    fn joins(noted: u128, found: u128) -> Option<u128> {
        (noted == found).then_some(noted)
    }
    /// What it can be shown.
    const FINDINGS: &'static [u128];
}

impl Detector for AuthorityWatch {
    const FINDINGS: &'static [u128] = &[0, 1, 2];

    fn look(&mut self, found: u128, unpaused_slot: u64, at: At) {
        let mut read = self.expected;
        read.keys[0] = key(u8::try_from(found).expect("few"));
        watch::observe(self, &read, unpaused_slot, at);
    }

    fn latch(&mut self) -> &mut Latch {
        &mut self.latch
    }
}

impl Detector for Vault {
    const FINDINGS: &'static [u128] = &[0, 1, 2];

    fn look(&mut self, found: u128, unpaused_slot: u64, at: At) {
        let fault =
            [route_fault::NONE, route_fault::DELEGATED, route_fault::FROZEN][usize::try_from(found).expect("few")];
        acts::observe_evacuation_route(self, fault, unpaused_slot, at).expect("it has a route");
    }

    fn latch(&mut self) -> &mut Latch {
        &mut self.latch
    }
}

impl Detector for SolvencyBreaker {
    /// Ten may be missing.
    const FINDINGS: &'static [u128] = &[0, 100, 109, 200];

    fn look(&mut self, found: u128, unpaused_slot: u64, at: At) {
        solvency::observe(self, Some(1_000), 1_000 - found, unpaused_slot, at);
    }

    fn latch(&mut self) -> &mut Latch {
        &mut self.latch
    }

    fn joins(noted: u128, found: u128) -> Option<u128> {
        (found <= noted + 10).then_some(noted.min(found))
    }
}

impl Detector for PriceBreaker {
    /// In order; not sure of itself, by so many bps; a wild date.
    const FINDINGS: &'static [u128] = &[0, 300, 390, 500, WILD];

    fn look(&mut self, found: u128, unpaused_slot: u64, at: At) {
        let ts = if found == WILD { i64::MAX - at.now } else { at.now };
        let confidence = if found == WILD { 0 } else { found };
        let data = [
            10_000_u64.to_le_bytes(),
            ts.to_le_bytes(),
            u64::try_from(confidence).expect("small").to_le_bytes(),
        ]
        .concat();
        let shown = Shown {
            key: &key(3),
            owner: &key(4),
            data: &data,
        };
        acts::observe_price(self, shown, unpaused_slot, at).expect("it is newer");
    }

    fn latch(&mut self) -> &mut Latch {
        &mut self.latch
    }

    fn joins(noted: u128, found: u128) -> Option<u128> {
        (noted != WILD && found != WILD && found <= noted + 100).then_some(noted.min(found))
    }
}

const WILD: u128 = 1_000_000;

/// The books.
#[derive(Clone, Default)]
struct Books {
    /// What is found without a break, and since when.
    run: Option<(u128, u64)>,
    unpaused_slot: u64,
    /// Is what has latched on the board?
    is_carried: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Look(u128),
    /// An unpause that was proposed so many steps ago is executed.
    Unpause(u64),
    Carry,
    RunOut,
}

fn steps<D: Detector>() -> Vec<Step> {
    let looks = D::FINDINGS.iter().map(|found| Step::Look(*found));
    looks
        .chain([Step::Unpause(0), Step::Unpause(2), Step::Carry, Step::RunOut])
        .collect()
}

const PACE: u64 = 25;

fn history<D: Detector>(detector: &D, books: &Books, at: At, depth: usize, path: &mut Vec<Step>, count: &mut usize) {
    if depth == 0 {
        *count += 1;
        return;
    }
    for step in steps::<D>() {
        let (mut detector, mut books) = (detector.clone(), books.clone());
        let mut at = At {
            slot: at.slot + PACE,
            now: at.now + 10,
        };
        path.push(step);
        match step {
            Step::Unpause(ago) => books.unpaused_slot = books.unpaused_slot.max(at.slot - ago * PACE),
            Step::Carry => {
                if is_news(detector.latch(), books.unpaused_slot, at.now, false) {
                    detector.latch().state = latch_state::PROPAGATED;
                    books.is_carried = true;
                }
            }
            Step::RunOut => {
                at.now += LATCH;
                at.slot += clock::slots_of(LATCH);
            }
            Step::Look(found) => look(&mut detector, &mut books, found, at, path),
        }
        history(&detector, &books, at, depth - 1, path, count);
        path.pop();
    }
}

fn look<D: Detector>(detector: &mut D, books: &mut Books, found: u128, at: At, path: &[Step]) {
    let before = *detector.latch();
    let was_in_force = is_in_force(&before, books.unpaused_slot, at.now);
    detector.look(found, books.unpaused_slot, at);
    let after = *detector.latch();
    let is_as_before = bytemuck::bytes_of(&after) == bytemuck::bytes_of(&before);
    if found == 0 {
        books.run = None;
        assert!(is_as_before, "a look in order ends no latch: {path:?}");
        return;
    }
    let joined = books
        .run
        .and_then(|(noted, first)| Some((D::joins(noted, found)?, first)));
    let is_new = joined.is_none();
    let (noted, first) = joined.unwrap_or((found, at.slot));
    books.run = Some((noted, first));
    if first < books.unpaused_slot {
        assert!(is_as_before && !was_in_force, "accepted: {path:?}");
        return;
    }
    assert!(is_in_force(&after, books.unpaused_slot, at.now), "swallowed: {path:?}");
    assert_eq!(after.slot, first, "{path:?}");
    if is_new || !was_in_force {
        assert!(
            is_news(&after, books.unpaused_slot, at.now, false),
            "cannot be carried: {path:?}"
        );
        assert_eq!((after.ts, after.until), (at.now, at.now + LATCH), "{path:?}");
        let is_waiting = was_in_force && !books.is_carried;
        let began = if is_waiting {
            breach_slot(&before, books.unpaused_slot)
        } else {
            at.slot
        };
        assert_eq!(breach_slot(&after, books.unpaused_slot), began, "{path:?}");
        books.is_carried = false;
    } else {
        assert!(is_as_before, "refreshed: {path:?}");
    }
}

fn every_history<D: Detector>(detector: &D, depth: usize) {
    let (at, mut count) = (At { slot: SLOT, now: NOW }, 0);
    history(detector, &Books::default(), at, depth, &mut vec![], &mut count);
    assert_eq!(count, steps::<D>().len().pow(u32::try_from(depth).expect("small")));
}

#[test]
fn every_history_of_an_authority() {
    let mut watch = AuthorityWatch {
        latch: armed(),
        ..Zeroable::zeroed()
    };
    watch.expected = Authorities {
        reading: reading::READ,
        ..Zeroable::zeroed()
    };
    every_history(&watch, DEPTH);
}

#[test]
fn every_history_of_a_route() {
    let vault = Vault {
        latch: armed(),
        route: key(7),
        ..Zeroable::zeroed()
    };
    every_history(&vault, DEPTH);
}

#[test]
fn every_history_of_reserves() {
    let breaker = SolvencyBreaker {
        latch: armed(),
        tolerance: 10,
        ..Zeroable::zeroed()
    };
    every_history(&breaker, DEPTH - 1);
}

#[test]
fn every_history_of_a_price() {
    let mut breaker = PriceBreaker::zeroed();
    let new = NewDetector {
        bump: 1,
        domain: key(1),
        board: key(2),
        compartment: 1,
        trip_scope: 1,
        latch_seconds: LATCH,
        proposed_slot: None,
    };
    let source = Source::Host {
        account: key(3),
        program: key(4),
        price_offset: 0,
        width: 8,
        is_signed: false,
        exponent: 0,
        time_offset: 8,
        confidence_offset: Some(16),
    };
    let config = Config {
        max_age_seconds: 60,
        min_interval_seconds: 1,
        max_confidence_bps: 100,
        ..Config::default()
    };
    let data = [10_000_u64.to_le_bytes(), NOW.to_le_bytes(), [0; 8]].concat();
    let shown = Shown {
        key: &key(3),
        owner: &key(4),
        data: &data,
    };
    acts::open_price_breaker(&mut breaker, &new, &source, &config, Some(shown)).expect("it opens");
    every_history(&breaker, DEPTH - 2);
}
