//! Duties: recorded before they are sent and after they landed, several at a time, each at most once.

use std::{fmt::Display, future::Future, sync::Arc};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    chain::{Chain, ChainError, Receipt},
    flows::{Done, FlowError, Quiet, Session},
};
use bulkhead_core::acts::At;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{runtime::Handle, task::JoinError};
use tracing::{Instrument, Span, field::Empty};

use super::Sentinel;
use crate::{
    act::Endpoint,
    config::{Duties, Schedule},
    cranks::run,
    duties::{Act, Crank, Duty, Scene, cranks, due},
    metrics as names,
    state::{DutyRow, DutyState, Pause},
};

/// Transactions and cranks in flight at once. Urgent ones are not held back.
const AT_ONCE: usize = 32;
/// Transactions of one crank in flight at once.
const PARALLEL: usize = 8;
/// Longest wait before a failed act is repeated, in seconds. The first is one second, and it doubles.
const LONGEST_RETRY: i64 = 300;

/// What ended.
pub(super) enum Outcome {
    /// A pause.
    Pause(Pause),
    /// A transaction.
    Act(DutyRow, Duty, Result<Receipt, ChainError>),
    /// A crank.
    Crank(DutyRow, Duty, Result<Done, FlowError>),
}

impl Sentinel {
    /// Takes what has ended, without waiting.
    pub(super) async fn reap(&mut self) {
        while let Some(outcome) = self.work.try_join_next() {
            self.over(outcome).await;
        }
    }

    pub(super) async fn over(&mut self, outcome: Result<Outcome, JoinError>) {
        match outcome {
            Ok(Outcome::Pause(pause)) => self.pressed(pause),
            Ok(Outcome::Act(row, duty, result)) => {
                let receipts = result.as_ref().map(std::slice::from_ref).unwrap_or_default();
                let error = result.as_ref().err().map(ToString::to_string);
                self.did(row, duty, receipts, error).await;
            }
            Ok(Outcome::Crank(row, duty, result)) => {
                let receipts = result.as_ref().map(|done| done.receipts.as_slice()).unwrap_or_default();
                let error = result.as_ref().err().map(ToString::to_string);
                self.did(row, duty, receipts, error).await;
            }
            // Nothing in flight panics by itself; what was recorded is gone on with after a restart.
            Err(error) => tracing::error!(%error, "work ended without a result"),
        }
    }

    async fn did(&mut self, mut row: DutyRow, duty: Duty, receipts: &[Receipt], error: Option<String>) {
        self.busy.remove(&row.duty);
        let now = self.at.map_or(row.ts, |at| at.now);
        let result = match error {
            None => {
                (row.state, row.failures, row.note) = (DutyState::Done, 0, String::new());
                "done"
            }
            Some(note) => {
                row.failures = row.failures.saturating_add(1);
                let wait = 1_i64 << row.failures.saturating_sub(1).min(9);
                row.retry_ts = now.saturating_add(wait.min(LONGEST_RETRY));
                (row.state, row.note) = (DutyState::Failed, note);
                "failed"
            }
        };
        tracing::info!(
            duty = row.duty,
            result,
            failures = row.failures,
            note = row.note,
            "duty"
        );
        metrics::counter!(names::ACTS, "duty" => duty.name(), "result" => result).increment(1);
        let fees: u64 = receipts
            .iter()
            .filter_map(|receipt| receipt.fee)
            .fold(0, u64::saturating_add);
        self.spend(now, fees).await;
        if let Err(error) = self.tools.store.save_duties(std::slice::from_ref(&row)).await {
            self.failed(&error);
        }
        self.duties.insert(row.duty.clone(), row);
    }

    async fn spend(&mut self, now: i64, lamports: u64) {
        if lamports == 0 {
            return;
        }
        metrics::counter!(names::LAMPORTS).increment(lamports);
        let day = now.div_euclid(86_400);
        if self.spent.0 != day {
            self.spent = (day, self.tools.store.spent(day).await.unwrap_or(0));
        }
        self.spent.1 = self.spent.1.saturating_add(lamports);
        if let Err(error) = self.tools.store.spend(day, lamports).await {
            self.failed(&error);
        }
    }

