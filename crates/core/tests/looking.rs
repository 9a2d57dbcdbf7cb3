//! Looks at prices over time: outages of the cluster, clocks that lag, accounts that are gone.

use bulkhead_core::{
    CoreError,
    acts::{self, At, NewDetector, Observed, Shown, Source},
    detectors::{latch, price::Config},
};
use bulkhead_interface::{Pubkey, constants::price_rule, layout::PriceBreaker};
use bytemuck::Zeroable;

const NOW: i64 = 1_775_000_000;
const SLOT: u64 = 300_000_000;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// A price at 0, its time at 8.
fn data(price: u64, ts: i64) -> Vec<u8> {
    [price.to_le_bytes(), ts.to_le_bytes()].concat()
}

fn breaker(stale_seconds: u32) -> PriceBreaker {
    let mut breaker = PriceBreaker::zeroed();
    let new = NewDetector {
        bump: 1,
        domain: key(1),
        board: key(2),
        compartment: 0,
        trip_scope: 0,
        latch_seconds: 3_600,
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
        confidence_offset: None,
    };
    let config = Config {
        max_age_seconds: 600,
        max_ahead_seconds: 5,
        min_interval_seconds: 1,
        stale_seconds,
        twap_seconds: 900,
        deviation_bps: 500,
        ..Config::default()
    };
    let bytes = data(100, NOW);
    let (account, program) = (key(3), key(4));
    let shown = Shown {
        key: &account,
        owner: &program,
        data: &bytes,
    };
    acts::open_price_breaker(&mut breaker, &new, &source, &config, Some(shown)).unwrap();
    breaker
}

fn look_at(breaker: &mut PriceBreaker, owner: u8, bytes: &[u8], slot: u64, now: i64) -> Result<Observed, CoreError> {
    let (account, program) = (key(3), key(owner));
    let shown = Shown {
        key: &account,
        owner: &program,
        data: bytes,
    };
    acts::observe_price(breaker, shown, 0, At { slot, now })
}

fn look(breaker: &mut PriceBreaker, price: u64, ts: i64, slot: u64, now: i64) -> Result<Observed, CoreError> {
    look_at(breaker, 4, &data(price, ts), slot, now)
}

fn is_latched(breaker: &PriceBreaker, now: i64) -> bool {
    latch::is_in_force(&breaker.latch, 0, now)
}

#[test]
fn the_first_look_after_an_outage_does_not_latch() {
    let mut breaker = breaker(300);
    look(&mut breaker, 100, NOW, SLOT, NOW).unwrap();
    // Eight slots and five hours: stale for 18,000 of 300 seconds.
    let seen = look(&mut breaker, 100, NOW, SLOT + 8, NOW + 18_000).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::STALE, false), "shown");
    assert_eq!(breaker.restarted, 1);
    // The grace: as many slots as the staleness has, from the first look after the restart.
    let seen = look(&mut breaker, 100, NOW, SLOT + 8 + 749, NOW + 18_300).unwrap();
    assert!(!seen.is_latched);
    let seen = look(&mut breaker, 100, NOW, SLOT + 8 + 750, NOW + 18_301).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::STALE, true));
}

#[test]
fn a_feed_that_is_stale_while_the_cluster_runs_latches_at_once() {
    let mut breaker = breaker(300);
    look(&mut breaker, 100, NOW, SLOT, NOW).unwrap();
    let seen = look(&mut breaker, 100, NOW, SLOT + 753, NOW + 301).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::STALE, true));
    let again = look(&mut breaker, 100, NOW, SLOT + 900, NOW + 360);
    assert_eq!(again.err(), Some(CoreError::PriceNotNewer), "once");
}

#[test]
fn what_moved_while_the_cluster_stood_still_is_statistics_and_what_moves_later_is_judged() {
    let mut breaker = breaker(0);
    for minute in 0..20 {
        look(
            &mut breaker,
            100_000,
            NOW + 60 * minute,
            SLOT + 150 * minute.unsigned_abs(),
            NOW + 60 * minute,
        )
        .unwrap();
    }
    let (slot, now) = (SLOT + 150 * 19 + 8, NOW + 60 * 19 + 18_000);
    let seen = look(&mut breaker, 120_000, now, slot, now).unwrap();
    assert_eq!(
        (seen.rule, seen.is_latched),
        (price_rule::NONE, false),
        "twenty per cent in five hours nobody could post"
    );
    assert_eq!(breaker.restarted, 0);
    let seen = look(&mut breaker, 130_000, now + 60, slot + 150, now + 60).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::DEVIATION, true));
}

