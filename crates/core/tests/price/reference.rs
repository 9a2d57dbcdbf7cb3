//! The price breaker against the same rules in floats, over histories of any kind.

use proptest::prelude::*;

use super::*;

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
