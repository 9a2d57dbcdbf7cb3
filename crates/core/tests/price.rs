//! The price breaker against a reference in floats, against what the literature says of CUSUMs, and against whoever wants
//! to trip it without a reason or to move a price without tripping it.

use bulkhead_core::{
    oracle::{self, NO_CONFIDENCE, PYTH_DISCRIMINATOR},
    price::{self, Config, MAX_PRICE, PriceError, Reading, Rules, State, Step, step},
};
use bulkhead_interface::{
    Pubkey,
    constants::{price_flag, price_rule, price_source},
    ids::PYTH_RECEIVER,
    layout::PriceBreaker,
};
use bytemuck::Zeroable;
use proptest::prelude::*;

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

/// The same rules in floats, over the whole history.
struct Reference {
    config: Config,
    /// Times and logarithms since the first price.
    prices: Vec<(i64, f64)>,
    /// When the mean's points were taken, since the last alarm.
    points: Vec<i64>,
    variance: f64,
    rise: f64,
    fall: f64,
}

impl Reference {
    fn new(config: Config) -> Self {
        Self {
            config,
            prices: vec![],
            points: vec![],
            variance: 0.0,
            rise: 0.0,
            fall: 0.0,
        }
    }

    /// Standard deviation over an hour to variance per second.
    fn per_second(ppm: u32) -> f64 {
        (f64::from(ppm) * 1e-6).powi(2) / 3_600.0
    }

    /// Integral of the log price from `from` to `to`.
    fn integral(&self, from: i64, to: i64) -> f64 {
        let ends = self.prices.iter().skip(1).map(|(ts, _)| *ts).chain([to]);
        self.prices
            .iter()
            .zip(ends)
            .map(|((start, log), end)| (end.min(to) - from.max(*start)).max(0) as f64 * log)
            .sum()
    }

