//! Finds thresholds of the price breaker from a history of honest prices.

mod attack;
pub mod cusum;
mod detector;
mod history;
mod volatility;

pub use {
    attack::{MINUTES, PUSHES, PushOutcome},
    detector::{Rule, Rules, State, Step},
    volatility::hourly_volatility,
};

use self::{
    history::History,
    volatility::{bounds, per_second, time_constant},
};
use crate::{
    CalibrationError,
    extremes::{At, Band, Peaks, Tail, clusters},
    flow::{CurvePoint, Tick, check_target, interval, interval_above, level_of},
    input::Price,
    number::duration,
    random::Random,
    stats::normal_level,
};

/// Number of walks of the simulated CUSUM.
const WALKS: u32 = 50_000;
/// Shifts in the table of delays, in standard deviations of one return.
pub const SHIFTS: [f64; 6] = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0];
/// Trips at most this far apart count as one, seconds.
const RUN: i64 = 4 * 3_600;
/// Number of rules that trip on the price itself. Each gets its share of the target.
const RULES: f64 = 3.0;
/// The maximum of any number in thousandths.
const MAX_MILLI: f64 = 1e6;

/// Input of the calibration.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Minimum expected time between false trips, in seconds.
    pub every: f64,
    /// Confidence that the thresholds meet that target, one-sided.
    pub confidence: f64,
    /// Window of the time-weighted mean, seconds.
    pub twap_seconds: i64,
    /// The drift to detect fastest, in standard deviations of one return. k is half of it.
    pub shift: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Length of the simulation, as a multiple of the target.
    pub simulated_targets: f64,
}

impl Options {
    /// A target of `every` seconds with 80 % confidence, a mean over half an hour, and a shift of one standard
    /// deviation.
    #[must_use]
    pub const fn new(every: f64) -> Self {
        Self {
            every,
            confidence: 0.8,
            twap_seconds: 1_800,
            shift: 1.0,
            seed: 1,
            simulated_targets: 60.0,
        }
    }

    fn check(&self) -> Result<(), CalibrationError> {
        check_target(self.every, self.confidence)?;
        if !(15..=30 * 86_400).contains(&self.twap_seconds) {
            return Err(CalibrationError::ParameterOutOfRange {
                what: "the window of the mean",
                allowed: "15 s to 30 d".into(),
                given: duration(self.twap_seconds as f64),
            });
        }
        if !(0.2..=4.0).contains(&self.shift) {
            return Err(CalibrationError::ParameterOutOfRange {
                what: "the shift",
                allowed: "0.2 to 4".into(),
                given: self.shift.to_string(),
            });
        }
        Ok(())
    }
}

/// One threshold, by formula and by simulation.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// The value to configure.
    pub level: f64,
    /// The value that a model requires. For return and CUSUM, normal returns by formula. For the distance, as many
    /// standard deviations as the worst in the history, at the volatility of a wilder time.
    pub model: f64,
    /// By peaks over threshold of the history, with its confidence band. None for the CUSUM.
    pub formula: Option<Band>,
    /// By simulation on resampled history.
    pub simulated: f64,
    /// The fitted tail. None for the CUSUM.
    pub tail: Option<Tail>,
    /// The largest value in the history.
    pub seen: f64,
    /// Points for a plot.
    pub curve: Vec<CurvePoint>,
}

/// Delay of the drift rule, by shift.
#[derive(Clone, Copy, Debug)]
pub struct Delay {
    /// The shift, in standard deviations of one return.
    pub shift: f64,
    /// Expected updates until the alarm, by formula.
    pub formula: f64,
    /// The same by simulation, with the clip.
    pub simulated: f64,
}