    /// Whether the day's budget is spent.
    pub(super) fn is_spent(&self, at: At) -> bool {
        self.spent.0 == at.now.div_euclid(86_400) && self.spent.1 >= self.setup.file.fees.lamports_a_day
    }

    /// Begins everything that is due.
    pub(super) async fn work_on_duties(&mut self, open: &[usize], at: At) {
        let Some(payer) = self.setup.payer.filter(|_| self.leads && !open.is_empty()) else {
            return;
        };
        if self.spent.0 != at.now.div_euclid(86_400) {
            let day = at.now.div_euclid(86_400);
            self.spent = (day, self.tools.store.spent(day).await.unwrap_or(0));
        }
        let setup = Arc::clone(&self.setup);
        let members = setup.members();
        let (mut acts, mut long) = (Vec::new(), Vec::new());
        for domain in &setup.domains {
            let accounts = self.merged(domain);
            let scene = Scene {
                accounts: &accounts,
                at,
                is_read: &|key| self.eyes.is_read(key),
                payer,
                members: &members,
                attester: setup.attester,
                duties: &setup.file.duties,
                schedule: &setup.file.schedule,
            };
            acts.extend(due(&scene));
            long.extend(cranks(&scene));
        }
        acts.sort_by_key(|act| !act.is_urgent);
        self.begin_acts(acts, open, at).await;
        self.begin_cranks(long, open, at).await;
    }

    async fn begin_acts(&mut self, acts: Vec<Act>, open: &[usize], at: At) {
        let is_spent = self.is_spent(at);
        let mut begun = Vec::new();
        for act in acts {
            let is_held = !act.is_urgent && (is_spent || self.work.len().saturating_add(begun.len()) >= AT_ONCE);
            if is_held || self.busy.contains(&act.name) {
                continue;
            }
            if let Some(row) = self.row(&act.name, act.domain, act.number, act.is_repeatable, at) {
                self.busy.insert(act.name.clone());
                begun.push((act, row));
            }
        }
        if begun.is_empty() {
            return;
        }
        let rows: Vec<DutyRow> = begun.iter().map(|(_, row)| row.clone()).collect();
        let is_recorded = self.record(&rows).await;
        for (act, row) in begun {
            // What cannot be recorded is not sent, unless it closes something.
            if !is_recorded && !act.is_urgent {
                self.busy.remove(&act.name);
                continue;
            }
            let endpoints = self.in_turn(open, row.failures);
            let span = tracing::info_span!(
                "duty", name = act.name, domain = %act.domain, number = act.number, slot = at.slot,
                outcome = Empty, note = Empty
            );
            let acting = async move {
                let send = |chain: Arc<dyn Chain>| {
                    let instructions = act.instructions.clone();
                    async move { chain.send(&instructions).await }
                };
                let result = if act.is_urgent {
                    through_all(&endpoints, send).await
                } else {
                    through(&endpoints, send).await
                };
                note(result.as_ref().err());
                Outcome::Act(row, act.duty, result)
            };
            self.work.spawn(acting.instrument(span));
        }
    }

    async fn begin_cranks(&mut self, all: Vec<Crank>, open: &[usize], at: At) {
        for crank in all {
            if self.is_spent(at) || self.work.len() >= AT_ONCE || self.busy.contains(&crank.name) {
                continue;
            }
            // A flow goes on where it stopped, so it is begun again after a kill.
            let Some(row) = self.row(&crank.name, crank.domain, crank.number, true, at) else {
                continue;
            };
            if !self.record(std::slice::from_ref(&row)).await {
                continue;
            }
            self.busy.insert(crank.name.clone());
            let (endpoints, attester) = (self.in_turn(open, row.failures), self.setup.attester);
            let (runtime, mut stop) = (Handle::current(), self.stop.subscribe());
            // A thread of its own: flows compute trees, and are not made to move between threads.
            self.work.spawn_blocking(move || {
                let result = runtime.block_on(async {
                    let Some(endpoint) = endpoints.first() else {
                        return Ok(Done::default());
                    };
                    let session = Session {
                        chain: endpoint.chain.as_ref(),
                        report: &Quiet,
                        parallel: PARALLEL,
                    };
                    let span = tracing::info_span!(
                        "crank", name = crank.name, domain = %crank.domain, number = crank.number, slot = at.slot,
                        outcome = Empty, note = Empty
                    );
                    let cranking = async {
                        let result = tokio::select! {
                            result = run(&session, &crank, attester) => result,
                            _ = stop.wait_for(|is| *is) => Err(given_up()),
                        };
                        note(result.as_ref().err());
                        result
                    };
                    cranking.instrument(span).await
                });
                Outcome::Crank(row, crank.duty, result)
            });
        }
    }