    /// Checks a step against this, then follows it.
    fn follow(&mut self, price: f64, ts: i64, got: &Step) {
        let log = price.ln();
        let config = self.config;
        let Some((last_ts, last)) = self.prices.last().copied() else {
            self.points.push(ts);
            self.prices.push((ts, log));
            return;
        };
        let dt = (ts - last_ts) as f64;
        let gain = log - last;
        let window = i64::from(config.twap_seconds);
        let mean = if ts - last_ts >= window {
            self.points = vec![ts - window];
            last
        } else {
            let at = self.points.iter().rev().find(|point| **point <= ts - window);
            let from = *at.unwrap_or(&self.points[0]);
            // A point from before the first price of the integral is one of a long gap: the last price held.
            self.integral(from, ts) / (ts - from) as f64
        };
        assert!(
            (got.mean as f64 / Q32 - mean).abs() < 1e-7,
            "mean {} for {mean}",
            got.mean as f64 / Q32
        );
        let floor = Self::per_second(config.floor_ppm);
        let z = if self.prices.len() > 1 {
            gain / (self.variance.max(floor) * dt).sqrt()
        } else {
            0.0
        };
        assert!(
            (got.z as f64 / 1e6 - z).abs() < 2e-3 * z.abs().max(1.0),
            "z {} for {z}",
            got.z
        );
        let is_warm = self.prices.len() >= config.warmup as usize;
        let milli = |number: u32| f64::from(number) / 1_000.0;
        let clipped = z.clamp(-milli(config.cusum_clip_milli), milli(config.cusum_clip_milli));
        let (rise, fall) = if is_warm && self.prices.len() > 1 {
            let k = milli(config.cusum_k_milli);
            ((self.rise + clipped - k).max(0.0), (self.fall - clipped - k).max(0.0))
        } else {
            (0.0, 0.0)
        };
        // Over one means broken; near one the two may differ.
        let measures = [
            (log - mean).abs() / (1.0 + f64::from(config.deviation_bps) / 1e4).ln(),
            z.abs() / milli(config.z_milli),
            rise.max(fall) / milli(config.cusum_h_milli),
        ];
        let worst = measures.into_iter().fold(0.0, f64::max);
        if got.alarm.is_some() {
            assert!(is_warm && worst > 0.99, "alarm at {measures:?}");
            (self.rise, self.fall) = (0.0, 0.0);
            self.points = vec![ts];
        } else {
            assert!(!is_warm || worst < 1.01, "no alarm at {measures:?}");
            (self.rise, self.fall) = (rise, fall);
            let elapsed = (last_ts - self.prices[0].0) as f64;
            let tau = f64::from(config.tau_seconds).min(elapsed);
            let average = (tau * self.variance + gain * gain) / (tau + dt);
            self.variance = average.clamp(floor, Self::per_second(config.cap_ppm));
            if self.points.last().is_none_or(|last| ts - last > window / 15) {
                self.points.push(ts);
            }
        }
        self.prices.push((ts, log));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_is_the_reference(
        moves in proptest::collection::vec((5_i64..40, -1.0_f64..1.0, 0_u32..100), 20..250),
        scale in 0.001_f64..0.02,
        level in 0.01_f64..100_000.0,
    ) {
        let (config, mut state) = (config(), State::zeroed());
        let (rules, mut reference) = (rules(&config), Reference::new(config));
        let (mut ts, mut log) = (START, level.ln());
        for (dt, gain, chance) in moves {
            // Now and then nobody posts for longer than the window, and now and then the price jumps.
            ts += if chance == 0 { 700 } else { dt };
            log += gain * if chance == 1 { 0.3 } else { scale };
            let reading = Reading { price: (log.exp() * 1e12) as u128, exponent: -12, confidence: 0, ts };
            let got = step(&rules, &mut state, &reading, ts).expect("a sound price");
            reference.follow(reading.price as f64 * 1e-12, ts, &got);
        }
        let (got, want) = (state.variance as f64 / Q32 / Q32, reference.variance);
        prop_assert!((got - want).abs() < want * 1e-3, "{got} for {want}");
    }

    /// Whatever an account holds, whatever a source says: no panic, and a refusal changes nothing.
    #[test]
    fn nothing_panics(
        bytes in proptest::collection::vec(any::<u8>(), size_of::<State>()),
        rule_bytes in proptest::collection::vec(any::<u8>(), size_of::<Rules>()),
        price in any::<u128>(), confidence in any::<u128>(), exponent in -70_i64..70,
        ts in any::<i64>(), now in any::<i64>(), shift in 0_u32..127, is_close in any::<bool>(),
    ) {
        let mut state: State = bytemuck::pod_read_unaligned(&bytes);
        let wild: Rules = bytemuck::pod_read_unaligned(&rule_bytes);
        let price = price >> shift;
        let now = if is_close { ts.saturating_add(1) } else { now };
        let reading = Reading { price, confidence, exponent, ts };
        for rules in [wild, rules(&config())] {
            let before = state;
            if step(&rules, &mut state, &reading, now).is_err() {
                prop_assert_eq!(before, state);
            }
        }
    }
}

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
    let mut learnt = State::zeroed();
    let (mut ts, mut log) = (START, 0.0);
    for _ in 0..5_000 {
        (ts, log) = (ts + 60, log + 0.001 * normal.next());
        take(&rules, &mut learnt, f64::exp(log), ts);
    }
    for _ in 0..400 {
        let (mut state, mut ts, mut log) = (learnt, ts, log);
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
        "it was not learnt from"
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

/// Attack: swing the price below the bound for a day, so that the variance grows and a hit passes as usual.
#[test]
fn dragging_the_variance_up_gets_no_further_than_the_cap() {
    let config = Config {
        deviation_bps: 0,
        cusum_h_milli: 0,
        ..config()
    };
    let rules = rules(&config);
    let (mut state, mut ts) = quiet(&rules, 500);
    let (mut log, mut sign) = (100_f64.ln(), 1.0);
    for _ in 0..8_640 {
        ts += 10;
        // As far as goes unnoticed.
        let most = 7.9 * (state.variance as f64 / Q32 / Q32 * 10.0).sqrt();
        (log, sign) = (log + sign * most, -sign);
        assert_eq!(take(&rules, &mut state, log.exp(), ts).alarm, None);
    }
    assert_eq!(state.variance, rules.variance_cap, "it can be dragged up that far");
    // Five per cent an hour is 0.26 % in ten seconds; eight times that is the most that ever passes.
    let most = 8.0 * 0.05 * (10.0_f64 / 3_600.0).sqrt();
    let mut passed = state;
    assert_eq!(
        take(&rules, &mut passed, (log + 0.95 * most).exp(), ts + 10).alarm,
        None
    );
    let alarm = take(&rules, &mut state, (log + 1.05 * most).exp(), ts + 10)
        .alarm
        .expect("over the cap's bound");
    assert_eq!(alarm.rule, price_rule::RETURN);
}

/// Attack: wait for a dead market, in which any move is unheard of, to trip it at will.
#[test]
fn a_dead_market_keeps_the_floor() {
    let rules = rules(&Config {
        cusum_h_milli: 0,
        ..config()
    });
    let (mut state, mut ts) = (State::zeroed(), START);
    for _ in 0..1_000 {
        ts += 10;
        take(&rules, &mut state, 1.0, ts);
    }
    assert_eq!(state.variance, rules.variance_floor);
    // A thousandth an hour is 0.0053 % in ten seconds; seven times that is allowed, nine times is not.
    let one = 0.001 * (10.0_f64 / 3_600.0).sqrt();
    let mut other = state;
    assert_eq!(take(&rules, &mut state, (7.0 * one).exp(), ts + 10).alarm, None);
    assert!(take(&rules, &mut other, (9.0 * one).exp(), ts + 10).alarm.is_some());
}

/// Attack: of all true prices, post only those that add up. There is one a second; whoever posts alone waits until the
/// oldest that is not refused yet is `max_age` old, and posts whichever of them, in their order, drive the sum highest.
/// Alarms of an honest keeper and of that attacker, over the same walk.
fn cherry_pick(max_age: usize) -> (u32, u32) {
    const SECONDS: usize = 40_000;
    let config = Config {
        deviation_bps: 0,
        z_milli: 0,
        tau_seconds: 86_400,
        floor_ppm: 3_000,
        cap_ppm: 12_000,
        cusum_h_milli: 5_000,
        min_interval_seconds: 10,
        ..config()
    };
    let (rules, mut normal) = (rules(&config), Normal(5));
    let mut logs = vec![100_f64.ln()];
    for second in 0..SECONDS {
        // 0.6 % an hour.
        logs.push(logs[second] + 0.0001 * normal.next());
    }
    let post = |state: &State, second: usize| {
        let mut state = *state;
        let reading = reading(logs[second].exp(), START + second as i64);
        let got = step(&rules, &mut state, &reading, reading.ts).expect("a true price");
        (state, got.alarm.is_some())
    };
    let (mut honest, mut honestly) = (State::zeroed(), 0);
    for second in (10..SECONDS).step_by(10) {
        let (next, is_alarm) = post(&honest, second);
        (honest, honestly) = (next, honestly + u32::from(is_alarm));
    }
    let (mut last, mut greedily) = ((0, post(&State::zeroed(), 0).0), 0);
    while last.0 + 10 + max_age < SECONDS {
        // The best state that ends with each second, over every way to get there.
        let mut ways = vec![last];
        let mut tripped = None;
        for second in last.0 + 10..=last.0 + 10 + max_age {
            let earlier = ways.iter().filter(|(before, _)| before + 10 <= second);
            let tried: Vec<_> = earlier.map(|(_, state)| post(state, second)).collect();
            tripped = tried
                .iter()
                .find(|(_, is_alarm)| *is_alarm)
                .map(|(state, _)| (second, *state));
            if tripped.is_some() {
                break;
            }
            let best = tried
                .into_iter()
                .max_by_key(|(state, _)| state.rise)
                .expect("there is a way");
            ways.push((second, best.0));
        }
        greedily += u32::from(tripped.is_some());
        let best = ways[1..].iter().max_by_key(|(_, state)| state.rise).copied();
        last = tripped.or(best).expect("there is a choice");
    }
    (honestly, greedily)
}

/// With updates at most a minute old, an attacker who is the only one to post trips less than twice as often as chance.
#[test]
fn cherry_picking_among_true_prices_gains_less_than_twice_the_chance() {
    let (honestly, greedily) = cherry_pick(0);
    assert_eq!(honestly, greedily, "no choice, nothing gained");
    for max_age in [20, 60] {
        let (honestly, greedily) = cherry_pick(max_age);
        assert!(
            honestly > 5 && greedily < 2 * honestly,
            "{greedily} for {honestly} at {max_age}"
        );
    }
}

/// Whoever keeps posting takes the choice away: anything sooner, and anything older, is refused.
#[test]
fn a_keeper_leaves_nothing_to_choose() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 100);
    let before = state;
    for (offset, error) in [
        (-10, PriceError::NotNewer),
        (-1, PriceError::NotNewer),
        (0, PriceError::NotNewer),
        (1, PriceError::TooSoon),
        (4, PriceError::TooSoon),
    ] {
        let got = step(&rules, &mut state, &reading(500.0, ts + offset), ts + 10);
        assert_eq!(got, Err(error), "{offset}");
    }
    assert_eq!(before, state);
}