/// Result of the calibration.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The input.
    pub options: Options,
    /// Number of rows of the history.
    pub rows: usize,
    /// Length of the history, seconds.
    pub span: f64,
    /// Seconds between updates.
    pub step: i64,
    /// The detector's complete configuration.
    pub rules: Rules,
    /// Updates that only feed the statistics at first.
    pub warmup: usize,
    /// Minimum standard deviation of the return over an hour, in parts per million.
    pub floor_ppm: u32,
    /// Maximum standard deviation of the return over an hour, in parts per million.
    pub cap_ppm: u32,
    /// Widest trusted confidence interval, in bps. 0 if the history has none.
    pub confidence_bps: u32,
    /// Threshold for one return, in standard deviations.
    pub z: Threshold,
    /// Threshold for the CUSUM.
    pub h: Threshold,
    /// Threshold for the distance from the mean, as a difference of logarithms.
    pub deviation: Threshold,
    /// Updates between false alarms of the CUSUM on normal returns at [`Threshold::model`]: the target, and the
    /// simulated value.
    pub normal_run: (f64, f64),
    /// Trips of all rules in the validating simulation.
    pub trips: u64,
    /// Length of that simulation, seconds.
    pub simulated: f64,
    /// Delay of the drift rule.
    pub delays: Vec<Delay>,
    /// The loss that pushed prices cause.
    pub pushes: Vec<PushOutcome>,
}

impl Calibration {
    /// Expected seconds between false trips in the simulation, with the 95 % interval for that number of events.
    #[must_use]
    pub fn interval(&self) -> Band {
        interval(self.trips, self.simulated)
    }

    /// The deviation rule's threshold in basis points, rounded up.
    #[must_use]
    pub fn deviation_bps(&self) -> u32 {
        (self.rules.deviation.exp_m1() * 1e4).round() as u32
    }
}

/// Finds the thresholds.
///
/// # Errors
/// [`CalibrationError`], naming what is wrong.
pub fn calibrate(price: &Price, options: &Options, tick: Tick<'_>) -> Result<Calibration, CalibrationError> {
    options.check()?;
    let (span, step) = (price.span(), price.step);
    let need = (20 * options.twap_seconds).max(2 * 86_400);
    if span < need {
        return Err(CalibrationError::HistoryTooShort {
            have: duration(span as f64),
            need: duration(need as f64),
        });
    }
    let mut random = Random::new(options.seed);
    tick("replaying the history", 0.0);
    let (tau, warmup) = time_constant(price);
    let (floor_ppm, cap_ppm) = bounds(price, tau, warmup)?;
    let mut rules = Rules {
        twap_seconds: options.twap_seconds,
        deviation: f64::INFINITY,
        tau_seconds: tau,
        variance_floor: per_second(floor_ppm),
        variance_cap: per_second(cap_ppm),
        z: f64::INFINITY,
        k: milli_down(options.shift / 2.0),
        h: f64::INFINITY,
        // At most four sigmas of drift. The return rule handles larger returns.
        clip: (options.shift / 2.0 + 3.5).max(4.0),
    };
    let history = History::new(price, &rules, warmup);

    let each = RULES * options.every;
    let series = |value: fn(&history::Seen) -> f64| -> Vec<At> {
        let mut ts = 0;
        let rows = history.seen.iter().map(|seen| {
            ts += seen.dt;
            At { ts, value: value(seen) }
        });
        rows.collect()
    };
    let sizes = series(|seen| seen.z.abs());
    let distances = series(|seen| seen.away);
    let z_peaks = Peaks::of(&sizes, span as f64, RUN)?;
    let away_peaks = Peaks::of(&distances, span as f64, RUN)?;

    // There is no volatility to scale the distance by, and a wild month can follow any calm one. So its level is that of
    // the scaled distance at 1.5 times the highest volatility of the history, which is half of the cap.
    let twap = options.twap_seconds as f64;
    let mut ts = 0;
    let scaled: Vec<_> = history
        .seen
        .iter()
        .map(|seen| {
            ts += seen.dt;
            let an_update = seen.deviation / (seen.dt as f64).sqrt();
            At {
                ts,
                value: seen.away / (an_update * twap.sqrt()),
            }
        })
        .collect();
    let stress = 0.5 * f64::from(cap_ppm) * 1e-6 * (twap / 3_600.0).sqrt();
    let stressed = Peaks::of(&scaled, span as f64, RUN)?
        .level(each, options.confidence)
        .high
        * stress;

    let updates = (options.simulated_targets * options.every / step as f64).ceil() as u64;
    let simulated = updates as f64 * step as f64;
    let found = simulate(&history, &rules, updates, (&z_peaks, &away_peaks), &mut random, tick);
    let normal_h = cusum::threshold(rules.k, each / step as f64);
    let z = threshold(&z_peaks, &found.z, simulated, each, options, &sizes, {
        normal_level(0.5 * step as f64 / each)
    });
    let deviation = threshold(&away_peaks, &found.away, simulated, each, options, &distances, stressed);
    let h = drift_threshold(
        &found.cycles,
        normal_h,
        simulated,
        (each, options.confidence),
        rules.k,
        step,
        &history,
    );
    rules.z = (z.level * 1e3).ceil().min(MAX_MILLI) / 1e3;
    // In whole basis points, the unit of the configuration.
    rules.deviation = ((deviation.level.exp_m1() * 1e4).ceil() / 1e4).ln_1p();
    rules.h = (h.level * 1e3).ceil().min(MAX_MILLI) / 1e3;

    let mut fresh = Random::new(options.seed ^ 0x5eed_c4ec);
    let trips = trips(&history, &rules, updates, &mut fresh, tick);
    let normal_run = cusum::simulated(rules.k, normal_h, WALKS, &mut random);
    let delays = SHIFTS.map(|shift| Delay {
        shift,
        formula: cusum::two_sided(rules.k, rules.h, shift),
        simulated: cusum::simulated_delay(rules.k, rules.h, rules.clip, shift, 400, &mut random),
    });
    let pushes = attack::outcomes(&history, &rules, step, &mut random, &mut |share| {
        tick("attacking", share)
    });
    Ok(Calibration {
        options: *options,
        rows: price.rows.len(),
        span: span as f64,
        step,
        rules,
        warmup,
        floor_ppm,
        cap_ppm,
        confidence_bps: confidence_bps(price),
        z,
        h,
        deviation,
        normal_run: (each / step as f64, normal_run),
        trips,
        simulated,
        delays: delays.to_vec(),
        pushes,
    })
}

