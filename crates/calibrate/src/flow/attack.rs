//! How much an attack takes before it is stopped.
//!
//! Attacks are added to honest flow at many moments of the history, and metered by the on-chain window. The latch stops
//! everything at once, so the loss is the amount allowed before it. Whatever the attack, no window of W lets out more
//! than T. The loss in the tables is at most `T (1 + 1/k)`, because it is counted over the window's whole memory.

use super::{Shape, Window, replay};
use crate::{
    input::Flow,
    random::Random,
    stats::{mean, quantile},
};

/// Rates of steady drains, in T per hour.
pub const MULTIPLES: [f64; 8] = [0.25, 0.5, 1.0, 1.5, 2.0, 5.0, 20.0, 100.0];
/// Sizes of single transactions, in slot limits.
pub const SHARES: [f64; 4] = [0.5, 1.0, 1.01, 2.0];
/// Number of moments at which an attack begins.
const STARTS: usize = 60;
/// Steps per sub-window during an attack.
const STEPS: i64 = 10;
/// Seconds of a slot.
const SLOT: f64 = 0.4;
/// How long a drain is simulated, in memories of the window.
const HORIZON: i64 = 4;

/// One way to steal funds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Attack {
    /// A steady drain, at this multiple of T per hour.
    Steady(f64),
    /// One transaction, of this multiple of the slot limit.
    Single(f64),
    /// The slot limit in every slot, until the window is full.
    FullSpeed,
    /// Never over a limit: the maximum that the window ever allows.
    Patient,
}

/// The outcome of an attack.
#[derive(Clone, Copy, Debug)]
pub struct AttackOutcome {
    /// The attack.
    pub attack: Attack,
    /// Native units per hour. For a single transaction, its amount.
    pub size: f64,
    /// Share of the starts at which it was stopped.
    pub stopped: f64,
    /// Mean seconds until it was stopped.
    pub delay: f64,
    /// Seconds within which 95 of 100 are stopped.
    pub delay_95: f64,
    /// Mean amount taken until then. Native units. For a drain that is not stopped, the amount taken in one window.
    pub loss: f64,
    /// The loss that 95 of 100 stay below.
    pub loss_95: f64,
    /// Delay by formula: the amount missing to T, divided by the rate.
    pub delay_formula: f64,
    /// Loss by formula.
    pub loss_formula: f64,
    /// Whether the slot limit stopped it.
    pub by_slot: bool,
}

pub(super) fn outcomes(
    flow: &Flow,
    shape: Shape,
    limit: u64,
    slot_limit: u64,
    random: &mut Random,
    tick: &mut dyn FnMut(f64),
) -> Vec<AttackOutcome> {
    let held = replay(&flow.rows, shape);
    let mean_held = mean(&held.iter().map(|at| at.value).collect::<Vec<_>>());
    let scene = Scene {
        flow,
        shape,
        limit,
        slot_limit,
        mean_held,
    };
    let steady = MULTIPLES.map(Attack::Steady);
    let single = SHARES.map(Attack::Single);
    let all = steady
        .into_iter()
        .chain(single)
        .chain([Attack::FullSpeed, Attack::Patient]);
    let count = MULTIPLES.len() as f64;
    all.enumerate()
        .map(|(i, attack)| {
            tick((i as f64 / count).min(1.0));
            match attack {
                Attack::Steady(multiple) => scene.steady(multiple, random),
                Attack::Single(share) => scene.single(share, random),
                Attack::FullSpeed => scene.full_speed(random),
                Attack::Patient => scene.patient(),
            }
        })
        .collect()
}

struct Scene<'a> {
    flow: &'a Flow,
    shape: Shape,
    limit: u64,
    slot_limit: u64,
    mean_held: f64,
}

/// The outcome of one attack.
struct Run {
    stopped: bool,
    delay: f64,
    loss: f64,
}