#[test]
fn old_and_future_prices_are_refused_and_change_nothing() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 100);
    let before = state;
    let now = ts + 1_000;
    for (offset, error) in [
        (-61, PriceError::TooOld),
        (-900, PriceError::TooOld),
        (7_201, PriceError::FromTheFuture),
        (1 << 40, PriceError::FromTheFuture),
        (i64::MAX - now, PriceError::FromTheFuture),
        (-now, PriceError::Unreadable),
        (i64::MIN, PriceError::Unreadable),
    ] {
        let reading = reading(500.0, now.saturating_add(offset));
        assert_eq!(step(&rules, &mut state, &reading, now), Err(error), "{offset}");
    }
    for price in [0, MAX_PRICE + 1, u128::MAX] {
        let reading = Reading {
            price,
            ..reading(1.0, now)
        };
        assert_eq!(step(&rules, &mut state, &reading, now), Err(PriceError::Unreadable));
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
    assert_eq!(step(&rules, &mut state, &last, ts + 300), Err(PriceError::NotNewer));
    let learnt = state;
    let alarm = step(&rules, &mut state, &last, ts + 301).expect("it is stale").alarm;
    let alarm = alarm.expect("it is stale");
    assert_eq!((alarm.rule, alarm.seen, alarm.allowed), (price_rule::STALE, 301, 300));
    assert_eq!(
        (state.last_ts, state.variance, state.rise),
        (learnt.last_ts, learnt.variance, learnt.rise)
    );
    assert_eq!(step(&rules, &mut state, &last, ts + 400), Err(PriceError::NotNewer));
    assert_eq!(
        step(&rules, &mut state, &last, ts + 1_000_000),
        Err(PriceError::NotNewer)
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
fn an_unsure_price_trips_and_is_not_learnt_from() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 100);
    let learnt = state;
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
        (learnt.log_price, learnt.last_ts, learnt.observations)
    );
    assert_eq!(
        step(&rules, &mut state, &unsure, ts + 11),
        Err(PriceError::NotNewer),
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

fn pyth_bytes() -> Vec<u8> {
    let mut data = PYTH_DISCRIMINATOR.to_vec();
    data.extend([9; 32]);
    data.push(1);
    data.extend([7; 32]);
    data.extend(123_456_789_i64.to_le_bytes());
    data.extend(1_000_u64.to_le_bytes());
    data.extend((-5_i32).to_le_bytes());
    data.extend(START.to_le_bytes());
    data.resize(134, 0);
    data
}

#[test]
fn a_pyth_update_is_read_and_anything_else_is_not() {
    let feed = [7; 32];
    let got = oracle::pyth(&pyth_bytes(), &feed).expect("an update");
    assert_eq!(
        (got.price, got.confidence, got.exponent, got.ts),
        (123_456_789, 1_000, -5, START)
    );
    let spoilt = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut data = pyth_bytes();
        change(&mut data);
        oracle::pyth(&data, &feed)
    };
    assert_eq!(oracle::pyth(&pyth_bytes(), &[8; 32]), Err(PriceError::Foreign));
    assert_eq!(spoilt(&|data| data[0] = 0), Err(PriceError::Foreign));
    // Partly verified: the level is 0, and one byte more follows.
    assert_eq!(spoilt(&|data| data[40] = 0), Err(PriceError::Foreign));
    assert_eq!(
        spoilt(&|data| data.splice(40..41, [0, 13]).for_each(drop)),
        Err(PriceError::Foreign)
    );
    assert_eq!(
        spoilt(&|data| data[73..81].fill(0xFF)),
        Err(PriceError::Unreadable),
        "negative"
    );
    for len in 0..101 {
        assert!(spoilt(&|data| data.truncate(len)).is_err(), "{len} bytes");
    }
}