/// In thousandths, the unit of the configuration.
fn milli_down(value: f64) -> f64 {
    (value * 1e3).floor() / 1e3
}

/// 1.5 times the widest confidence interval of the history, in bps.
fn confidence_bps(price: &Price) -> u32 {
    let parts = price
        .rows
        .iter()
        .filter_map(|row| row.confidence.map(|half| half / row.price));
    (parts.fold(0.0, f64::max) * 1.5e4).ceil().min(10_000.0) as u32
}

/// Peaks of a simulation, largest first.
struct Found {
    z: Vec<f64>,
    away: Vec<f64>,
    cycles: Vec<f64>,
}

fn simulate(
    history: &History,
    rules: &Rules,
    updates: u64,
    (z_peaks, away_peaks): (&Peaks, &Peaks),
    random: &mut Random,
    tick: Tick<'_>,
) -> Found {
    let (mut z, mut away, mut cycles) = (Vec::new(), Vec::new(), Vec::new());
    let mut top: f64 = 0.0;
    // Only relevant peaks are kept. About one walk of the CUSUM in five hundred reaches this level.
    let least = cusum::threshold(rules.k, 500.0);
    history.run(
        rules,
        updates,
        random,
        &mut |share| tick("simulating honest prices", share),
        |ts, step| {
            if step.z.abs() > z_peaks.threshold {
                z.push(At {
                    ts,
                    value: step.z.abs(),
                });
            }
            if step.away > away_peaks.threshold {
                away.push(At { ts, value: step.away });
            }
            if step.cusum <= 0.0 {
                if top > least {
                    cycles.push(top);
                }
                top = 0.0;
            }
            top = top.max(step.cusum);
        },
    );
    let peaks = |high: &[At], threshold: f64| {
        let mut peaks: Vec<_> = clusters(high, threshold, RUN)
            .into_iter()
            .map(|y| y + threshold)
            .collect();
        peaks.sort_by(|a, b| b.total_cmp(a));
        peaks
    };
    cycles.sort_by(|a, b| b.total_cmp(a));
    Found {
        z: peaks(&z, z_peaks.threshold),
        away: peaks(&away, away_peaks.threshold),
        cycles,
    }
}

