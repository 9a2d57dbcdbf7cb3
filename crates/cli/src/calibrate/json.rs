//! The result as JSON, for programs. Amounts are native units and times are seconds. A time that never comes is `null`.

use bulkhead_calibrate::{
    Band, Tail,
    flow::{self, Attack},
    price,
};
use serde_json::{Value, json};

fn band(band: &Band) -> Value {
    json!({ "low": band.low, "estimate": band.mid, "high": band.high })
}

fn tail(tail: &Tail) -> Value {
    json!({
        "threshold": tail.threshold,
        "peaks": tail.peaks,
        "peaks_per_day": tail.rate * 86_400.0,
        "shape": tail.shape,
        "scale": tail.scale,
    })
}

fn limit(limit: &flow::Limit) -> Value {
    json!({
        "limit": limit.limit,
        "closed_form": band(&limit.formula),
        "monte_carlo": limit.simulated,
        "tail": tail(&limit.tail),
        "largest_seen": limit.seen,
    })
}

fn attack(outcome: &flow::AttackOutcome) -> Value {
    let (kind, multiple) = match outcome.attack {
        Attack::Steady(multiple) => ("steady", Some(multiple)),
        Attack::Single(share) => ("single", Some(share)),
        Attack::FullSpeed => ("full_speed", None),
        Attack::Patient => ("patient", None),
    };
    json!({
        "attack": kind,
        "multiple": multiple,
        "size": outcome.size,
        "stopped": outcome.stopped,
        "stopped_by": if outcome.by_slot { "slot_limit" } else { "limit" },
        "delay_seconds": { "monte_carlo": outcome.delay, "p95": outcome.delay_95, "closed_form": outcome.delay_formula },
        "loss": { "monte_carlo": outcome.loss, "p95": outcome.loss_95, "closed_form": outcome.loss_formula },
    })
}

pub(super) fn flow(found: &flow::Calibration, gaps: usize, excluded: usize) -> Value {
    let shape = found.options.shape;
    json!({
        "kind": "flow",
        "history": {
            "rows": found.rows,
            "seconds": found.span,
            "step_seconds": found.step,
            "gaps": gaps,
            "excluded": excluded,
            "mean_in_window": found.mean_held,
            "least_balance": found.least_balance,
        },
        "target_seconds": found.options.every,
        "confidence": found.options.confidence,
        "seed": found.options.seed,
        "window_seconds": shape.window_seconds,
        "sub_windows": shape.sub_windows,
        "limit": found.window.limit,
        "slot_limit": found.slot.limit,
        "trip_limit": found.trip_limit,
        "trip_seconds": found.trip_every.is_finite().then_some(found.trip_every),
        "loss_bound": found.window.limit as f64 * (1.0 + 1.0 / f64::from(shape.sub_windows)),
        "window": limit(&found.window),
        "slot": limit(&found.slot),
        "check": {
            "false_trips": found.trips,
            "simulated_seconds": found.simulated,
            "seconds_between": band(&found.interval()),
        },
        "attacks": found.attacks.iter().map(attack).collect::<Vec<_>>(),
    })
}

fn threshold(threshold: &price::Threshold) -> Value {
    json!({
        "level": threshold.level,
        "model": threshold.model,
        "closed_form": threshold.formula.as_ref().map(band),
        "monte_carlo": threshold.simulated,
        "tail": threshold.tail.as_ref().map(tail),
        "largest_seen": threshold.seen,
    })
}

fn push(outcome: &price::PushOutcome) -> Value {
    json!({
        "push": outcome.push,
        "minutes": outcome.minutes,
        "stopped": outcome.stopped,
        "delay_seconds": { "mean": outcome.delay, "p95": outcome.delay_95 },
        "loss_share": { "mean": outcome.loss, "p95": outcome.loss_95 },
        "stopped_by": { "deviation": outcome.by[0], "return": outcome.by[1], "drift": outcome.by[2] },
    })
}

pub(super) fn price(found: &price::Calibration, gaps: usize, excluded: usize) -> Value {
    let rules = &found.rules;
    let delay = |delay: &price::Delay| {
        json!({
            "shift": delay.shift,
            "updates": { "closed_form": delay.formula, "monte_carlo": delay.simulated },
            "seconds": delay.simulated * found.step as f64,
        })
    };
    json!({
        "kind": "price",
        "history": { "rows": found.rows, "seconds": found.span, "step_seconds": found.step, "gaps": gaps, "excluded": excluded },
        "target_seconds": found.options.every,
        "confidence": found.options.confidence,
        "seed": found.options.seed,
        "twap_seconds": rules.twap_seconds,
        "deviation_bps": found.deviation_bps(),
        "tau_seconds": rules.tau_seconds,
        "floor_ppm": found.floor_ppm,
        "cap_ppm": found.cap_ppm,
        "z": rules.z,
        "cusum_h": rules.h,
        "cusum_k": rules.k,
        "cusum_clip": rules.clip,
        "warmup": found.warmup,
        "max_confidence_bps": found.confidence_bps,
        "return": threshold(&found.z),
        "drift": threshold(&found.h),
        "deviation": threshold(&found.deviation),
        "normal_run": { "closed_form": found.normal_run.0, "monte_carlo": found.normal_run.1 },
        "check": {
            "false_trips": found.trips,
            "simulated_seconds": found.simulated,
            "seconds_between": band(&found.interval()),
        },
        "delays": found.delays.iter().map(delay).collect::<Vec<_>>(),
        "pushes": found.pushes.iter().map(push).collect::<Vec<_>>(),
    })
}