#[test]
fn a_hole_in_the_feed_is_no_restart() {
    let mut breaker = breaker(0);
    for minute in 0..20 {
        look(
            &mut breaker,
            100_000,
            NOW + 60 * minute,
            SLOT + 150 * minute.unsigned_abs(),
            NOW + 60 * minute,
        )
        .unwrap();
    }
    // Five hours of slots went by.
    let (slot, now) = (SLOT + 150 * 19 + 45_000, NOW + 60 * 19 + 18_000);
    let seen = look(&mut breaker, 120_000, now, slot, now).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::DEVIATION, true));
}

#[test]
fn a_clock_that_is_an_hour_late_blinds_nothing_and_is_shown() {
    let mut breaker = breaker(300);
    // The cluster's clock is an hour behind; every true price is from its future.
    let lag = 3_600;
    for minute in 0..20 {
        let ts = NOW + 60 * minute;
        let seen = look(&mut breaker, 100_000, ts, SLOT + 150 * minute.unsigned_abs(), ts - lag).unwrap();
        assert_eq!((seen.rule, seen.is_latched), (price_rule::AHEAD, false));
    }
    let ts = NOW + 1_200;
    let seen = look(&mut breaker, 110_000, ts, SLOT + 3_000, ts - lag).unwrap();
    assert_eq!(
        (seen.rule, seen.is_latched),
        (price_rule::DEVIATION, true),
        "a push is still seen"
    );
}

#[test]
fn a_date_that_no_lag_explains_is_a_finding_of_its_own() {
    let mut breaker = breaker(300);
    look(&mut breaker, 100, NOW, SLOT, NOW).unwrap();
    let statistics = breaker.statistics;
    let seen = look(&mut breaker, 100, i64::MAX, SLOT + 10, NOW + 4).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::AHEAD, true));
    assert_eq!(
        breaker.statistics, statistics,
        "nothing enters the statistics, so the next true price is still newer"
    );
    let again = look(&mut breaker, 100, i64::MAX, SLOT + 20, NOW + 8);
    assert_eq!(again.err(), Some(CoreError::PriceNotNewer), "once");
    look(&mut breaker, 100, NOW + 12, SLOT + 30, NOW + 12).unwrap();
}

#[test]
fn an_account_without_a_price_latches_when_that_lasts() {
    for (owner, bytes) in [
        (0, vec![]),
        (4, vec![]),
        (4, vec![9; 8]),
        (4, data(0, NOW)),
        (9, data(100, NOW + 1)),
    ] {
        let mut breaker = breaker(300);
        look(&mut breaker, 100, NOW, SLOT, NOW).unwrap();
        let seen = look_at(&mut breaker, owner, &bytes, SLOT + 10, NOW + 4).unwrap();
        assert_eq!(
            (seen.rule, seen.is_latched),
            (price_rule::LOST, false),
            "it may be being remade"
        );
        let seen = look_at(&mut breaker, owner, &bytes, SLOT + 159, NOW + 64).unwrap();
        assert!(!seen.is_latched);
        let seen = look_at(&mut breaker, owner, &bytes, SLOT + 160, NOW + 65).unwrap();
        assert_eq!((seen.rule, seen.is_latched), (price_rule::LOST, true));
        assert!(is_latched(&breaker, NOW + 65));
    }
}

