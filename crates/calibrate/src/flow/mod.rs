//! Finds the outflow limit `T` and the slot limit from a history of honest flow.

mod attack;
mod simulate;
mod window;

pub use attack::{Attack, AttackOutcome, MULTIPLES, SHARES};

use bulkhead_interface::constants::{MAX_DELAY_SECONDS, MAX_SUB_WINDOWS, MIN_SUB_WINDOWS};

use self::window::Window;
use crate::{
    CalibrationError,
    extremes::{At, Band, Peaks, Tail, poisson_limits, poisson_upper},
    input::{Flow, FlowRow},
    number::{duration, round_up},
    random::Random,
    stats::mean,
};

/// Minimum number of windows that a history must cover.
const FEWEST_WINDOWS: i64 = 20;

/// W and k of a window, as the program accepts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// W.
    pub window_seconds: i64,
    /// k.
    pub sub_windows: u8,
}

impl Shape {
    /// Checks what the program checks.
    ///
    /// # Errors
    /// [`CalibrationError::ParameterOutOfRange`].
    pub fn new(window_seconds: i64, sub_windows: u8) -> Result<Self, CalibrationError> {
        let most = u8::try_from(MAX_SUB_WINDOWS).unwrap_or(u8::MAX);
        if !(MIN_SUB_WINDOWS..=most).contains(&sub_windows) {
            return Err(CalibrationError::ParameterOutOfRange {
                what: "sub-windows",
                allowed: format!("{MIN_SUB_WINDOWS} to {most}"),
                given: sub_windows.to_string(),
            });
        }
        if !(i64::from(sub_windows)..=MAX_DELAY_SECONDS).contains(&window_seconds) {
            return Err(CalibrationError::ParameterOutOfRange {
                what: "the window",
                allowed: format!("{sub_windows} s to {}", duration(MAX_DELAY_SECONDS as f64)),
                given: duration(window_seconds as f64),
            });
        }
        Ok(Self {
            window_seconds,
            sub_windows,
        })
    }

    /// Length of a sub-window.
    #[must_use]
    pub fn sub_window_seconds(&self) -> i64 {
        let k = i64::from(self.sub_windows);
        (self.window_seconds + k - 1) / k
    }

    /// The maximum time an outflow is counted: k + 1 sub-windows.
    #[must_use]
    pub fn memory_seconds(&self) -> i64 {
        self.sub_window_seconds() * (i64::from(self.sub_windows) + 1)
    }
}

/// Input of the calibration.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// W and k.
    pub shape: Shape,
    /// Minimum expected time between false trips, in seconds.
    pub every: f64,
    /// Confidence that the limits meet that target, one-sided: 0.5 uses the best estimate, higher values use the upper
    /// end of the band.
    pub confidence: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Length of the simulation, as a multiple of the target.
    pub simulated_targets: f64,
}

impl Options {
    /// A window of one hour in twelve parts, a target of `every` seconds, and 80 % confidence.
    #[must_use]
    pub const fn new(every: f64) -> Self {
        Self {
            shape: Shape {
                window_seconds: 3_600,
                sub_windows: 12,
            },
            every,
            confidence: 0.8,
            seed: 1,
            simulated_targets: 100.0,
        }
    }

    fn check(&self) -> Result<(), CalibrationError> {
        Shape::new(self.shape.window_seconds, self.shape.sub_windows)?;
        check_target(self.every, self.confidence)
    }
}

pub(crate) fn check_target(every: f64, confidence: f64) -> Result<(), CalibrationError> {
    if !(0.5..=0.99).contains(&confidence) {
        return Err(CalibrationError::ParameterOutOfRange {
            what: "the confidence",
            allowed: "0.5 to 0.99".into(),
            given: confidence.to_string(),
        });
    }
    if !(86_400.0..=20.0 * 365.25 * 86_400.0).contains(&every) {
        return Err(CalibrationError::ParameterOutOfRange {
            what: "the time between false trips",
            allowed: "1 day to 20 years".into(),
            given: duration(every),
        });
    }
    Ok(())
}

