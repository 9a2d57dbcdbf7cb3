//! What is refused, what trips by itself, and the ends of the numbers.

use bulkhead_core::{CoreError, detectors::price::MAX_PRICE};
use bulkhead_interface::constants::price_rule;

use super::*;

#[test]
fn old_and_future_prices_are_refused_and_change_nothing() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 100);
    let before = state;
    let now = ts + 1_000;
    for (offset, error) in [
        (-61, CoreError::PriceTooOld),
        (-900, CoreError::PriceTooOld),
        (7_201, CoreError::PriceFromTheFuture),
        (1 << 40, CoreError::PriceFromTheFuture),
        (i64::MAX - now, CoreError::PriceFromTheFuture),
        (-now, CoreError::PriceUnreadable),
        (i64::MIN, CoreError::PriceUnreadable),
    ] {
        let reading = reading(500.0, now.saturating_add(offset));
        assert_eq!(step(&rules, &mut state, &reading, now), Err(error), "{offset}");
    }
    for price in [0, MAX_PRICE + 1, u128::MAX] {
        let reading = Reading {
            price,
            ..reading(1.0, now)
        };
        assert_eq!(step(&rules, &mut state, &reading, now), Err(CoreError::PriceUnreadable));
    }
    assert_eq!(before, state);
    // The clock lags at times: a little ahead is fine.
    assert!(step(&rules, &mut state, &reading(100.0, now + 5), now).is_ok());
}

/// A stale account trips once as it is, and again only when a newer price is stale.
#[test]
fn a_stale_account_trips_once() {
    let config = Config {
        stale_seconds: 300,
        ..config()
    };
    assert!(
        price::rules(&config, false).is_err(),
        "of a feed there is always an old update"
    );
    let rules = rules(&config);
    let (mut state, ts) = quiet(&rules, 100);
    let last = reading(100.1, ts);
    assert_eq!(step(&rules, &mut state, &last, ts + 300), Err(CoreError::PriceNotNewer));
    let statistics = state;
    let alarm = step(&rules, &mut state, &last, ts + 301).expect("it is stale").alarm;
    let alarm = alarm.expect("it is stale");
    assert_eq!((alarm.rule, alarm.seen, alarm.allowed), (price_rule::STALE, 301, 300));
    assert_eq!(
        (state.last_ts, state.variance, state.rise),
        (statistics.last_ts, statistics.variance, statistics.rise)
    );
    assert_eq!(step(&rules, &mut state, &last, ts + 400), Err(CoreError::PriceNotNewer));
    assert_eq!(
        step(&rules, &mut state, &last, ts + 1_000_000),
        Err(CoreError::PriceNotNewer)
    );
    assert!(
        step(&rules, &mut state, &reading(100.0, ts + 500), ts + 500).is_ok(),
        "it lives again"
    );
    let next = reading(100.0, ts + 510);
    assert!(
        step(&rules, &mut state, &next, ts + 900)
            .expect("stale again")
            .alarm
            .is_some()
    );
}

#[test]
fn an_unsure_price_trips_and_is_not_statistics_from() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 100);
    let statistics = state;
    let mut unsure = reading(500.0, ts + 10);
    unsure.confidence = unsure.price / 100 + 1;
    let alarm = step(&rules, &mut state, &unsure, ts + 10)
        .expect("sound")
        .alarm
        .expect("unsure");
    assert_eq!(
        (alarm.rule, alarm.seen, alarm.allowed),
        (price_rule::CONFIDENCE, 100, 100)
    );
    assert_eq!(
        (state.log_price, state.last_ts, state.observations),
        (statistics.log_price, statistics.last_ts, statistics.observations)
    );
    assert_eq!(
        step(&rules, &mut state, &unsure, ts + 11),
        Err(CoreError::PriceNotNewer),
        "once"
    );
    let mut sure = reading(100.0, ts + 20);
    sure.confidence = sure.price / 100;
    assert_eq!(step(&rules, &mut state, &sure, ts + 20).expect("sound").alarm, None);
    let mut absurd = reading(100.0, ts + 30);
    absurd.confidence = u128::MAX;
    assert!(
        step(&rules, &mut state, &absurd, ts + 30)
            .expect("sound")
            .alarm
            .is_some()
    );
}

#[test]
fn extreme_prices_exponents_and_gaps_are_taken() {
    let config = Config {
        deviation_bps: 1_000_000,
        z_milli: 1_000_000,
        cusum_h_milli: 0,
        ..config()
    };
    let rules = rules(&config);
    for exponent in [-18, -1, 0, 1, 18] {
        for (first, second) in [(1, u64::MAX), (u64::MAX, 1), (u64::MAX, u64::MAX)] {
            let mut state = State::zeroed();
            let mut ts = START;
            for (number, dt) in [5, 600, 601, 86_400, 31_536_000, 1 << 40, 1 << 61]
                .into_iter()
                .enumerate()
            {
                ts += dt;
                let price = if number % 2 == 0 { first } else { second };
                let reading = Reading {
                    price: price.into(),
                    confidence: 0,
                    exponent,
                    ts,
                };
                let got = step(&rules, &mut state, &reading, ts).expect("sound");
                let log = (price as f64).ln() + f64::from(i32::try_from(exponent).expect("small")) * 10f64.ln();
                assert!((got.log_price as f64 / Q32 - log).abs() < 1e-8, "{price}e{exponent}");
            }
            assert!(state.variance >= rules.variance_floor && state.variance <= rules.variance_cap);
        }
    }
    // A change of the exponent alone is no change of the price.
    let mut state = State::zeroed();
    for (number, exponent) in [(0, -8), (1, -7), (2, -6), (3, -9)] {
        let price = 10_u128.pow(u32::try_from(-exponent).expect("positive"));
        let reading = Reading {
            price,
            confidence: 0,
            exponent,
            ts: START + 10 * number,
        };
        assert!(
            step(&rules, &mut state, &reading, reading.ts)
                .expect("sound")
                .log_price
                .abs()
                <= 5
        );
    }
}

#[test]
fn rules_that_cannot_work_are_refused() {
    let sound = config();
    assert!(price::rules(&sound, false).is_ok());
    let broken: &[fn(&mut Config)] = &[
        |c| c.max_age_seconds = 0,
        |c| c.max_age_seconds = 86_401,
        |c| c.max_ahead_seconds = 61,
        |c| c.min_interval_seconds = 0,
        |c| c.max_confidence_bps = 10_001,
        |c| c.twap_seconds = 14,
        |c| c.twap_seconds = 30 * 86_400 + 1,
        |c| c.deviation_bps = 1_000_001,
        |c| c.tau_seconds = 0,
        |c| c.floor_ppm = 0,
        |c| c.floor_ppm = c.cap_ppm + 1,
        |c| c.cap_ppm = 10_000_001,
        |c| c.z_milli = 999,
        |c| c.cusum_clip_milli = c.cusum_k_milli,
        |c| c.cusum_h_milli = 1_000_001,
        |c| c.stale_seconds = 1,
        |c| (c.z_milli, c.cusum_h_milli, c.deviation_bps, c.max_confidence_bps) = (0, 0, 0, 0),
    ];
    for (number, breaks) in broken.iter().enumerate() {
        let mut config = sound;
        breaks(&mut config);
        assert!(price::rules(&config, false).is_err(), "{number}");
    }
}