#[test]
fn sources_are_checked() {
    let mut pyth: PriceBreaker = Zeroable::zeroed();
    (pyth.kind, pyth.width, pyth.program) = (price_source::PYTH, 8, PYTH_RECEIVER);
    pyth.source = Pubkey::new_from_array([7; 32]);
    assert!(oracle::check(&pyth).is_ok());
    let (key, other) = (Pubkey::new_from_array([3; 32]), Pubkey::new_from_array([4; 32]));
    assert!(oracle::read(&pyth, &key, &PYTH_RECEIVER, &pyth_bytes()).is_ok());
    assert_eq!(
        oracle::read(&pyth, &key, &other, &pyth_bytes()),
        Err(PriceError::Foreign)
    );
    pyth.account = other;
    assert_eq!(
        oracle::read(&pyth, &key, &PYTH_RECEIVER, &pyth_bytes()),
        Err(PriceError::Foreign)
    );

    let mut host = pyth;
    (host.kind, host.source, host.account, host.program) = (price_source::HOST, key, key, other);
    (host.price_offset, host.time_offset, host.confidence_offset) = (4, 20, NO_CONFIDENCE);
    assert!(oracle::check(&host).is_ok());
    let mut data = vec![0; 28];
    data[4..12].copy_from_slice(&u64::MAX.to_le_bytes());
    data[20..28].copy_from_slice(&START.to_le_bytes());
    let got = oracle::read(&host, &key, &other, &data).expect("a price");
    assert_eq!((got.price, got.confidence, got.ts), (u64::MAX.into(), 0, START));
    host.flags = price_flag::SIGNED;
    assert_eq!(
        oracle::read(&host, &key, &other, &data),
        Err(PriceError::Unreadable),
        "minus one"
    );
    host.width = 16;
    assert!(oracle::read(&host, &key, &other, &data).is_ok(), "wide and positive");
    data[4..20].fill(0);
    assert_eq!(
        oracle::read(&host, &key, &other, &data),
        Err(PriceError::Unreadable),
        "zero"
    );
    assert_eq!(
        oracle::read(&host, &key, &other, &data[..27]),
        Err(PriceError::Unreadable),
        "cut"
    );
    // A rule about a confidence that is not there would never act.
    host.rules.max_confidence_bps = 1;
    assert!(oracle::check(&host).is_err());
    host.confidence_offset = 0;
    assert!(oracle::check(&host).is_ok());
    for breaks in [
        |host: &mut PriceBreaker| host.width = 4,
        |host: &mut PriceBreaker| host.flags = 2,
        |host: &mut PriceBreaker| host.exponent = 65,
        |host: &mut PriceBreaker| host.account = Pubkey::default(),
        |host: &mut PriceBreaker| host.program = Pubkey::default(),
        |host: &mut PriceBreaker| host.price_offset = u32::MAX,
        |host: &mut PriceBreaker| host.time_offset = 10 * 1024 * 1024,
        |host: &mut PriceBreaker| host.kind = 2,
    ] {
        let mut broken = host;
        breaks(&mut broken);
        assert!(oracle::check(&broken).is_err());
    }
}
