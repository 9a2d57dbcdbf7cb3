//! The loop: what the endpoints report goes in, findings and duties come out, and what is done about them runs beside
//! it, so that a long crank delays no pause.

mod changes;
mod findings;
mod pausing;
mod reporting;
mod working;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{pda, status::Accounts, watch};
use bulkhead_core::acts::At;
use bulkhead_interface::layout::Domain;
use solana_account::Account;
use tokio::{sync::watch as watch_channel, task::JoinSet};

use crate::{
    act::{Arm, Endpoint},
    causes::{Causes, Tally},
    clock::{Clock, millis},
    hooks::Hook,
    leading,
    rules::{self, Memory},
    serve::Shared,
    setup::Setup,
    source::{Event, Wanted, quorum::Eyes},
    state::{DutyRow, Pause, StateError, Store},
    view::CLOCK,
};

use working::Outcome;

/// Milliseconds between two rounds of duties and of comparisons.
const ROUND_MILLIS: u64 = 1_000;
/// How long what is over is kept in the state.
const KEPT_SECONDS: i64 = 90 * 86_400;
/// Milliseconds between two clean-ups of the state.
const PRUNE_MILLIS: u64 = 3_600_000;

/// What the daemon works with besides its setup.
#[derive(Clone)]
pub struct Tools {
    /// The endpoints, in the order of the eyes.
    pub endpoints: Vec<Endpoint>,
    /// The state.
    pub store: Arc<Store>,
    /// The clock of this machine.
    pub clock: Arc<dyn Clock>,
    /// The webhooks.
    pub hooks: Arc<Vec<Hook>>,
    /// The status, for the server.
    pub status: Shared,
}

/// The daemon.
pub struct Sentinel {
    setup: Arc<Setup>,
    tools: Tools,
    eyes: Eyes,
    leads: bool,
    started: u64,
    at: Option<At>,
    causes: Causes,
    pauses: BTreeMap<String, Pause>,
    duties: BTreeMap<String, DutyRow>,
    memories: BTreeMap<(usize, usize), Memory>,
    unsaved: BTreeSet<(usize, usize)>,
    announced: BTreeMap<Pubkey, watch::Accounts>,
    work: JoinSet<Outcome>,
    stop: watch_channel::Sender<bool>,
    busy: BTreeSet<String>,
    spent: (i64, u64),
    state_error: Option<String>,
    rounded: Option<u64>,
    pruned: Option<u64>,
    seen: BTreeSet<Pubkey>,
    differing: BTreeMap<usize, usize>,
    ailments: Vec<Tally>,
}

impl Sentinel {
    /// A daemon that goes on where its state says that it stopped.
    ///
    /// # Errors
    /// [`StateError`]
    #[tracing::instrument(name = "start", skip_all, fields(domains = setup.domains.len(), rules = setup.rules.len()))]
    pub async fn start(setup: Arc<Setup>, mut tools: Tools) -> Result<Self, StateError> {
        if tools.store.is_shared() {
            let store = &tools.store;
            tools.endpoints = tools
                .endpoints
                .into_iter()
                .map(|each| leading::only(each, store))
                .collect();
        }
        let names = tools.endpoints.iter().map(|endpoint| endpoint.name.clone());
        let eyes = Eyes::new(names, setup.file.quorum(), millis(setup.file.reading.patience.0));
        let mut sentinel = Self {
            started: tools.clock.millis(),
            setup,
            tools,
            eyes,
            leads: false,
            at: None,
            causes: Causes::default(),
            pauses: BTreeMap::new(),
            duties: BTreeMap::new(),
            memories: BTreeMap::new(),
            unsaved: BTreeSet::new(),
            announced: BTreeMap::new(),
            work: JoinSet::new(),
            stop: watch_channel::Sender::new(false),
            busy: BTreeSet::new(),
            spent: (0, 0),
            state_error: None,
            rounded: None,
            pruned: None,
            seen: BTreeSet::new(),
            differing: BTreeMap::new(),
            ailments: Vec::new(),
        };
        for domain in sentinel.setup.domains.clone() {
            sentinel.base(domain);
        }
        // In this order: what a daemon that led until now has written is read.
        sentinel.leads = sentinel.tools.store.lead().await?;
        sentinel.recall().await?;
        Ok(sentinel)
    }

