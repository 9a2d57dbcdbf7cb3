//! The loss that a manipulated price causes before it is detected.
//!
//! A price push is added to the history at many moments. Until the update that trips, the host trades at a price that
//! is wrong by the amount pushed so far. That share of the traded volume is the loss. A push in one update gains
//! nothing if the host checks the board after it. A push that is slow enough looks like the market.

use super::{
    detector::{Rule, Rules},
    history::History,
};
use crate::{
    random::Random,
    stats::{mean, quantile},
};

/// Sizes of pushes.
pub const PUSHES: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
/// Minutes a push is spread over. 0 is one update.
pub const MINUTES: [u32; 4] = [0, 5, 30, 240];
/// Number of moments at which a push begins.
const STARTS: usize = 60;
/// How long the pushed price is simulated afterwards, seconds.
const FROZEN: i64 = 3_600;

/// The outcome of one push.
#[derive(Clone, Copy, Debug)]
pub struct PushOutcome {
    /// How far the price is pushed up, as a share. Downwards by the same ratio.
    pub push: f64,
    /// The minutes it is spread over.
    pub minutes: u32,
    /// Share of the starts at which it was stopped within an hour after its end.
    pub stopped: f64,
    /// Mean seconds until it was stopped.
    pub delay: f64,
    /// Seconds within which 95 of 100 are stopped.
    pub delay_95: f64,
    /// Mean error of the price at the last update before that, as a share.
    pub loss: f64,
    /// The loss that 95 of 100 stay below.
    pub loss_95: f64,
    /// How often each rule was the first: deviation, return, drift.
    pub by: [u32; 3],
}

pub(super) fn outcomes(
    history: &History,
    rules: &Rules,
    step: i64,
    random: &mut Random,
    tick: &mut dyn FnMut(f64),
) -> Vec<PushOutcome> {
    let mut found = Vec::new();
    for (i, minutes) in MINUTES.into_iter().enumerate() {
        tick(i as f64 / MINUTES.len() as f64);
        for push in PUSHES {
            found.push(outcome(history, rules, step, push, minutes, random));
        }
    }
    found
}

fn outcome(history: &History, rules: &Rules, step: i64, push: f64, minutes: u32, random: &mut Random) -> PushOutcome {
    let ramp = i64::from(minutes) * 60;
    let rows = usize::try_from((ramp + FROZEN) / step.max(1)).unwrap_or(usize::MAX) + 1;
    let (mut delays, mut losses, mut by) = (Vec::new(), Vec::new(), [0; 3]);
    for i in 0..STARTS {
        let room = history.seen.len().saturating_sub(rows).max(1);
        let start = random.below(room);
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        let mut state = history.seen[start].before.clone();
        let (mut elapsed, mut pushed) = (0i64, 0.0);
        let mut stopped = false;
        for seen in history.seen[start..].iter().take(rows) {
            elapsed += seen.dt;
            let target = if ramp == 0 {
                1.0
            } else {
                (elapsed as f64 / ramp as f64).min(1.0)
            };
            let now = (1.0 + push).ln() * target;
            let next = state.log_price() + seen.gain + sign * (now - pushed);
            let step = state.step(rules, state.last_ts() + seen.dt, next);
            if let Some(rule) = step.alarm {
                by[rule as usize] += 1;
                delays.push(elapsed as f64);
                losses.push(f64::exp_m1(pushed));
                stopped = true;
                break;
            }
            pushed = now;
        }
        if !stopped {
            losses.push(push);
        }
    }
    let stopped = delays.len() as f64 / STARTS as f64;
    PushOutcome {
        push,
        minutes,
        stopped,
        delay: if delays.is_empty() {
            f64::INFINITY
        } else {
            mean(&delays)
        },
        delay_95: if stopped < 0.95 {
            f64::INFINITY
        } else {
            quantile(&mut delays, 0.95)
        },
        loss: mean(&losses),
        loss_95: quantile(&mut losses, 0.95),
        by,
    }
}

const _: () = assert!(Rule::Deviation as usize == 0 && Rule::Return as usize == 1 && Rule::Drift as usize == 2);
