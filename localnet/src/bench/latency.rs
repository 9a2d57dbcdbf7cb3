//! How many slots a pause takes, and what watching costs.

use std::time::{Duration, Instant};

use super::{
    Bench, BenchError, Field,
    daemon::Daemon,
    figures::{Figures, Load, Slots},
    look,
    provoke::{Answered, Plan, Tally},
};
use crate::text::say;

/// From when it is ready until it is measured: what it saw first is recorded within a second, and the first search for
/// accounts goes on.
const SETTLING: Duration = Duration::from_secs(5);
/// Mean time between two breaches.
const GAP: Duration = Duration::from_millis(1_000);
/// How long a pause is waited for before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);

impl Field {
    pub(super) async fn latency(&self, bench: &Bench, domains: usize, figures: &mut Figures) -> Result<(), BenchError> {
        let mut daemon = self.daemon(bench, &[], "").await?;
        let begun = Instant::now();
        daemon.start()?;
        daemon.ready().await?;
        say(&format!("ready after {:.1} s", begun.elapsed().as_secs_f64()));
        tokio::time::sleep(SETTLING).await;
        if bench.quiet > 0 {
            let used = self.used(&daemon, domains);
            tokio::time::sleep(Duration::from_secs(bench.quiet)).await;
            figures.quiet.extend(used.until_now(self, &daemon));
        }
        let used = self.used(&daemon, domains);
        let plan = Plan {
            domains,
            breaches: bench.breaches,
            gap: GAP.mul_f64(scale(bench)),
            patience: PATIENCE,
            look: look(bench),
            seed: bench.seed,
        };
        let mut tally = Tally::new();
        let answered = self.stage.provoke(&plan, &mut tally).await?;
        figures.busy.extend(used.until_now(self, &daemon));
        let slots = Slots::of(domains, answered.iter().map(Answered::slots).collect());
        say(&slots.plot());
        figures.latency.push(slots);
        daemon.stop().await?;
        self.require_one_each(&tally).await?;
        Ok(())
    }

    fn used(&self, daemon: &Daemon, domains: usize) -> Used {
        Used {
            domains,
            seconds: daemon.usage().map_or(0.0, |usage| usage.seconds),
            requests: self.requests(),
            since: Instant::now(),
        }
    }
}

/// Where the measurement of a process began.
struct Used {
    domains: usize,
    seconds: f64,
    requests: u64,
    since: Instant,
}

impl Used {
    fn until_now(&self, field: &Field, daemon: &Daemon) -> Option<Load> {
        let (usage, passed) = (daemon.usage()?, self.since.elapsed().as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let requests = (field.requests() - self.requests) as f64 / passed;
        Some(Load {
            domains: self.domains,
            seconds: passed,
            processor: (usage.seconds - self.seconds) / passed,
            memory: usage.memory,
            requests,
        })
    }
}

/// With shorter slots, everything follows faster upon each other.
pub(super) fn scale(bench: &Bench) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred milliseconds")]
    let slots = bench.slot_time as f64 / 400.0;
    slots
}