/// A limit, by formula and by simulation.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The value to configure. Native units.
    pub limit: u64,
    /// By peaks over threshold, with its confidence band.
    pub formula: Band,
    /// By simulation.
    pub simulated: f64,
    /// The fitted tail.
    pub tail: Tail,
    /// The largest value in the history.
    pub seen: f64,
    /// Level, and expected seconds between false trips at that level: by formula and by simulation. For a plot.
    pub curve: Vec<CurvePoint>,
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
    /// Seconds between rows.
    pub step: i64,
    /// Mean of the window's sum. Native units.
    pub mean_held: f64,
    /// Smallest balance in the history, if it has balances.
    pub least_balance: Option<u64>,
    /// T.
    pub window: Limit,
    /// Limit for one slot.
    pub slot: Limit,
    /// Amount requested in a window above which it latches: twice the limit.
    pub trip_limit: u64,
    /// Expected seconds between honest windows above the trip limit, by closed form. Releases above only the limit are
    /// queued.
    pub trip_every: f64,
    /// How often one of the limits made honest use wait, in the validating simulation.
    pub trips: u64,
    /// Length of that simulation, seconds.
    pub simulated: f64,
    /// How much attacks would take.
    pub attacks: Vec<AttackOutcome>,
}

/// One point of threshold against interval.
#[derive(Clone, Copy, Debug)]
pub struct CurvePoint {
    /// Threshold.
    pub level: f64,
    /// Expected seconds between false trips, by formula.
    pub formula: f64,
    /// The same by simulation. Infinite if too few peaks reached the level.
    pub simulated: f64,
}

impl Calibration {
    /// Expected seconds between false trips in the simulation, with the 95 % interval for that number of events.
    #[must_use]
    pub fn interval(&self) -> Band {
        interval(self.trips, self.simulated)
    }
}

/// Seconds between events, if this many were counted over `span`.
pub(crate) fn interval(events: u64, span: f64) -> Band {
    let (low, high) = poisson_limits(events);
    Band {
        low: span / high,
        mid: if events == 0 {
            f64::INFINITY
        } else {
            span / events as f64
        },
        high: if low <= 0.0 { f64::INFINITY } else { span / low },
    }
}

