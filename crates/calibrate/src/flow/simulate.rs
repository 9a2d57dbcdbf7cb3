//! Synthetic honest flow from history: its days are resampled, and the largest outflows are redrawn from their fitted
//! tail.
//!
//! Whole days, because use has a daily rhythm (block bootstrap, Künsch, Annals of Statistics 17, 1989). Redrawn tails,
//! because resampling alone would never produce anything larger than the history contains (semi-parametric bootstrap as
//! in McNeil and Frey, Journal of Empirical Finance 7, 2000).

use super::{Shape, Window};
use crate::{
    extremes::{At, Tail, clusters, tail_of_values},
    input::{Flow, FlowRow},
    random::Random,
};

const DAY: i64 = 86_400;
/// Share of the rows with an outflow whose amounts are kept. Larger amounts are redrawn.
const KEPT: f64 = 0.98;

/// History, divided into blocks.
pub(super) struct Synthetic<'a> {
    blocks: Vec<&'a [FlowRow]>,
    /// Length of a block: whole days that cover many windows.
    seconds: i64,
    start: i64,
    tail: Option<Tail>,
}

impl<'a> Synthetic<'a> {
    pub(super) fn new(flow: &'a Flow, shape: Shape) -> Self {
        let wanted = (4 * shape.memory_seconds()).max(DAY);
        let days = (wanted + DAY - 1) / DAY;
        let span = flow.span();
        // In a short history, blocks are shorter than days, but still cover many windows.
        let seconds = if span >= 3 * days * DAY { days * DAY } else { span / 3 };
        let start = flow.rows.first().map_or(0, |row| row.ts);
        let count = (span / seconds.max(1)).max(1);
        let place = |ts: i64| flow.rows.partition_point(|row| row.ts < ts);
        let blocks = (0..count)
            .map(|i| &flow.rows[place(start + i * seconds)..place(start + (i + 1) * seconds)])
            .collect();
        let amounts: Vec<_> = flow
            .rows
            .iter()
            .filter(|row| row.outflow > 0)
            .map(|row| row.outflow as f64)
            .collect();
        Self {
            blocks,
            seconds,
            start,
            tail: tail_of_values(&amounts, KEPT),
        }
    }

    /// Calls `row` with every outflow of `span` seconds, in order.
    fn run(&self, span: f64, random: &mut Random, tick: &mut dyn FnMut(f64), mut row: impl FnMut(i64, u64)) {
        let count = (span / self.seconds as f64).ceil() as i64;
        for number in 0..count {
            if number % 64 == 0 {
                tick(number as f64 / count as f64);
            }
            let which = random.below(self.blocks.len());
            let shift = self.start + number * self.seconds - (self.start + which as i64 * self.seconds);
            for each in self.blocks[which].iter().filter(|each| each.outflow > 0) {
                let amount = match &self.tail {
                    Some(tail) if each.outflow as f64 > tail.threshold => {
                        (tail.threshold + tail.excess(random)).ceil() as u64
                    }
                    _ => each.outflow,
                };
                row(each.ts + shift, amount);
            }
        }
    }
}

/// Peaks above the thresholds, largest first.
pub(super) struct Found {
    pub(super) window: Vec<f64>,
    pub(super) row: Vec<f64>,
}

/// Runs the on-chain window over `span` seconds of synthetic flow.
pub(super) fn peaks(
    synthetic: &Synthetic<'_>,
    shape: Shape,
    span: f64,
    (window_threshold, row_threshold): (f64, f64),
    random: &mut Random,
    tick: &mut dyn FnMut(f64),
) -> Found {
    let mut window = Window::counting(shape);
    let mut high: Vec<At> = Vec::new();
    let mut rows = Vec::new();
    synthetic.run(span, random, tick, |ts, amount| {
        let value = window.add(ts, amount) as f64;
        if value > window_threshold {
            high.push(At { ts, value });
        }
        if amount as f64 > row_threshold {
            rows.push(amount as f64);
        }
    });
    let mut peaks: Vec<_> = clusters(&high, window_threshold, shape.memory_seconds())
        .into_iter()
        .map(|excess| excess + window_threshold)
        .collect();
    peaks.sort_by(|a, b| b.total_cmp(a));
    rows.sort_by(|a, b| b.total_cmp(a));
    Found {
        window: peaks,
        row: rows,
    }
}

/// Counts the trips of a pair of limits. Exceedances within one window are one trip.
pub(super) fn trips(
    synthetic: &Synthetic<'_>,
    shape: Shape,
    span: f64,
    (limit, slot_limit): (u64, u64),
    random: &mut Random,
    tick: &mut dyn FnMut(f64),
) -> u64 {
    let mut window = Window::counting(shape);
    let (mut trips, mut last) = (0, i64::MIN / 2);
    synthetic.run(span, random, tick, |ts, amount| {
        if window.add(ts, amount) > limit || amount > slot_limit {
            trips += u64::from(ts - last > shape.memory_seconds());
            last = ts;
        }
    });
    trips
}
