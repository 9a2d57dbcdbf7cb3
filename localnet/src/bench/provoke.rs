//! Provokes breaches at random domains and random moments, and waits for each to be answered.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::SmallRng};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};

use super::{BenchError, alarms::Alarms, daemon::rule, estate::Estate};

/// What is provoked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Domains that the sentinel watches: the first so many.
    pub domains: usize,
    /// Breaches altogether.
    pub breaches: usize,
    /// Mean time between two of them.
    pub gap: Duration,
    /// How long a pause is waited for.
    pub patience: Duration,
    /// Time between two looks at a board.
    pub look: Duration,
    /// For the random numbers.
    pub seed: u64,
}

/// A breach and its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    /// The slot in which it landed.
    pub breach: u64,
    /// The slot in which the pause landed.
    pub pause: u64,
}

impl Answered {
    /// Slots from one to the other.
    pub(super) const fn slots(&self) -> u64 {
        self.pause.saturating_sub(self.breach)
    }
}

/// Who the breaches happen to, and who is notified.
#[derive(Clone)]
pub(super) struct Stage {
    /// The domains.
    pub estate: Arc<Estate>,
    /// What the sentinel announces.
    pub alarms: Arc<Alarms>,
}

/// Breaches of each account so far, by domain and account. A sentinel's causes are counted against it.
pub(super) type Tally = BTreeMap<(usize, usize), usize>;

impl Stage {
    /// Provokes what is planned. Every account was given back at the end, and every cause is over.
    ///
    /// # Errors
    /// [`BenchError::Law`] if a pause or the end of a cause does not come in time.
    pub(super) async fn provoke(&self, plan: &Plan, tally: &mut Tally) -> Result<Vec<Answered>, BenchError> {
        let mut random = SmallRng::seed_from_u64(plan.seed);
        let mut free: Vec<(usize, usize)> = Vec::new();
        let domains = self.estate.domains.iter().enumerate().take(plan.domains);
        for (domain, small) in domains {
            free.extend((0..small.accounts.len()).map(|account| (domain, account)));
        }
        let mut running = JoinSet::new();
        // Two breaches of one domain at once could not be told apart by its board.
        let mut open: BTreeSet<usize> = BTreeSet::new();
        let (paused, mut pauses) = mpsc::unbounded_channel();
        let mut answered = Vec::with_capacity(plan.breaches);
        let mut begun = 0;
        while begun < plan.breaches || !running.is_empty() {
            while let Ok(domain) = pauses.try_recv() {
                open.remove(&domain);
            }
            let places: Vec<usize> = (0..free.len())
                .filter(|at| free.get(*at).is_some_and(|(domain, _)| !open.contains(domain)))
                .collect();
            if begun < plan.breaches && !places.is_empty() {
                // The time between independent moments is exponential.
                let share: f64 = random.random_range(f64::MIN_POSITIVE..1.0);
                sleep(plan.gap.mul_f64(-share.ln())).await;
                let at = places.get(random.random_range(0..places.len())).copied().unwrap_or(0);
                let place = free.swap_remove(at);
                let count = tally.entry(place).or_default();
                *count += 1;
                open.insert(place.0);
                running.spawn(self.clone().one(place, *count, *plan, paused.clone()));
                begun += 1;
            } else {
                tokio::select! {
                    Some(domain) = pauses.recv() => {
                        open.remove(&domain);
                    }
                    Some(over) = running.join_next() => end(over, &mut free, &mut answered)?,
                }
            }
            // What has ended meanwhile, without waiting.
            while let Some(over) = running.try_join_next() {
                end(over, &mut free, &mut answered)?;
            }
        }
        Ok(answered)
    }

    /// One breach, from the theft until the account can be stolen again.
    async fn one(
        self,
        (domain, account): (usize, usize),
        count: usize,
        plan: Plan,
        paused: mpsc::UnboundedSender<usize>,
    ) -> Result<Over, BenchError> {
        let breach = self.estate.steal(domain, account).await?;
        let until = Instant::now() + plan.patience;
        let (pause, closed_until) = loop {
            let closed = self.estate.closed(domain, account).await?;
            if closed.slot >= breach && closed.until > closed.now {
                break (closed.slot, closed.until);
            }
            if Instant::now() > until {
                return Err(BenchError::Law(format!(
                    "no pause: account {account} of domain {domain} was stolen in slot {breach}, and its compartment is \
                     still open {} seconds later",
                    plan.patience.as_secs()
                )));
            }
            sleep(plan.look).await;
        };
        // Nobody listens any more once everything was provoked.
        let _ = paused.send(domain);
        self.estate.give_back(domain, account).await?;
        let name = rule(domain, account);
        if timeout(plan.patience, self.alarms.until(&name, "cleared", count))
            .await
            .is_err()
        {
            let confirmed = self.alarms.causes(&name, "confirmed").len();
            let cleared = self.alarms.causes(&name, "cleared").len();
            return Err(BenchError::Law(format!(
                "no end: {name} had {count} breaches, and {confirmed} causes were confirmed and {cleared} cleared"
            )));
        }
        // The same compartment is open again before it can be breached again.
        loop {
            let now = self.estate.closed(domain, account).await?.now;
            if now >= closed_until {
                break;
            }
            sleep(plan.look * 8).await;
        }
        let answered = Answered { breach, pause };
        Ok(Over {
            place: (domain, account),
            answered,
        })
    }
}

struct Over {
    place: (usize, usize),
    answered: Answered,
}

/// The account can be stolen again.
fn end(
    over: Result<Result<Over, BenchError>, JoinError>,
    free: &mut Vec<(usize, usize)>,
    answered: &mut Vec<Answered>,
) -> Result<(), BenchError> {
    let over = over.map_err(|error| BenchError::Law(format!("a breach could not be followed: {error}")))??;
    free.push(over.place);
    answered.push(over.answered);
    Ok(())
}
