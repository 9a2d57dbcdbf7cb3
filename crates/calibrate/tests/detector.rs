//! The detector that is calibrated is the one on chain: both see the same, and trip at the same updates for the same
//! reason.

use bulkhead_calibrate::{
    Price,
    price::{Rule, Rules, State},
    samples::{self, PriceShape},
};
use bulkhead_core::detectors::price::{self, Config, Reading};
use bulkhead_interface::{constants::price_rule, layout::PriceState};
use bytemuck::Zeroable;

const WARMUP: usize = 60;

fn config() -> Config {
    Config {
        max_age_seconds: 60,
        max_ahead_seconds: 0,
        min_interval_seconds: 1,
        warmup: 60,
        twap_seconds: 1_800,
        deviation_bps: 250,
        tau_seconds: 3_600,
        floor_ppm: 2_500,
        cap_ppm: 30_000,
        z_milli: 5_500,
        cusum_h_milli: 8_000,
        cusum_k_milli: 500,
        cusum_clip_milli: 4_000,
        ..Config::default()
    }
}

/// The same in floating point.
fn rules(config: &Config) -> Rules {
    let milli = |value: u32| f64::from(value) * 1e-3;
    let variance = |ppm: u32| (f64::from(ppm) * 1e-6).powi(2) / 3_600.0;
    Rules {
        twap_seconds: config.twap_seconds.into(),
        deviation: (f64::from(config.deviation_bps) * 1e-4).ln_1p(),
        tau_seconds: config.tau_seconds.into(),
        variance_floor: variance(config.floor_ppm),
        variance_cap: variance(config.cap_ppm),
        z: milli(config.z_milli),
        k: milli(config.cusum_k_milli),
        h: milli(config.cusum_h_milli),
        clip: milli(config.cusum_clip_milli),
    }
}

const fn rule_of(rule: u8) -> Option<Rule> {
    match rule {
        price_rule::DEVIATION => Some(Rule::Deviation),
        price_rule::RETURN => Some(Rule::Return),
        price_rule::DRIFT => Some(Rule::Drift),
        _ => None,
    }
}

/// Runs both over a series, compares every update, and returns how often each rule tripped.
fn compare(series: &Price) -> [u32; 3] {
    let config = config();
    let (fixed, rules) = (price::rules(&config, false).unwrap(), rules(&config));
    let quiet = Rules {
        deviation: f64::INFINITY,
        z: f64::INFINITY,
        h: f64::INFINITY,
        ..rules
    };
    let mut on_chain = PriceState::zeroed();
    let mut here: Option<State> = None;
    let mut trips = [0; 3];
    for (i, row) in series.rows.iter().enumerate() {
        let reading = Reading {
            price: (row.price * 1e4).round() as u128,
            confidence: 0,
            exponent: -4,
            ts: row.ts,
        };
        let there = price::step(&fixed, &mut on_chain, &reading, row.ts).unwrap();
        let log_price = row.price.ln();
        let Some(state) = &mut here else {
            here = Some(State::new(row.ts, log_price));
            continue;
        };
        let is_warm = i >= WARMUP;
        let step = state.step(if is_warm { &rules } else { &quiet }, row.ts, log_price);
        if !is_warm {
            (state.rise, state.fall) = (0.0, 0.0);
        }
        let z = there.z as f64 * 1e-6;
        assert!(
            (z - step.z).abs() < 1e-3 * (1.0 + step.z.abs()),
            "row {i}: {z} {}",
            step.z
        );
        let away = (there.log_price - there.mean).abs() as f64 / 2f64.powi(32);
        assert!((away - step.away).abs() < 1e-6, "row {i}: {away} {}", step.away);
        assert_eq!(
            there.alarm.and_then(|alarm| rule_of(alarm.rule)),
            step.alarm,
            "row {i}: {z}"
        );
        if let Some(rule) = step.alarm {
            trips[rule as usize] += 1;
        }
    }
    trips
}

#[test]
fn both_see_the_same_in_honest_prices() {
    let mut trips = [0; 3];
    for seed in 0..4 {
        let found = compare(&samples::price(&PriceShape::default(), seed));
        for (all, one) in trips.iter_mut().zip(found) {
            *all += one;
        }
    }
    assert!(
        trips.iter().all(|count| *count > 3),
        "thresholds this low trip by every rule: {trips:?}"
    );
}

#[test]
fn both_see_the_same_in_pushed_prices_and_uneven_updates() {
    let mut series = samples::price(&PriceShape::default(), 9);
    // Updates from a second to an hour apart.
    let mut ts = series.rows[0].ts;
    for (i, row) in series.rows.iter_mut().enumerate() {
        ts += [60, 1, 7, 400, 60, 60, 3_599, 30][i * 7 % 8];
        row.ts = ts;
        if i % 1_000 > 950 {
            row.price = (row.price * (1.0 + 0.002 * (i % 1_000 - 950) as f64) * 1e4).round() / 1e4;
        }
    }
    let trips = compare(&series);
    assert!(trips.iter().sum::<u32>() > 40, "{trips:?}");
}