    /// The row of an act that is to be begun, unless it was done, is not to be repeated, or has to wait.
    fn row(&self, name: &str, domain: Pubkey, number: i64, is_repeatable: bool, at: At) -> Option<DutyRow> {
        let known = self.duties.get(name);
        if let Some(known) = known.filter(|known| known.number == number) {
            let is_due = match known.state {
                DutyState::Done => false,
                DutyState::Begun => is_repeatable,
                DutyState::Failed => at.now >= known.retry_ts,
            };
            if !is_due {
                return None;
            }
        }
        Some(DutyRow {
            duty: name.to_owned(),
            domain,
            number,
            state: DutyState::Begun,
            slot: at.slot,
            ts: at.now,
            failures: known
                .filter(|known| known.state == DutyState::Failed)
                .map_or(0, |known| known.failures),
            retry_ts: 0,
            note: String::new(),
        })
    }

    async fn record(&mut self, rows: &[DutyRow]) -> bool {
        let saved = self.tools.store.save_duties(rows).await;
        for row in rows {
            self.duties.insert(row.duty.clone(), row.clone());
        }
        match saved {
            Ok(()) => true,
            Err(error) => {
                self.failed(&error);
                false
            }
        }
    }

    /// The endpoints, those that are open first. After each failure another one begins: what an endpoint says of a
    /// transaction may be a lie, and a lie must not stop a duty.
    fn in_turn(&self, open: &[usize], failures: u32) -> Vec<Endpoint> {
        let mut all: Vec<(usize, &Endpoint)> = self.tools.endpoints.iter().enumerate().collect();
        let count = all.len().max(1);
        all.rotate_left(usize::try_from(failures).unwrap_or(0) % count);
        all.sort_by_key(|(number, _)| !open.contains(number));
        all.into_iter().map(|(_, endpoint)| endpoint.clone()).collect()
    }

    /// What the file says about duties, for `--check`.
    #[must_use]
    pub fn configured(&self) -> (&Duties, &Schedule) {
        (&self.setup.file.duties, &self.setup.file.schedule)
    }
}

/// Adds to the span how its act ended.
fn note(error: Option<&impl Display>) {
    let span = Span::current();
    span.record("outcome", if error.is_none() { "done" } else { "failed" });
    if let Some(error) = error {
        span.record("note", error.to_string());
    }
}

/// A crank that was stopped together with the daemon.
fn given_up() -> FlowError {
    FlowError::NotYet {
        why: "the daemon was stopped".into(),
        next: "it goes on at the next start".into(),
    }
}

/// Sends through all endpoints at once, until one says that it landed: none of them may delay what closes something. The
/// program refuses a second one.
async fn through_all<F>(endpoints: &[Endpoint], send: impl Fn(Arc<dyn Chain>) -> F) -> Result<Receipt, ChainError>
where
    F: Future<Output = Result<Receipt, ChainError>>,
{
    let mut flights: FuturesUnordered<F> = endpoints.iter().map(|each| send(Arc::clone(&each.chain))).collect();
    let mut last = Err(no_endpoint());
    while let Some(ended) = flights.next().await {
        if ended.is_ok() {
            return ended;
        }
        last = ended;
    }
    last
}

fn no_endpoint() -> ChainError {
    ChainError::Unreachable {
        node: "the cluster".into(),
        reason: "no endpoint is given".into(),
    }
}

/// Tries one endpoint after the other, as long as the network fails.
async fn through<F>(endpoints: &[Endpoint], send: impl Fn(Arc<dyn Chain>) -> F) -> Result<Receipt, ChainError>
where
    F: Future<Output = Result<Receipt, ChainError>>,
{
    let mut last = Err(no_endpoint());
    for endpoint in endpoints {
        last = send(Arc::clone(&endpoint.chain)).await;
        match &last {
            Err(error) if error.is_transient() => {}
            _ => return last,
        }
    }
    last
}