    /// Reads what was recorded: at the start, and when this daemon takes the lead.
    async fn recall(&mut self) -> Result<(), StateError> {
        let store = Arc::clone(&self.tools.store);
        self.causes = Causes::recorded(store.open_causes().await?);
        self.pauses.clear();
        let open: Vec<String> = self.causes.iter().map(|cause| cause.id.clone()).collect();
        for cause in open {
            if let Some(pause) = store.pause(&cause).await? {
                self.pauses.insert(cause, pause);
            }
        }
        self.duties = store
            .duties()
            .await?
            .into_iter()
            .map(|row| (row.duty.clone(), row))
            .collect();
        self.memories = self.remember(&store.memories().await?);
        self.announced.clear();
        for domain in &self.setup.domains {
            if let Some(accounts) = changes::recorded(domain, &store.accounts(domain).await?) {
                self.announced.insert(*domain, accounts);
            }
        }
        Ok(())
    }

    /// What is wanted of every endpoint now.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted {
            domains: self.setup.domains.clone(),
            canaries: self.setup.canaries.clone(),
            ..Wanted::default()
        };
        wanted.keys.extend(self.setup.payer);
        for domain in &self.setup.domains {
            wanted.keys.extend(self.eyes.own(domain));
            let accounts = self.merged(domain);
            let vaults = accounts.all::<bulkhead_interface::layout::Vault>();
            wanted.vaults.extend(vaults.into_iter().map(|(key, _)| (*domain, key)));
            let (keys, programs) = crate::duties::needs(&accounts);
            wanted.keys.extend(keys);
            wanted.programs.extend(programs);
        }
        for rule in &self.setup.rules {
            for number in 0..self.eyes.all().len() {
                if let Some(view) = self.eyes.view(number, &rule.domain) {
                    rules::keys(rule, &view, &mut wanted.keys, &mut wanted.programs);
                }
            }
            // Before any endpoint has answered, what the file names.
            let empty = (BTreeMap::new(), BTreeSet::new());
            let nothing = crate::view::View {
                domain: &rule.domain,
                at: At { slot: 0, now: 0 },
                accounts: &empty.0,
                own: &empty.1,
            };
            rules::keys(rule, &nothing, &mut wanted.keys, &mut wanted.programs);
        }
        wanted.keys.remove(&CLOCK);
        wanted.keys.retain(|key| !wanted.programs.contains(key));
        wanted
    }

    /// Takes what an endpoint reports.
    pub fn take(&mut self, eye: usize, events: Vec<Event>) {
        self.eyes.take(eye, events, self.tools.clock.millis());
    }

    /// One step: everything that follows from what was taken since the last.
    pub async fn step(&mut self) {
        self.reap().await;
        let now = self.tools.clock.millis();
        let open = self.eyes.open(now);
        self.at = self.eyes.at(&open).or(self.at);
        self.lead().await;
        if let Some(at) = self.at {
            for domain in self.setup.domains.clone() {
                self.base(domain);
            }
            let is_round = self.rounded.is_none_or(|last| now.saturating_sub(last) >= ROUND_MILLIS);
            self.find(&open, at, is_round).await;
            self.answer(&open, at).await;
            if is_round {
                self.rounded = Some(now);
                self.work_on_duties(&open, at).await;
                self.announce_changes(&open, at).await;
                self.save_memories().await;
                self.prune(now, at).await;
            }
        }
        self.report(&open);
    }

    /// Waits until nothing is in flight. What ends meanwhile may begin something else at the next step.
    pub async fn settle(&mut self) {
        while let Some(outcome) = self.work.join_next().await {
            self.over(outcome).await;
        }
    }

    /// Gives up what is in flight. What was recorded of it is gone on with at the next start.
    pub async fn give_up(&mut self) {
        self.stop.send_replace(true);
        self.work.shutdown().await;
    }

    /// Ends.
    pub async fn stop(mut self) {
        self.give_up().await;
        self.save_memories().await;
    }

    /// Whether anything is in flight.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.work.is_empty()
    }

    /// The pauses of causes that are not over, by cause.
    #[must_use]
    pub const fn pauses(&self) -> &BTreeMap<String, Pause> {
        &self.pauses
    }

    /// The causes that are not over.
    #[must_use]
    pub const fn causes(&self) -> &Causes {
        &self.causes
    }

    /// The duties, by name.
    #[must_use]
    pub const fn duties(&self) -> &BTreeMap<String, DutyRow> {
        &self.duties
    }

    async fn lead(&mut self) {
        let led = self.leads;
        if let Err(error) = self.tools.store.lead().await {
            self.failed(&error);
        }
        // Without an answer of the database, until the lease is used up.
        self.leads = self.tools.store.leads();
        if led && !self.leads {
            tracing::warn!("the lead is over: nothing more is sent");
            self.hand_over();
        }
        if self.leads && !led {
            tracing::warn!("this daemon leads");
            // Another daemon has acted since this one read the state.
            if let Err(error) = self.recall().await {
                self.leads = false;
                self.failed(&error);
            }
        }
    }

    /// Gives up what is in flight, without waiting for it: another daemon goes on with what was recorded.
    fn hand_over(&mut self) {
        self.stop.send_replace(true);
        self.stop = watch_channel::Sender::new(false);
        self.work = JoinSet::new();
        self.busy.clear();
    }

    /// The state could not be read or written.
    fn failed(&mut self, error: &StateError) {
        tracing::error!(%error, "the state could not be used");
        metrics::counter!(crate::metrics::STATE_ERRORS).increment(1);
        self.state_error = Some(error.to_string());
    }

    /// The addresses of a domain that follow from its own.
    fn base(&mut self, domain: Pubkey) {
        let mut keys = vec![domain, pda::board(&domain), pda::council(&domain)];
        let accounts = self
            .eyes
            .all()
            .iter()
            .filter_map(|eye| eye.accounts.get(&domain)?.as_ref());
        let states =
            accounts.filter_map(|account| bulkhead_client::decode::owned::<Domain>(&account.owner, &account.data));
        for state in states {
            let next = pda::incident(&domain, state.incident_count);
            keys.extend([next, state.open_incident, pda::migration(&state.open_incident)]);
        }
        for key in keys.into_iter().filter(|key| *key != Pubkey::default()) {
            self.eyes.belongs(domain, key);
        }
    }

    /// The accounts of a domain and those it depends on, each as most of the open eyes report it. For duties: those are
    /// refused if they are not due, so no quorum is needed.
    fn merged(&self, domain: &Pubkey) -> Accounts {
        let own = self
            .eyes
            .own(domain)
            .iter()
            .filter_map(|key| Some((*key, self.eyes.likeliest(key)?.clone())));
        let first = Accounts::of(*domain, own);
        let (keys, programs) = crate::duties::needs(&first);
        let outside = keys
            .union(&programs)
            .filter_map(|key| Some((*key, self.eyes.likeliest(key)?.clone())));
        let inside: Vec<(Pubkey, Account)> = first.iter().map(|(key, account)| (*key, account.clone())).collect();
        Accounts::of(*domain, inside.into_iter().chain(outside))
    }

    async fn prune(&mut self, now: u64, at: At) {
        let is_due = self.pruned.is_none_or(|last| now.saturating_sub(last) >= PRUNE_MILLIS);
        if !is_due || !self.leads {
            return;
        }
        self.pruned = Some(now);
        let before = at.now.saturating_sub(KEPT_SECONDS);
        if let Err(error) = self.tools.store.prune(before).await {
            self.failed(&error);
        }
        self.duties.retain(|_, row| row.ts >= before);
    }

    /// What pausing needs, if there is a guardian's key and somebody who pays.
    fn arm(&self) -> Option<Arm> {
        self.setup.payer?;
        Some(Arm {
            endpoints: self.tools.endpoints.clone(),
            quorum: self.eyes.quorum(),
            guardian: self.setup.guardian?,
            store: Arc::clone(&self.tools.store),
            clock: Arc::clone(&self.tools.clock),
            fees: self.setup.file.fees,
            pausing: self.setup.file.pausing,
            hooks: Arc::clone(&self.tools.hooks),
        })
    }
}
