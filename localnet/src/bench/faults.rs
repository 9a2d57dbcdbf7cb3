//! Each endpoint in turn lies, is slow, and restarts: the pauses come nevertheless, and no other ones.

use std::time::Duration;

use super::{
    Bench, BenchError, Field,
    figures::{Fault, Slots},
    latency::scale,
    look,
    provoke::{Answered, Plan, Tally},
    proxy::Mode,
};
use crate::text::say;

/// A lie is told at least this often before anything is provoked: a rule that believed it would have paused.
const LYING: Duration = Duration::from_secs(6);
const GAP: Duration = Duration::from_millis(1_500);
/// A pause has to come within this time, whatever one endpoint does.
const PATIENCE: Duration = Duration::from_secs(60);
/// A restart: so long down, so long up.
const DOWN: Duration = Duration::from_secs(2);
const UP: Duration = Duration::from_secs(3);
/// An endpoint without a websocket is asked every second, so that a liar speaks often.
const READING: &str = "[reading]\npoll_with_ws = \"1s\"\npatience = \"10s\"\n";

impl Field {
    pub(super) async fn faults(&self, bench: &Bench) -> Result<Vec<Fault>, BenchError> {
        let mut daemon = self.daemon(bench, &[], READING).await?;
        daemon.start()?;
        daemon.ready().await?;
        tokio::time::sleep(LYING).await;
        let mut tally = Tally::new();
        let mut all = Vec::new();
        let faults = [(Mode::Lies, "lies"), (Mode::Slow, "is slow"), (Mode::Down, "restarts")];
        for (number, (mode, fault)) in faults.into_iter().enumerate() {
            let mut samples = Vec::new();
            for (place, proxy) in self.proxies.iter().enumerate() {
                say(&format!("endpoint {place} {fault}"));
                proxy.be(mode);
                tokio::time::sleep(LYING).await;
                self.require_one_each(&tally).await?;
                let plan = Plan {
                    domains: self.stage.estate.domains.len(),
                    breaches: bench.faulty,
                    gap: GAP.mul_f64(scale(bench)),
                    patience: PATIENCE,
                    look: look(bench),
                    seed: bench.seed + (number * self.proxies.len() + place) as u64,
                };
                let restarting = async {
                    while mode == Mode::Down {
                        tokio::time::sleep(DOWN).await;
                        proxy.be(Mode::Honest);
                        tokio::time::sleep(UP).await;
                        proxy.be(Mode::Down);
                    }
                    std::future::pending::<()>().await;
                };
                let answered = tokio::select! {
                    answered = self.stage.provoke(&plan, &mut tally) => answered?,
                    () = restarting => vec![],
                };
                proxy.be(Mode::Honest);
                samples.extend(answered.iter().map(Answered::slots));
                self.require_one_each(&tally).await?;
                daemon.require_alive()?;
                // The next endpoint fails when this one is itself again.
                tokio::time::sleep(LYING).await;
            }
            let slots = Slots::of(self.stage.estate.domains.len(), samples);
            say(&slots.plot());
            all.push(Fault {
                fault,
                endpoints: self.proxies.len(),
                slots,
            });
        }
        daemon.stop().await?;
        Ok(all)
    }
}