/// The most conservative of formula, simulation and the normal distribution.
fn threshold(
    peaks: &Peaks,
    simulated_peaks: &[f64],
    simulated_span: f64,
    every: f64,
    options: &Options,
    series: &[At],
    model: f64,
) -> Threshold {
    let formula = peaks.level(every, options.confidence);
    let simulated = level_of(simulated_peaks, simulated_span, every, options.confidence);
    let (level, tail) = (formula.high.max(simulated).max(model), peaks.fit());
    Threshold {
        level,
        model,
        formula: Some(formula),
        simulated,
        tail: Some(tail),
        seen: series.iter().map(|at| at.value).fold(0.0, f64::max),
        curve: curve(tail.threshold, level, simulated_peaks, simulated_span, |level| {
            tail.interval(level)
        }),
    }
}

/// The closed form assumes normal returns. Real returns have heavy tails and drift, so the threshold is raised until
/// the simulation meets the target.
fn drift_threshold(
    cycles: &[f64],
    normal: f64,
    span: f64,
    (every, confidence): (f64, f64),
    k: f64,
    step: i64,
    history: &History,
) -> Threshold {
    let simulated = level_of(cycles, span, every, confidence);
    let level = normal.max(simulated);
    let by_formula = |h: f64| cusum::two_sided(k, h, 0.0) * step as f64;
    let seen = history.seen.iter().map(|seen| seen.before.rise.max(seen.before.fall));
    Threshold {
        level,
        model: normal,
        formula: None,
        simulated,
        tail: None,
        seen: seen.fold(0.0, f64::max),
        curve: curve(normal * 0.4, level, cycles, span, by_formula),
    }
}

fn curve(low: f64, level: f64, peaks: &[f64], span: f64, formula: impl Fn(f64) -> f64) -> Vec<CurvePoint> {
    const POINTS: usize = 80;
    let high = level * 1.4;
    (0..=POINTS)
        .map(|i| low + (high - low) * i as f64 / POINTS as f64)
        .map(|level| CurvePoint {
            level,
            formula: formula(level),
            simulated: interval_above(peaks, level, span),
        })
        .collect()
}

/// Trips of all rules over resampled history. Trips close to each other count as one.
fn trips(history: &History, rules: &Rules, updates: u64, random: &mut Random, tick: Tick<'_>) -> u64 {
    let (mut trips, mut last) = (0, i64::MIN / 2);
    let mut progress = |share| tick("checking on fresh draws", share);
    history.run(rules, updates, random, &mut progress, |ts, step| {
        if step.alarm.is_some() {
            trips += u64::from(ts - last > RUN);
            last = ts;
        }
    });
    trips
}

/// False trips of rules over a history, after `warmup` updates. Trips within `latch_seconds` count as one.
#[must_use]
pub fn false_trips(price: &Price, rules: &Rules, warmup: usize, latch_seconds: i64) -> u64 {
    let mut rows = price.rows.iter().map(|row| (row.ts, row.price.ln()));
    let (ts, first) = rows.next().unwrap_or_default();
    let mut state = State::new(ts, first);
    let (mut trips, mut until) = (0, i64::MIN);
    let quiet = Rules {
        deviation: f64::INFINITY,
        z: f64::INFINITY,
        h: f64::INFINITY,
        ..*rules
    };
    for (i, (ts, log_price)) in rows.enumerate() {
        if i + 1 < warmup {
            state.step(&quiet, ts, log_price);
            (state.rise, state.fall) = (0.0, 0.0);
        } else if state.step(rules, ts, log_price).alarm.is_some() && ts >= until {
            trips += 1;
            until = ts.saturating_add(latch_seconds);
        }
    }
    trips
}