#[test]
fn a_loss_that_ended_is_forgotten_and_one_that_was_unpaused_is_accepted() {
    let mut breaker = breaker(300);
    look(&mut breaker, 100, NOW, SLOT, NOW).unwrap();
    look_at(&mut breaker, 4, &[], SLOT + 10, NOW + 4).unwrap();
    look(&mut breaker, 100, NOW + 40, SLOT + 100, NOW + 40).unwrap();
    let seen = look_at(&mut breaker, 4, &[], SLOT + 200, NOW + 80).unwrap();
    assert!(!seen.is_latched, "another loss");
    let seen = look_at(&mut breaker, 4, &[], SLOT + 350, NOW + 140).unwrap();
    assert!(seen.is_latched);
    // Unpaused: accepted for as long as it lasts.
    let (account, program) = (key(3), key(4));
    let shown = Shown {
        key: &account,
        owner: &program,
        data: &[],
    };
    let at = At {
        slot: SLOT + 9_000,
        now: NOW + 3_800,
    };
    let seen = acts::observe_price(&mut breaker, shown, SLOT + 400, at).unwrap();
    assert_eq!((seen.rule, seen.is_latched), (price_rule::LOST, false));
}

#[test]
fn another_account_is_nobodys_loss() {
    let mut breaker = breaker(300);
    let (account, program) = (key(8), key(4));
    let shown = Shown {
        key: &account,
        owner: &program,
        data: &[],
    };
    let got = acts::observe_price(&mut breaker, shown, 0, At { slot: SLOT, now: NOW });
    assert_eq!(got.err(), Some(CoreError::ForeignPrice));
    assert_eq!(breaker.lost_slot, 0);
}

/// A minute of slots, twice.
fn lose(breaker: &mut PriceBreaker, slot: u64, now: i64, unpaused_slot: u64) -> bool {
    let (account, program) = (key(3), key(4));
    let shown = Shown {
        key: &account,
        owner: &program,
        data: &[],
    };
    let mut is_latched = false;
    for (slots, seconds) in [(0, 0), (150, 60)] {
        let at = At {
            slot: slot + slots,
            now: now + seconds,
        };
        is_latched = acts::observe_price(breaker, shown, unpaused_slot, at)
            .unwrap()
            .is_latched;
    }
    is_latched
}

/// Attack: look again when the latch over a loss has run out, so that it is news to every resume; or let nobody look for a
/// while, so that what was accepted is another loss.
#[test]
fn a_loss_is_the_same_until_a_price_was_seen() {
    let mut breaker = breaker(300);
    look(&mut breaker, 100, NOW, SLOT, NOW).unwrap();
    assert!(lose(&mut breaker, SLOT + 10, NOW + 4, 0));
    let first = breaker.latch.slot;
    for hours in 2..5 {
        let slots = 9_000 * u64::try_from(hours).unwrap();
        assert!(
            lose(&mut breaker, SLOT + slots, NOW + 3_600 * hours, 0),
            "nobody accepted it"
        );
        assert_eq!(breaker.latch.slot, first, "it is no news");
    }
    let unpaused = first + 1;
    for hours in [10, 1_000] {
        let slots = 9_000 * u64::try_from(hours).unwrap();
        assert!(
            !lose(&mut breaker, SLOT + slots, NOW + 3_600 * hours, unpaused),
            "accepted"
        );
    }
    let (slot, now) = (SLOT + 9_000 * 1_001, NOW + 3_600 * 1_001);
    look(&mut breaker, 100, now, slot, now).unwrap();
    assert!(lose(&mut breaker, slot + 10, now + 4, unpaused), "another loss");
    assert_eq!(breaker.latch.slot, slot + 160);
}

/// Attack: push the price while a latch is in force. The statistics begin anew at it, so it has to be noted then or never.
#[test]
fn what_is_found_of_a_price_while_a_latch_is_in_force_is_noted() {
    let mut breaker = breaker(0);
    let minute = |minute: i64| (SLOT + 150 * minute.unsigned_abs(), NOW + 60 * minute);
    for number in 0..20 {
        let (slot, now) = minute(number);
        look(&mut breaker, 100_000, now, slot, now).unwrap();
    }
    for (number, price) in [(20, 120_000), (21, 2_400_000), (22, 100_000)] {
        let (slot, now) = minute(number);
        let seen = look(&mut breaker, price, now, slot, now).unwrap();
        assert_eq!((seen.rule, seen.is_latched), (price_rule::DEVIATION, true));
        assert_eq!((breaker.latch.slot, breaker.latch.until), (slot, now + 3_600));
    }
    let (slot, now) = minute(23);
    assert!(!look(&mut breaker, 100_000, now, slot, now).unwrap().is_latched);
}
