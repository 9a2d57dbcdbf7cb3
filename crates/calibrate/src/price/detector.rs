//! The price breaker's rules in floating point: the same as the fixed-point `bulkhead_core::price`, but fast enough to
//! run over decades.

/// Number of points of the time-weighted mean.
const POINTS: usize = 16;
const INTERVALS: i64 = 15;

/// The detector's thresholds. Infinity disables a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Window of the time-weighted mean, seconds.
    pub twap_seconds: i64,
    /// Maximum distance from the mean, as a difference of logarithms.
    pub deviation: f64,
    /// Time constant of the variance, seconds.
    pub tau_seconds: f64,
    /// Minimum variance of the log return per second.
    pub variance_floor: f64,
    /// Maximum variance of the log return per second.
    pub variance_cap: f64,
    /// Maximum return, in standard deviations.
    pub z: f64,
    /// Amount subtracted from the CUSUM at every update.
    pub k: f64,
    /// CUSUM threshold.
    pub h: f64,
    /// Maximum that one update adds.
    pub clip: f64,
}

/// The rule that tripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Too far from the mean.
    Deviation,
    /// Too large a return.
    Return,
    /// Returns in one direction for too long.
    Drift,
}

/// The detector's statistics.
#[derive(Clone, Debug)]
pub struct State {
    first_ts: i64,
    last_ts: i64,
    log_price: f64,
    sum: f64,
    /// Variance of the log return per second.
    pub variance: f64,
    /// CUSUM of rises.
    pub rise: f64,
    /// CUSUM of falls.
    pub fall: f64,
    observations: u64,
    points: [(i64, f64); POINTS],
    oldest: usize,
    count: usize,
}

/// The result of one price.
#[derive(Clone, Copy, Debug, Default)]
pub struct Step {
    /// Its return in standard deviations.
    pub z: f64,
    /// Its distance from the mean.
    pub away: f64,
    /// The rule that tripped, if any.
    pub alarm: Option<Rule>,
    /// Larger of the two CUSUMs, before an alarm reset them.
    pub cusum: f64,
}

impl State {
    /// Starts with a first price.
    #[must_use]
    pub fn new(ts: i64, log_price: f64) -> Self {
        let mut state = Self {
            first_ts: ts,
            last_ts: ts,
            log_price,
            sum: 0.0,
            variance: 0.0,
            rise: 0.0,
            fall: 0.0,
            observations: 1,
            points: [(0, 0.0); POINTS],
            oldest: 0,
            count: 0,
        };
        state.push(ts);
        state
    }

    /// The last price, as a logarithm.
    #[must_use]
    pub const fn log_price(&self) -> f64 {
        self.log_price
    }

    /// Time of the last price.
    #[must_use]
    pub const fn last_ts(&self) -> i64 {
        self.last_ts
    }

    /// Processes the next price, after the warm-up.
    pub fn step(&mut self, rules: &Rules, ts: i64, log_price: f64) -> Step {
        let dt = (ts - self.last_ts).max(1);
        let gain = log_price - self.log_price;
        let mut step = Step {
            away: (log_price - self.mean(rules, ts, dt)).abs(),
            ..Step::default()
        };
        let (mut rise, mut fall) = (0.0, 0.0);
        if self.observations > 1 {
            step.z = gain / (self.variance.max(rules.variance_floor) * dt as f64).sqrt();
            let clipped = step.z.clamp(-rules.clip, rules.clip);
            rise = (self.rise + clipped - rules.k).max(0.0);
            fall = (self.fall - clipped - rules.k).max(0.0);
        }
        step.cusum = rise.max(fall);
        step.alarm = if step.away > rules.deviation {
            Some(Rule::Deviation)
        } else if step.z.abs() >= rules.z {
            Some(Rule::Return)
        } else if step.cusum >= rules.h {
            Some(Rule::Drift)
        } else {
            None
        };
        self.observations += 1;
        if step.alarm.is_some() {
            // A price that trips never enters the statistics, which restart from it.
            (self.last_ts, self.log_price) = (ts, log_price);
            (self.rise, self.fall, self.oldest, self.count) = (0.0, 0.0, 0, 0);
            self.push(ts);
            return step;
        }
        self.learn(rules, gain, dt);
        (self.last_ts, self.log_price, self.rise, self.fall) = (ts, log_price, rise, fall);
        let newest = self.count.checked_sub(1).map(|place| self.point(place).0);
        if newest.is_none_or(|newest| ts - newest > rules.twap_seconds / INTERVALS) {
            self.push(ts);
        }
        step
    }

    /// Updates only the variance, for a first pass over history.
    pub(super) fn learn(&mut self, rules: &Rules, gain: f64, dt: i64) {
        let elapsed = (self.last_ts - self.first_ts) as f64;
        let tau = rules.tau_seconds.min(elapsed);
        self.variance =
            ((tau * self.variance + gain * gain) / (tau + dt as f64)).clamp(rules.variance_floor, rules.variance_cap);
    }

    /// The same history mirrored around its last price.
    pub(super) fn mirrored(mut self) -> Self {
        // A sum of log price x seconds up to t is mirrored to 2 p t - sum. Only differences of sums over differences of
        // times matter, so times may be counted from the last price.
        let (pivot, origin) = (2.0 * self.log_price, self.last_ts);
        self.sum = -self.sum;
        for (ts, sum) in &mut self.points {
            *sum = pivot * (*ts - origin) as f64 - *sum;
        }
        (self.rise, self.fall) = (self.fall, self.rise);
        self
    }

    fn mean(&mut self, rules: &Rules, ts: i64, dt: i64) -> f64 {
        let window = rules.twap_seconds;
        if dt >= window {
            (self.oldest, self.count, self.sum) = (0, 0, 0.0);
            self.push(ts - window);
            self.sum = self.log_price * window as f64;
            return self.log_price;
        }
        self.sum += self.log_price * dt as f64;
        let start = ts - window;
        let mut from = self.point(0);
        for place in 1..self.count {
            let point = self.point(place);
            if point.0 > start {
                break;
            }
            from = point;
        }
        (self.sum - from.1) / (ts - from.0).max(1) as f64
    }

    const fn point(&self, place: usize) -> (i64, f64) {
        self.points[(self.oldest + place) % POINTS]
    }

    const fn push(&mut self, ts: i64) {
        if self.count == POINTS {
            self.oldest = (self.oldest + 1) % POINTS;
            self.count -= 1;
        }
        self.points[(self.oldest + self.count) % POINTS] = (ts, self.sum);
        self.count += 1;
    }
}
