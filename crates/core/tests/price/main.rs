//! The price breaker against a reference in floats, against what the literature says of CUSUMs, and against whoever wants
//! to trip it without a reason or to move a price without tripping it.

mod attacks;
mod readings;
mod reference;
mod sources;
mod statistics;

use bulkhead_core::detectors::price::{self, Config, Reading, Rules, State, Step, step};
use bytemuck::Zeroable;

const START: i64 = 1_775_000_000;
const Q32: f64 = 4_294_967_296.0;

/// Every rule but the stale one, which is about accounts.
fn config() -> Config {
    Config {
        max_age_seconds: 60,
        max_ahead_seconds: 5,
        min_interval_seconds: 5,
        stale_seconds: 0,
        max_confidence_bps: 100,
        warmup: 10,
        twap_seconds: 600,
        deviation_bps: 1_000,
        tau_seconds: 3_600,
        floor_ppm: 1_000,
        cap_ppm: 50_000,
        z_milli: 8_000,
        cusum_h_milli: 10_000,
        cusum_k_milli: 500,
        cusum_clip_milli: 4_000,
    }
}

fn rules(config: &Config) -> Rules {
    price::rules(config, config.stale_seconds != 0).expect("sound rules")
}

fn reading(price: f64, ts: i64) -> Reading {
    Reading {
        price: (price * 1e8).round() as u128,
        confidence: 0,
        exponent: -8,
        ts,
    }
}

/// Takes a price that is true right now.
fn take(rules: &Rules, state: &mut State, price: f64, ts: i64) -> Step {
    step(rules, state, &reading(price, ts), ts).expect("a sound price")
}

/// Normal numbers, the same every time.
struct Normal(u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Learns a quiet market: a thousandth up and down every ten seconds.
fn quiet(rules: &Rules, updates: i64) -> (State, i64) {
    let mut state = State::zeroed();
    let mut ts = START;
    for number in 0..updates {
        ts = START + 10 * number;
        let price = if number % 2 == 0 { 100.0 } else { 100.1 };
        assert_eq!(take(rules, &mut state, price, ts).alarm, None);
    }
    (state, ts)
}