impl Scene<'_> {
    /// The breaker's state at a random moment, and that moment.
    fn start(&self, random: &mut Random) -> (Window, usize, i64) {
        let memory = self.shape.memory_seconds();
        let (first, span) = (self.flow.rows[0].ts, self.flow.span());
        let room = (span - (HORIZON + 1) * memory).max(1);
        let start = first + memory + (random.uniform() * room as f64) as i64;
        let rows = &self.flow.rows;
        let mut next = rows.partition_point(|row| row.ts < start - memory);
        let mut window = Window::limited(self.shape, self.limit);
        while next < rows.len() && rows[next].ts < start {
            window.add(rows[next].ts, rows[next].outflow);
            next += 1;
        }
        (window, next, start)
    }

    fn steady(&self, multiple: f64, random: &mut Random) -> AttackOutcome {
        let rate = multiple * self.limit as f64;
        let a_second = rate / 3_600.0;
        let (free, memory) = (
            (self.limit as f64 - self.mean_held).max(0.0),
            self.shape.memory_seconds() as f64,
        );
        if a_second * SLOT > self.slot_limit as f64 {
            return self.outcome(Attack::Steady(multiple), rate, vec![Run::at_once()], (0.0, 0.0), true);
        }
        let delay = free / a_second;
        // The window expires one sub-window at a time, oldest first. So on average it remembers W (1 + 1/(2k)).
        let remembered = memory - 0.5 * self.shape.sub_window_seconds() as f64;
        let formula = if delay <= remembered {
            (delay, free)
        } else {
            (f64::INFINITY, a_second * self.shape.window_seconds as f64)
        };
        let tick = (self.shape.sub_window_seconds() as f64 / STEPS as f64).max(1.0);
        // A fast drain is over within one step. Finer steps are used then, so that the loss is not rounded to one.
        let tick = tick.min(delay / 50.0).max(SLOT);
        let runs = (0..STARTS).map(|_| self.drain(a_second, tick, random)).collect();
        self.outcome(Attack::Steady(multiple), rate, runs, formula, false)
    }

    fn drain(&self, a_second: f64, tick: f64, random: &mut Random) -> Run {
        let (mut window, mut next, start) = self.start(random);
        let horizon = (HORIZON * self.shape.memory_seconds()) as f64;
        let (mut at, mut taken, mut owed) = (0.0, 0.0, 0.0);
        while at < horizon {
            at += tick;
            let now = start + at as i64;
            while let Some(row) = self.flow.rows.get(next).filter(|row| row.ts <= now) {
                // Honest users reach the limit first, which stops the attacker as well.
                if !window.lets_through(row.ts, row.outflow) {
                    return Run::stopped(at, taken);
                }
                next += 1;
            }
            owed += a_second * tick;
            let amount = owed.floor();
            owed -= amount;
            if amount > 0.0 && !window.lets_through(now, amount as u64) {
                return Run::stopped(at, taken);
            }
            taken += amount;
        }
        Run {
            stopped: false,
            delay: f64::INFINITY,
            loss: a_second * self.shape.window_seconds as f64,
        }
    }

    fn single(&self, share: f64, random: &mut Random) -> AttackOutcome {
        let amount = share * self.slot_limit as f64;
        let over = amount > self.slot_limit as f64;
        let runs = (0..STARTS)
            .map(|_| {
                let (mut window, _, start) = self.start(random);
                if over || !window.lets_through(start, amount as u64) {
                    Run::at_once()
                } else {
                    Run {
                        stopped: false,
                        delay: f64::INFINITY,
                        loss: amount,
                    }
                }
            })
            .collect();
        let formula = if over || amount > self.limit as f64 - self.mean_held {
            (0.0, 0.0)
        } else {
            (f64::INFINITY, amount)
        };
        self.outcome(Attack::Single(share), amount, runs, formula, over)
    }

    fn full_speed(&self, random: &mut Random) -> AttackOutcome {
        let slots = |free: f64| (free / self.slot_limit as f64).ceil();
        let free = (self.limit as f64 - self.mean_held).max(0.0);
        let runs = (0..STARTS)
            .map(|_| {
                let (mut window, _, start) = self.start(random);
                let free = (self.limit - window.held(start).min(self.limit)) as f64;
                Run::stopped(slots(free) * SLOT, free)
            })
            .collect();
        let rate = self.slot_limit as f64 / SLOT * 3_600.0;
        self.outcome(Attack::FullSpeed, rate, runs, (slots(free) * SLOT, free), false)
    }

    /// Outflow expires after W (1 + 1/k) at the latest. So an attacker who reads the breaker can take T once per such
    /// period without ever tripping it, if there is no honest flow.
    fn patient(&self) -> AttackOutcome {
        let limit = self.limit as f64;
        let rate = limit * 3_600.0 / self.shape.memory_seconds() as f64;
        let run = Run {
            stopped: false,
            delay: f64::INFINITY,
            loss: limit,
        };
        self.outcome(Attack::Patient, rate, vec![run], (f64::INFINITY, limit), false)
    }

    fn outcome(&self, attack: Attack, size: f64, runs: Vec<Run>, formula: (f64, f64), by_slot: bool) -> AttackOutcome {
        let mut delays: Vec<_> = runs.iter().filter(|run| run.stopped).map(|run| run.delay).collect();
        let mut losses: Vec<_> = runs.iter().map(|run| run.loss).collect();
        let stopped = delays.len() as f64 / runs.len() as f64;
        let never = delays.is_empty();
        AttackOutcome {
            attack,
            size,
            stopped,
            delay: if never { f64::INFINITY } else { mean(&delays) },
            delay_95: if stopped < 0.95 {
                f64::INFINITY
            } else {
                quantile(&mut delays, 0.95)
            },
            loss: mean(&losses),
            loss_95: quantile(&mut losses, 0.95),
            delay_formula: formula.0,
            loss_formula: formula.1,
            by_slot,
        }
    }
}

impl Run {
    const fn at_once() -> Self {
        Self::stopped(0.0, 0.0)
    }

    const fn stopped(delay: f64, loss: f64) -> Self {
        Self {
            stopped: true,
            delay,
            loss,
        }
    }
}
