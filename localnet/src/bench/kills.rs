//! Killed a hundred times at random points, while breaches happen and releases are due: nothing is lost, nothing is done
//! twice.

use std::time::Duration;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{chain::ChainError, pda};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use rusqlite::{Connection, OpenFlags};
use solana_signer::Signer;
use tokio::time::{sleep, timeout};

use super::{
    Bench, BenchError, Field,
    daemon::rule,
    figures::{Kills, Slots},
    latency::scale,
    look,
    provoke::{Answered, Plan, Tally},
};
use crate::{
    manifest::Manifest,
    sample::{
        self,
        cast::{Cast, DOLLAR},
    },
    text::say,
};

/// Positions of the protected exchange, whose withdrawals the releases are.
const POSITIONS: u32 = 60;
/// What is withdrawn until the limit of the hour is reached, and then until the releases are queued.
const FILLING: u64 = 1_000 * DOLLAR;
const QUEUED: u64 = 300 * DOLLAR;
const RELEASES: usize = 12;
/// Longer than the window of the exchange's breakers, and time between two looks at a clock that moves.
const DEPOSITED_SECONDS: i64 = 2 * 3_600;
const LOOK: Duration = Duration::from_millis(50);
/// Longer than releases wait.
const MATURING_SECONDS: i64 = 25 * 3_600;
/// Longer than a sub-window of the exchange's breakers: a release that a kill interrupted is tried again in the next.
const SUB_WINDOW_SECONDS: i64 = 301;
/// Sub-windows that may pass until every release is paid.
const SUB_WINDOWS: usize = 8;
/// First run, in which everything is seen once.
const SETTLING: Duration = Duration::from_secs(4);
/// Time from a start to the kill, at random between these, and the longest time that it stays dead.
const SHORTEST_MS: u64 = 50;
const LONGEST_MS: u64 = 4_000;
const DEAD_MS: u64 = 500;
/// Mean time between two breaches.
const GAP: Duration = Duration::from_secs(4);
const PATIENCE: Duration = Duration::from_secs(180);
/// Every so many notices is refused once.
const REFUSES: u64 = 5;
/// The authority and the solvency of the exchange are looked at so often that most kills hit a look.
const READING: &str = "[schedule]\nauthority = \"3s\"\nsolvency = \"3s\"\n";

/// A token account, and what it has to hold in the end.
type Owed = (Pubkey, u64);

impl Field {
    pub(super) async fn kills(&self, bench: &Bench) -> Result<Kills, BenchError> {
        let cast = self.sample().await?;
        // What was deposited within the hour may leave again beside the limit.
        self.pass(DEPOSITED_SECONDS).await?;
        let owed = self.queue(&cast).await?;
        self.pass(MATURING_SECONDS).await?;
        let mut daemon = self.daemon(bench, &[cast.domain()], READING).await?;
        daemon.start()?;
        daemon.ready().await?;
        sleep(SETTLING).await;
        self.stage.alarms.refuse_every(REFUSES);

        let mut tally = Tally::new();
        let plan = Plan {
            domains: self.stage.estate.domains.len(),
            breaches: bench.kills.div_ceil(2),
            gap: GAP.mul_f64(scale(bench)),
            patience: PATIENCE,
            look: look(bench),
            seed: bench.seed,
        };
        let killing = async {
            let mut random = SmallRng::seed_from_u64(bench.seed);
            for _ in 0..bench.kills {
                sleep(Duration::from_millis(random.random_range(SHORTEST_MS..LONGEST_MS))).await;
                daemon.kill()?;
                sleep(Duration::from_millis(random.random_range(0..DEAD_MS))).await;
                daemon.start()?;
            }
            Ok(())
        };
        let (answered, ()) = tokio::try_join!(self.stage.provoke(&plan, &mut tally), killing)?;
        say("killed enough; what is left is done and announced now");
        daemon.ready().await?;
        self.stage.alarms.refuse_every(0);
        self.require_announced(&tally).await?;
        self.require_paid(&owed).await?;
        // A second pause for the same cause would come now.
        sleep(SETTLING).await;
        daemon.stop().await?;
        let pauses = self.require_one_each(&tally).await?;
        self.require_recorded(&tally)?;
        let (notices, notices_again) = self.stage.alarms.counts();
        Ok(Kills {
            kills: bench.kills,
            breaches: answered.len(),
            pauses,
            slots: Slots::of(plan.domains, answered.iter().map(Answered::slots).collect()),
            releases: owed.len(),
            notices,
            notices_again,
        })
    }