/// Called with the completed share.
pub type Tick<'a> = &'a mut dyn FnMut(&'static str, f64);

/// Finds the limits.
///
/// Both limits together may trip once per `every`, so each gets twice that interval.
///
/// # Errors
/// [`CalibrationError`], naming what is wrong.
pub fn calibrate(flow: &Flow, options: &Options, tick: Tick<'_>) -> Result<Calibration, CalibrationError> {
    options.check()?;
    let shape = options.shape;
    let span = flow.span();
    let need = FEWEST_WINDOWS * shape.memory_seconds();
    if span < need {
        return Err(CalibrationError::HistoryTooShort {
            have: duration(span as f64),
            need: duration(need as f64),
        });
    }
    if flow.rows.iter().all(|row| row.outflow == 0) {
        return Err(CalibrationError::NothingHappens(
            "no row has an outflow; calibrate on a time the protocol was used in",
        ));
    }
    let mut random = Random::new(options.seed);
    let each = 2.0 * options.every;
    tick("replaying the history", 0.0);
    let held = replay(&flow.rows, shape);
    let rows = amounts(&flow.rows);
    let window_peaks = Peaks::of(&held, span as f64, shape.memory_seconds())?;
    let slot_peaks = Peaks::of(&rows, span as f64, 0)?;

    let years = options.simulated_targets * options.every;
    let synthetic = simulate::Synthetic::new(flow, shape);
    let found = simulate::peaks(
        &synthetic,
        shape,
        years,
        (window_peaks.threshold, slot_peaks.threshold),
        &mut random,
        &mut |share| tick("simulating honest flow", share),
    );
    let mut window = limit(&window_peaks, &found.window, years, each, options, &held);
    let mut slot = limit(&slot_peaks, &found.row, years, each, options, &rows);
    agree("limit", &window)?;
    agree("slot limit", &slot)?;
    // The program requires slot limit <= limit, and no window's sum is less than its largest row.
    slot.limit = slot.limit.min(window.limit).max(1);
    window.limit = window.limit.max(1);

    // Uses other random draws than those the limits were derived from.
    let mut fresh = Random::new(options.seed ^ 0x5eed_c4ec);
    let trips = simulate::trips(
        &synthetic,
        shape,
        years,
        (window.limit, slot.limit),
        &mut fresh,
        &mut |share| {
            tick("checking on fresh draws", share);
        },
    );
    let attacks = attack::outcomes(flow, shape, window.limit, slot.limit, &mut random, &mut |share| {
        tick("attacking", share);
    });
    Ok(Calibration {
        options: *options,
        rows: flow.rows.len(),
        span: span as f64,
        step: flow.step,
        mean_held: mean(&held.iter().map(|at| at.value).collect::<Vec<_>>()),
        trip_limit: window.limit.saturating_mul(2),
        trip_every: window.tail.interval(window.limit.saturating_mul(2) as f64),
        least_balance: flow.rows.iter().filter_map(|row| row.balance).min(),
        window,
        slot,
        trips,
        simulated: years,
        attacks,
    })
}

/// Closed form and simulation of one history must agree within a factor of two; otherwise neither is reliable.
fn agree(what: &'static str, limit: &Limit) -> Result<(), CalibrationError> {
    let (formula, simulated) = (limit.formula.high, limit.simulated);
    if simulated <= 2.0 * formula && formula <= 2.0 * simulated {
        return Ok(());
    }
    Err(CalibrationError::MethodsDisagree {
        what,
        formula,
        simulated,
    })
}

/// The on-chain window's sum after each outflow of a history.
pub(crate) fn replay(rows: &[FlowRow], shape: Shape) -> Vec<At> {
    let mut window = Window::counting(shape);
    rows.iter()
        .map(|row| At {
            ts: row.ts,
            value: window.add(row.ts, row.outflow) as f64,
        })
        .collect()
}

/// The outflow of each row: one slot's outflow cannot exceed its row's.
fn amounts(rows: &[FlowRow]) -> Vec<At> {
    rows.iter()
        .map(|row| At {
            ts: row.ts,
            value: row.outflow as f64,
        })
        .collect()
}

/// The more conservative of formula and simulation.
fn limit(
    peaks: &Peaks,
    simulated_peaks: &[f64],
    simulated_span: f64,
    interval: f64,
    options: &Options,
    history: &[At],
) -> Limit {
    let formula = peaks.level(interval, options.confidence);
    let simulated = level_of(simulated_peaks, simulated_span, interval, options.confidence);
    let (limit, tail) = (round_up(formula.high.max(simulated)), peaks.fit());
    Limit {
        limit,
        formula,
        simulated,
        curve: curve(&tail, limit as f64, simulated_peaks, simulated_span),
        tail,
        seen: history.iter().map(|at| at.value).fold(0.0, f64::max),
    }
}

/// The level that peaks of a simulation exceed at most once per `interval`, with `confidence`. A simulation is a sample
/// too. So fewer of its peaks may exceed the level than a rate that is only just low enough would produce. `peaks` are
/// in descending order.
pub(crate) fn level_of(peaks: &[f64], span: f64, interval: f64, confidence: f64) -> f64 {
    let expected = span / interval;
    let mut allowed = 0;
    while poisson_upper(allowed, confidence) <= expected {
        allowed += 1;
    }
    // The first peak beyond the allowed number sets the level.
    let first = usize::try_from(allowed.saturating_sub(1)).unwrap_or(usize::MAX);
    peaks.get(first).or(peaks.last()).copied().unwrap_or(0.0)
}

/// Expected seconds between peaks above `level` in a simulation. Infinite if there are too few to estimate it.
pub(crate) fn interval_above(peaks: &[f64], level: f64, span: f64) -> f64 {
    let count = peaks.iter().take_while(|peak| **peak > level).count();
    if count < 3 { f64::INFINITY } else { span / count as f64 }
}

fn curve(tail: &Tail, limit: f64, peaks: &[f64], span: f64) -> Vec<CurvePoint> {
    const POINTS: usize = 80;
    let (low, high) = (tail.threshold, limit * 1.6);
    (0..=POINTS)
        .map(|i| low + (high - low) * i as f64 / POINTS as f64)
        .map(|level| CurvePoint {
            level,
            formula: tail.interval(level),
            simulated: interval_above(peaks, level, span),
        })
        .collect()
}

/// False trips of a pair of limits over a history. One latch of `latch_seconds` is one trip.
#[must_use]
pub fn false_trips(rows: &[FlowRow], shape: Shape, limit: u64, slot_limit: u64, latch_seconds: i64) -> u64 {
    let mut window = Window::counting(shape);
    let (mut trips, mut until) = (0, i64::MIN);
    for row in rows {
        let held = window.add(row.ts, row.outflow);
        if (held > limit || row.outflow > slot_limit) && row.ts >= until {
            trips += 1;
            until = row.ts.saturating_add(latch_seconds);
        }
    }
    trips
}
