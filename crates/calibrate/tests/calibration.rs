//! Calibrating on one history, and living through another.

use bulkhead_calibrate::{
    CalibrationError, Flow, flow, price,
    samples::{self, FlowShape, PriceShape},
};

const DAY: f64 = 86_400.0;
const LATCH: i64 = 86_400;

fn quiet(_: &'static str, _: f64) {}

fn flow_options(days: f64) -> flow::Options {
    flow::Options {
        simulated_targets: 10.0,
        ..flow::Options::new(days * DAY)
    }
}

fn price_options(days: f64) -> price::Options {
    price::Options {
        simulated_targets: 10.0,
        ..price::Options::new(days * DAY)
    }
}

/// Forty protocols look back on 90 days each, ask for one false trip in 30 days, and live through 30 more.
#[test]
fn honest_flow_trips_no_more_often_than_asked_for() {
    let seeds = 40;
    let mut trips = 0;
    for seed in 0..seeds {
        let past = samples::flow(&FlowShape::default(), seed);
        let options = flow_options(30.0);
        let found = flow::calibrate(&past, &options, &mut quiet).unwrap();
        let coming = FlowShape {
            days: 30,
            ..FlowShape::default()
        };
        let future = samples::flow(&coming, 10_000 + seed);
        trips += flow::false_trips(&future.rows, options.shape, found.window.limit, found.slot.limit, LATCH);
        // Careful, but of use: what is let through is of the order of what was seen.
        assert!((found.window.limit as f64) < 6.0 * found.window.seen, "seed {seed}");
    }
    println!("{trips} trips in {seeds} months");
    assert!(trips <= seeds, "{trips} trips in {seeds} months");
}

/// The same for prices: twenty markets, heavy tails, volatility that clusters.
#[test]
fn honest_prices_trip_no_more_often_than_asked_for() {
    let seeds = 20;
    let mut trips = 0;
    for seed in 0..seeds {
        let past = samples::price(&PriceShape::default(), seed);
        let found = price::calibrate(&past, &price_options(30.0), &mut quiet).unwrap();
        let future = samples::price(&PriceShape::default(), 10_000 + seed);
        trips += price::false_trips(&future, &found.rules, found.warmup, LATCH);
    }
    println!("{trips} trips in {seeds} months");
    assert!(trips <= seeds, "{trips} trips in {seeds} months");
}

fn sample() -> flow::Calibration {
    let past = samples::flow(&FlowShape::default(), 20_260_202);
    flow::calibrate(&past, &flow_options(180.0), &mut quiet).unwrap()
}

#[test]
fn no_attack_takes_more_than_the_bound() {
    let found = sample();
    let k = f64::from(found.options.shape.sub_windows);
    let bound = found.window.limit as f64 * (1.0 + 1.0 / k);
    for outcome in &found.attacks {
        assert!(outcome.loss <= bound && outcome.loss_95 <= bound, "{outcome:?}");
        if outcome.stopped == 1.0 {
            assert!(outcome.loss_95 <= found.window.limit as f64, "{outcome:?}");
        }
    }
}

#[test]
fn delay_and_loss_by_formula_and_by_simulation_agree() {
    for outcome in sample().attacks {
        if outcome.stopped < 1.0 {
            assert!(
                outcome.delay_formula.is_infinite() || outcome.stopped > 0.9,
                "{outcome:?}"
            );
            continue;
        }
        let near = |found: f64, formula: f64| (found - formula).abs() <= 0.1 * formula + 1.0;
        assert!(near(outcome.delay, outcome.delay_formula), "{outcome:?}");
        assert!(near(outcome.loss, outcome.loss_formula), "{outcome:?}");
    }
}

/// On flow whose tail is known, formula and simulation find the same limit.
#[test]
fn formula_and_simulation_agree_on_flow() {
    let found = sample();
    for limit in [&found.window, &found.slot] {
        let ratio = limit.simulated / limit.formula.mid;
        assert!((0.5..2.0).contains(&ratio), "{limit:?}");
        assert!(limit.formula.low <= limit.formula.mid && limit.formula.mid <= limit.formula.high);
        assert!(limit.limit as f64 >= limit.formula.high.max(limit.simulated) || limit.limit == found.window.limit);
    }
    assert!(found.slot.limit <= found.window.limit);
    assert!(found.interval().high >= 180.0 * DAY);
}

#[test]
fn more_caution_means_higher_limits() {
    let past = samples::flow(&FlowShape::default(), 3);
    let limit = |days: f64, confidence: f64| {
        let options = flow::Options {
            confidence,
            ..flow_options(days)
        };
        flow::calibrate(&past, &options, &mut quiet).unwrap().window.limit
    };
    assert!(limit(30.0, 0.8) < limit(180.0, 0.8));
    assert!(limit(30.0, 0.5) < limit(30.0, 0.95));
}

#[test]
fn the_same_seed_finds_the_same() {
    let past = samples::price(&PriceShape::default(), 3);
    let found = || price::calibrate(&past, &price_options(30.0), &mut quiet).unwrap();
    assert_eq!(found().rules, found().rules);
    let text = |flow: flow::Calibration| format!("{flow:?}");
    assert_eq!(text(sample()), text(sample()));
}

/// Normal returns: the closed form alone would do, and the simulation says so.
#[test]
fn normal_returns_need_no_more_than_the_closed_form() {
    let normal = PriceShape {
        half_freedom: 200,
        ..PriceShape::default()
    };
    let past = samples::price(&normal, 5);
    let found = price::calibrate(&past, &price_options(60.0), &mut quiet).unwrap();
    let (target, run) = found.normal_run;
    assert!((run / target - 1.0).abs() < 0.1, "{target} {run}");
    assert!((found.h.simulated / found.h.model - 1.0).abs() < 0.25, "{:?}", found.h);
    let heavy = samples::price(&PriceShape::default(), 5);
    let heavy = price::calibrate(&heavy, &price_options(60.0), &mut quiet).unwrap();
    assert!(heavy.z.level > found.z.level, "heavy tails raise the threshold");
}

#[test]
fn a_push_costs_less_the_faster_it_is() {
    let past = samples::price(&PriceShape::default(), 20_260_202);
    let found = price::calibrate(&past, &price_options(180.0), &mut quiet).unwrap();
    for outcome in &found.pushes {
        assert!(
            outcome.loss.max(outcome.loss_95) <= outcome.push * 1.000_001,
            "{outcome:?}"
        );
        if outcome.push >= 0.1 && outcome.minutes <= 30 {
            assert!(outcome.stopped > 0.9 && outcome.loss < 0.05, "{outcome:?}");
        }
    }
    for delay in &found.delays[2..] {
        assert!((delay.simulated / delay.formula - 1.0).abs() < 0.15, "{delay:?}");
    }
}

#[test]
fn what_cannot_be_calibrated_is_named() {
    let past = samples::flow(&FlowShape::default(), 1);
    let with = |change: &dyn Fn(&mut flow::Options)| {
        let mut options = flow_options(30.0);
        change(&mut options);
        flow::calibrate(&past, &options, &mut quiet).unwrap_err().to_string()
    };
    for (printed, name) in [
        (
            with(&|options| options.every = 60.0),
            "ParameterOutOfRange: the time between false trips",
        ),
        (
            with(&|options| options.confidence = 1.0),
            "ParameterOutOfRange: the confidence",
        ),
        (
            with(&|options| options.shape.sub_windows = 3),
            "ParameterOutOfRange: sub-windows",
        ),
        (
            with(&|options| options.shape.window_seconds = 5),
            "ParameterOutOfRange: the window",
        ),
        (
            with(&|options| options.shape.window_seconds = 30 * 86_400),
            "HistoryTooShort",
        ),
        (
            with(&|options| options.shape.window_seconds = 4 * 86_400),
            "TooFewPeaks",
        ),
    ] {
        assert!(printed.contains(name), "{printed}");
    }
    let mut still: Flow = past.clone();
    for row in &mut still.rows {
        row.outflow = 0;
    }
    let found = flow::calibrate(&still, &flow_options(30.0), &mut quiet);
    assert!(matches!(found, Err(CalibrationError::NothingHappens(_))));
    let mut flat = samples::price(&PriceShape::default(), 1);
    for row in &mut flat.rows {
        row.price = 1.0;
    }
    let found = price::calibrate(&flat, &price_options(30.0), &mut quiet);
    assert!(matches!(found, Err(CalibrationError::NothingHappens(_))));
}