    /// Moves the clock.
    async fn pass(&self, seconds: i64) -> Result<(), ChainError> {
        let rpc = &self.stage.estate.rpc;
        let until = rpc.clock().await?.unix_timestamp + seconds;
        rpc.travel_to_time(until).await?;
        while rpc.clock().await?.unix_timestamp < until {
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// The localnet's own sample, beside the small domains.
    async fn sample(&self) -> Result<Cast, BenchError> {
        let mut cast = Cast::new(self.keys.clone(), POSITIONS);
        let manifest = Manifest {
            url: self.url.clone(),
            ..sample::describe(&self.place, &cast, POSITIONS, 1)?
        };
        let rpc = &self.stage.estate.rpc;
        sample::set_up(&self.place, &self.node, rpc, &mut cast, &manifest, &|_, _, _, _| {}).await?;
        Ok(cast)
    }

    /// Withdraws until the limit of the hour is reached, and a few times more: those releases wait.
    async fn queue(&self, cast: &Cast) -> Result<Vec<Owed>, ChainError> {
        let rpc = &self.stage.estate.rpc;
        let vault = cast.plan().vault_keys(0).vault;
        let mut owed: Vec<Owed> = Vec::new();
        for number in 0..POSITIONS {
            if owed.len() >= RELEASES {
                break;
            }
            let owner = cast.owner(number);
            let (key, tokens) = (owner.pubkey(), cast.tokens_of(&owner.pubkey()));
            let amount = if owed.is_empty() { FILLING } else { QUEUED };
            let index = u64::from(number) + 1;
            let withdraw = cast.exchange.withdraw(key, tokens, amount, index);
            rpc.send(&[withdraw], &[&owner]).await?;
            let release = rpc.account(&pda::release_of(&vault, &key, index)).await?;
            if release.is_some() {
                owed.push((tokens, rpc.balance(&tokens).await? + amount));
            }
        }
        Ok(owed)
    }

    /// Every release was paid, and none more than once.
    async fn require_paid(&self, owed: &[Owed]) -> Result<(), BenchError> {
        let rpc = &self.stage.estate.rpc;
        let mut unpaid = 0;
        for _ in 0..SUB_WINDOWS {
            unpaid = 0;
            for (tokens, expected) in owed {
                let held = rpc.balance(tokens).await?;
                if held > *expected {
                    return Err(BenchError::Law(format!(
                        "{tokens} was paid twice: {held} instead of {expected}"
                    )));
                }
                unpaid += usize::from(held < *expected);
            }
            if unpaid == 0 && !owed.is_empty() {
                return Ok(());
            }
            self.pass(SUB_WINDOW_SECONDS).await?;
            sleep(SETTLING * 2).await;
        }
        Err(BenchError::Law(format!(
            "{unpaid} of {} releases were not paid",
            owed.len()
        )))
    }

    /// Every breach was announced: a cause that was confirmed, and its pause.
    async fn require_announced(&self, tally: &Tally) -> Result<(), BenchError> {
        for ((domain, account), count) in tally {
            let name = rule(*domain, *account);
            for kind in ["confirmed", "paused"] {
                let announced = timeout(PATIENCE, self.stage.alarms.until(&name, kind, *count)).await;
                let causes = self.stage.alarms.causes(&name, kind).len();
                if announced.is_err() || causes != *count {
                    return Err(BenchError::Law(format!(
                        "{name} had {count} breaches, and {causes} causes were announced as {kind}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The state is sound, has one pause in force for each breach, and nothing in it was announced to nobody.
    fn require_recorded(&self, tally: &Tally) -> Result<(), BenchError> {
        let path = self.dir.join("sentinel").join("state.db");
        let refused = |error: rusqlite::Error| BenchError::file(&path, error);
        let state = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(refused)?;
        let sound: String = state
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(refused)?;
        if sound != "ok" {
            return Err(BenchError::Law(format!("{} is damaged: {sound}", path.display())));
        }
        let rows = |query: &str| -> Result<Vec<(String, String)>, rusqlite::Error> {
            let mut query = state.prepare(query)?;
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        let pauses = rows("SELECT cause, pauses.state FROM pauses").map_err(refused)?;
        if let Some((cause, how)) = pauses.iter().find(|(_, how)| how != "in_force") {
            return Err(BenchError::Law(format!("the pause of {cause} is recorded as {how}")));
        }
        let breaches: usize = tally.values().sum();
        if pauses.len() != breaches {
            return Err(BenchError::Law(format!(
                "{breaches} breaches and {} pauses are recorded",
                pauses.len()
            )));
        }
        let waiting = rows("SELECT id, hook FROM notices").map_err(refused)?;
        let confirmed = rows("SELECT id, rule FROM causes WHERE confirmed_ts > 0").map_err(refused)?;
        let announced = confirmed.iter().map(|(cause, _)| format!("{cause}/confirmed"));
        let paused = pauses.iter().map(|(cause, _)| format!("{cause}/paused"));
        for id in announced.chain(paused) {
            let is_waiting = waiting.iter().any(|(notice, _)| *notice == id);
            if !is_waiting && !self.stage.alarms.has(&id) {
                return Err(BenchError::Law(format!("{id} was announced to nobody")));
            }
        }
        Ok(())
    }
}
