//! The detector's results over a history, and histories resampled from it.

use super::detector::{Rules, State, Step};
use crate::{
    extremes::{Tail, tail_of_values},
    input::Price,
    random::Random,
};

/// Share of the returns that are kept. Larger returns are redrawn.
const KEPT: f64 = 0.99;
/// Length of a block, seconds: long enough for many runs of a CUSUM, and short enough for many blocks in a history.
const BLOCK: i64 = 6 * 3_600;

/// One update of the history, as the detector processed it.
pub(super) struct Seen {
    pub(super) dt: i64,
    pub(super) gain: f64,
    pub(super) z: f64,
    pub(super) away: f64,
    /// The standard deviation it was scaled by.
    pub(super) deviation: f64,
    /// The detector before this update.
    pub(super) before: State,
}

/// A history, as the detector processed it.
pub(super) struct History {
    pub(super) seen: Vec<Seen>,
    /// Rows of a block.
    block: usize,
    tail: Option<Tail>,
}

impl History {
    /// Runs the detector over a history. The first `warmup` updates only feed the statistics.
    pub(super) fn new(price: &Price, rules: &Rules, warmup: usize) -> Self {
        let mut rows = price.rows.iter().map(|row| (row.ts, row.price.ln()));
        let (ts, first) = rows.next().unwrap_or_default();
        let mut state = State::new(ts, first);
        let mut seen = Vec::with_capacity(price.rows.len());
        for (i, (ts, log_price)) in rows.enumerate() {
            let before = state.clone();
            let step = state.step(rules, ts, log_price);
            if i >= warmup {
                let dt = ts - before.last_ts();
                seen.push(Seen {
                    dt,
                    gain: log_price - before.log_price(),
                    z: step.z,
                    away: step.away,
                    deviation: (before.variance.max(rules.variance_floor) * dt as f64).sqrt(),
                    before,
                });
            }
        }
        let sizes: Vec<_> = seen.iter().map(|seen| seen.z.abs()).collect();
        let rows = usize::try_from(BLOCK / price.step.max(1)).unwrap_or(1);
        Self {
            block: rows.clamp(1, (seen.len() / 10).max(1)),
            tail: tail_of_values(&sizes, KEPT),
            seen,
        }
    }

    /// A drawn return. Large returns are redrawn from the fitted tail, at the volatility of their moment.
    fn gain(&self, seen: &Seen, random: &mut Random) -> f64 {
        match &self.tail {
            Some(tail) if seen.z.abs() > tail.threshold => {
                (tail.threshold + tail.excess(random)) * seen.deviation * seen.z.signum()
            }
            _ => seen.gain,
        }
    }

    /// Runs the detector over `updates` of blocks drawn from the history, and reports each step and its time.
    ///
    /// The moving block bootstrap (Künsch 1989) on filtered history (Barone-Adesi, Giannopoulos and Vosper, Journal of
    /// Futures Markets 19, 1999). Each block starts with the variance and the mean that the history had there, so that
    /// seams cause no outliers. It continues the CUSUM of the block before. Every other block is mirrored.
    pub(super) fn run(
        &self,
        rules: &Rules,
        updates: u64,
        random: &mut Random,
        tick: &mut dyn FnMut(f64),
        mut printed: impl FnMut(i64, &Step),
    ) {
        let (mut rise, mut fall, mut at, mut done) = (0.0, 0.0, 0i64, 0u64);
        while done < updates {
            tick(done as f64 / updates as f64);
            let start = random.below(self.seen.len() - self.block + 1);
            let sign = if random.uniform() < 0.5 { -1.0 } else { 1.0 };
            let block = &self.seen[start..start + self.block];
            let mut state = block[0].before.clone();
            // Mirrored returns are mirrored around the price the block starts at, so the mean must be mirrored too.
            if sign < 0.0 {
                state = state.mirrored();
            }
            (state.rise, state.fall) = (rise, fall);
            for seen in block {
                let next = state.log_price() + sign * self.gain(seen, random);
                let step = state.step(rules, state.last_ts() + seen.dt, next);
                at += seen.dt;
                printed(at, &step);
            }
            (rise, fall) = (state.rise, state.fall);
            done += block.len() as u64;
        }
    }
}
