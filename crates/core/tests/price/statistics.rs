//! How often and how soon it trips, against the tails of the normal distribution and the literature on CUSUMs.

use bulkhead_interface::constants::price_rule;

use super::*;

/// A random walk of one known standard deviation, and what was raised.
fn walk(config: &Config, seed: u64, steps: u32, shift: f64) -> Vec<(u32, u8)> {
    let (rules, mut state, mut normal) = (rules(config), State::zeroed(), Normal(seed));
    let (mut log, mut alarms) = (100_f64.ln(), vec![]);
    // One minute is one standard deviation of a thousandth.
    for number in 0..steps {
        log += 0.001 * (normal.next() + shift);
        // It stays where prices have enough digits.
        log = if log.abs() > 9.0 { log - log.signum() * 9.0 } else { log };
        let reading = Reading {
            price: (log.exp() * 1e15) as u128,
            confidence: 0,
            exponent: -15,
            ts: START + i64::from(number) * 60,
        };
        let got = step(&rules, &mut state, &reading, reading.ts).expect("a sound price");
        if let Some(alarm) = got.alarm {
            // A wrap of the walk is no alarm of its own.
            if got.z.abs() < 100_000_000 {
                alarms.push((number, alarm.rule));
            }
        }
    }
    alarms
}

/// Long memory, so that the variance is known, and one rule.
fn one_rule(z_milli: u32, cusum_h_milli: u32) -> Config {
    Config {
        deviation_bps: 0,
        twap_seconds: 0,
        tau_seconds: 30 * 86_400,
        floor_ppm: 100,
        cap_ppm: 100_000,
        warmup: 1_000,
        z_milli,
        cusum_h_milli,
        cusum_k_milli: 500,
        cusum_clip_milli: 4_000,
        ..config()
    }
}

/// Two tails of the normal distribution beyond 3.5: one update in 2,149.
#[test]
fn false_trips_of_the_return_rule_are_as_rare_as_the_tails() {
    let alarms = walk(&one_rule(3_500, 0), 1, 300_000, 0.0).len();
    assert!((100..200).contains(&alarms), "{alarms} for 140");
}

/// The mean time between false alarms of a two-sided CUSUM with k = 0.5 and h = 5 is 465 updates, and a shift by one
/// standard deviation is found after 10.4 (Montgomery, Introduction to Statistical Quality Control, table 9.3).
#[test]
fn false_trips_of_the_drift_rule_are_as_in_the_table() {
    let alarms = walk(&one_rule(0, 5_000), 2, 300_000, 0.0).len();
    let between = 299_000.0 / alarms as f64;
    assert!(
        (420.0..510.0).contains(&between),
        "{between} updates between false alarms"
    );
}

#[test]
fn a_shift_is_found_as_fast_as_in_the_table() {
    let config = one_rule(0, 5_000);
    let (rules, mut normal, mut waits) = (rules(&config), Normal(3), 0_u32);
    let mut statistics = State::zeroed();
    let (mut ts, mut log) = (START, 0.0);
    for _ in 0..5_000 {
        (ts, log) = (ts + 60, log + 0.001 * normal.next());
        take(&rules, &mut statistics, f64::exp(log), ts);
    }
    for _ in 0..400 {
        let (mut state, mut ts, mut log) = (statistics, ts, log);
        (state.rise, state.fall) = (0, 0);
        loop {
            (ts, log) = (ts + 60, log + 0.001 * (normal.next() + 1.0));
            waits += 1;
            if take(&rules, &mut state, f64::exp(log), ts).alarm.is_some() {
                break;
            }
        }
    }
    let wait = f64::from(waits) / 400.0;
    assert!((9.4..11.4).contains(&wait), "found after {wait} updates");
}

#[test]
fn a_jump_is_found_at_once_by_both_rules_and_up_or_down() {
    for factor in [1.2, 1.0 / 1.2, 50.0, 0.02] {
        for (off, rule) in [(true, price_rule::DEVIATION), (false, price_rule::RETURN)] {
            let mut config = config();
            if off {
                config.z_milli = 0;
            } else {
                config.deviation_bps = 0;
            }
            let rules = rules(&config);
            let (mut state, ts) = quiet(&rules, 200);
            let alarm = take(&rules, &mut state, 100.0 * factor, ts + 10)
                .alarm
                .expect("it jumped");
            assert_eq!(alarm.rule, rule);
            assert!(alarm.seen >= alarm.allowed, "{alarm:?}");
        }
    }
}

/// A tenth of a per cent every ten seconds is no return to speak of, and 40 % an hour.
#[test]
fn a_slow_drift_is_found_by_the_sum_long_before_the_mean() {
    let found_by = |config: Config| {
        let rules = rules(&config);
        let (mut state, ts) = quiet(&rules, 200);
        (1..1_000).find_map(|number| {
            let price = 100.0 * 1.001_f64.powi(number);
            let alarm = take(&rules, &mut state, price, ts + 10 * i64::from(number)).alarm?;
            Some((number, alarm.rule))
        })
    };
    let (soon, rule) = found_by(config()).expect("it drifted");
    assert_eq!(rule, price_rule::DRIFT);
    let without = Config {
        cusum_h_milli: 0,
        ..config()
    };
    assert!(found_by(without).is_none_or(|(late, _)| late > 2 * soon), "{soon}");
}

/// What tripped is where the statistics begin anew: the price that stays there is no news.
#[test]
fn one_piece_of_evidence_trips_once() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 200);
    let variance = state.variance;
    assert!(take(&rules, &mut state, 150.0, ts + 10).alarm.is_some());
    assert_eq!(
        (state.variance, state.rise, state.fall),
        (variance, 0, 0),
        "it was not used for statistics"
    );
    for number in 2..200 {
        let price = if number % 2 == 0 { 150.1 } else { 150.0 };
        assert_eq!(
            take(&rules, &mut state, price, ts + 10 * number).alarm,
            None,
            "{number}"
        );
    }
    assert!(
        take(&rules, &mut state, 100.0, ts + 2_010).alarm.is_some(),
        "the way back is"
    );
}

#[test]
fn nothing_statistical_acts_before_the_warm_up() {
    let config = config();
    let rules = rules(&config);
    let mut state = State::zeroed();
    for number in 0..i64::from(config.warmup) {
        let price = if number % 2 == 0 { 100.0 } else { 300.0 };
        assert_eq!(take(&rules, &mut state, price, START + 10 * number).alarm, None);
    }
    assert!(take(&rules, &mut state, 900.0, START + 100).alarm.is_some());
}
