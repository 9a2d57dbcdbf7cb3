//! Reads accounts again and again. Works on any RPC node.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::{
    chain::{Chain, ChainError, Filter},
    watch::{Kind, Question, questions},
};
use solana_account::Account;
use tokio::sync::watch;

use super::{
    Event, Nudge, Order, Out, Report, Source, Wanted,
    program::{Heads, digest},
};
use crate::{
    clock::Clock,
    view::{CLOCK, clock_of},
};

/// Questions for new accounts in one round: all those of one domain.
const QUESTIONS: usize = 24;
/// Time between two rounds of a search that is not over.
const SEARCHING: Duration = Duration::from_secs(1);
/// Longest wait for one round.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two reads while a stream waits for one that is late enough.
const BEHIND: Duration = Duration::from_millis(400);
/// Kinds that many accounts may be of and that no duty looks at.
const UNWATCHED: [Kind; 3] = [Kind::VoterEscrow, Kind::SnapshotShard, Kind::DepositNote];

/// How often is read.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Time between two reads.
    pub poll: Duration,
    /// Milliseconds between two searches for new accounts.
    pub discover_millis: u64,
}

/// Reads all wanted accounts of one endpoint again and again.
pub struct Poller {
    chain: Arc<dyn Chain>,
    heads: Arc<dyn Heads>,
    clock: Arc<dyn Clock>,
    order: Order,
    pace: Pace,
    nudge: Arc<Nudge>,
    pending: VecDeque<(Pubkey, Question)>,
    asked: BTreeSet<Pubkey>,
    discovered: Option<u64>,
    programs: BTreeMap<Pubkey, (Vec<u8>, Option<Account>)>,
    simulated: BTreeMap<String, u64>,
    slot: u64,
}

impl Poller {
    /// `nudge` asks for a read at once: a stream has connected again, so changes may have been missed.
    #[must_use]
    pub fn new(
        chain: Arc<dyn Chain>,
        heads: Arc<dyn Heads>,
        clock: Arc<dyn Clock>,
        order: Order,
        pace: Pace,
        nudge: Arc<Nudge>,
    ) -> Self {
        Self {
            chain,
            heads,
            clock,
            order,
            pace,
            nudge,
            pending: VecDeque::new(),
            asked: BTreeSet::new(),
            discovered: None,
            programs: BTreeMap::new(),
            simulated: BTreeMap::new(),
            slot: 0,
        }
    }

    /// Whether a stream waits for a read of a later slot than the last one.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.nudge.is_reached(self.slot)
    }

    /// One round, at once.
    pub async fn look(&mut self, wanted: &Wanted) -> Vec<Event> {
        let mut events = Vec::new();
        match self.read(wanted).await {
            Ok(read) => events.push(read),
            Err(error) => return vec![Event::Failed(error.to_string())],
        }
        events.extend(self.search(wanted).await);
        events.extend(self.simulate(wanted).await);
        events
    }

    /// One round of the search for new accounts. If it fails, it is repeated in the next round.
    async fn search(&mut self, wanted: &Wanted) -> Vec<Event> {
        match self.discover(wanted).await {
            Ok(found) => found,
            Err(error) => vec![Event::NotDiscovered(error.to_string())],
        }
    }

    async fn read(&mut self, wanted: &Wanted) -> Result<Event, ChainError> {
        let order = self.order.next();
        // The clock is in the first batch, with the accounts that are read from the same bank.
        let keys: Vec<Pubkey> = std::iter::once(CLOCK).chain(wanted.keys.iter().copied()).collect();
        let accounts = self.chain.accounts(&keys).await?;
        let clock = accounts.first().and_then(|clock| clock_of(clock.as_ref()?));
        self.slot = clock.map_or(0, |at| at.slot);
        let report = |(key, account)| Report {
            key,
            account,
            domain: None,
        };
        let mut reports: Vec<Report> = keys.into_iter().zip(accounts).map(report).collect();
        let programs: Vec<Pubkey> = wanted.programs.iter().copied().collect();
        if !programs.is_empty() {
            let heads = self.heads.heads(&programs).await?;
            for (key, head) in programs.into_iter().zip(heads) {
                let account = self.program(&key, head).await?;
                reports.push(report((key, account)));
            }
        }
        Ok(Event::Read(order, reports))
    }

    /// The digest of a program. Its code is read again only if its header has changed.
    async fn program(&mut self, key: &Pubkey, head: Option<Account>) -> Result<Option<Account>, ChainError> {
        let header = head.map(|head| head.data).unwrap_or_default();
        if let Some((known, account)) = self.programs.get(key)
            && *known == header
        {
            return Ok(account.clone());
        }
        let account = self.chain.account(key).await?.map(digest);
        self.programs.insert(*key, (header, account.clone()));
        Ok(account)
    }

    /// Asks for accounts of the domains, a few questions in each round.
    async fn discover(&mut self, wanted: &Wanted) -> Result<Vec<Event>, ChainError> {
        self.plan(wanted);
        let mut reports = Vec::new();
        let order = self.order.next();
        for _ in 0..QUESTIONS {
            let Some((domain, question)) = self.pending.front().copied() else {
                break;
            };
            let tag = Filter::Bytes {
                offset: 0,
                bytes: question.discriminator.to_vec(),
            };
            let parent = Filter::Bytes {
                offset: question.offset,
                bytes: question.key.to_bytes().to_vec(),
            };
            let found = self.chain.owned(&bulkhead_interface::ID, &[tag, parent]).await?;
            self.pending.pop_front();
            reports.extend(found.into_iter().map(|(key, account)| Report {
                key,
                account: Some(account),
                domain: Some(domain),
            }));
        }
        let mut events = vec![Event::Read(order, reports)];
        if self.pending.is_empty() {
            events.push(Event::Discovered);
        }
        Ok(events)
    }

    /// Fills the list of questions when a search is due, and for what is wanted since the last.
    fn plan(&mut self, wanted: &Wanted) {
        let now = self.clock.millis();
        let is_due = self
            .discovered
            .is_none_or(|last| now.saturating_sub(last) >= self.pace.discover_millis);
        if self.pending.is_empty() && is_due {
            self.asked.clear();
            self.discovered = Some(now);
        }
        let domains = wanted.domains.iter().map(|domain| (*domain, *domain, Kind::Domain));
        let vaults = wanted
            .vaults
            .iter()
            .map(|(domain, vault)| (*domain, *vault, Kind::Vault));
        for (domain, owner, kind) in domains.chain(vaults) {
            if self.asked.insert(owner) {
                let unwatched = UNWATCHED.map(Kind::discriminator);
                let questions = questions(owner, kind).into_iter();
                let questions = questions.filter(|question| !unwatched.contains(&question.discriminator));
                self.pending.extend(questions.map(|question| (domain, question)));
            }
        }
    }

    async fn simulate(&mut self, wanted: &Wanted) -> Vec<Event> {
        let now = self.clock.millis();
        let mut events = Vec::new();
        for canary in &wanted.canaries {
            let last = self.simulated.get(&canary.rule);
            if last.is_some_and(|last| now.saturating_sub(*last) < canary.every_millis) {
                continue;
            }
            // A node that does not answer says nothing about the transaction.
            let Ok(simulated) = self.chain.simulate(&canary.instructions, &[]).await else {
                continue;
            };
            self.simulated.insert(canary.rule.clone(), now);
            events.push(Event::Simulated {
                rule: canary.rule.clone(),
                failure: canary.failure(simulated.error),
            });
        }
        events
    }
}

#[async_trait]
impl Source for Poller {
    async fn run(mut self: Box<Self>, wanted: watch::Receiver<Arc<Wanted>>, out: Out) {
        loop {
            let now = Arc::clone(&wanted.borrow());
            let events = tokio::time::timeout(PATIENCE, self.look(&now)).await;
            let events = events.unwrap_or_else(|_| vec![Event::Failed("no answer within a minute".into())]);
            if !out.send(events).await {
                return;
            }
            let clock = Arc::clone(&self.clock);
            let pause = if self.is_behind() {
                self.pace.poll.min(BEHIND)
            } else {
                self.pace.poll
            };
            let mut rest = clock.sleep(pause);
            loop {
                // A search for many domains takes many rounds, and is not to wait for as many polls.
                let is_searching = !self.pending.is_empty();
                tokio::select! {
                    biased;
                    () = self.nudge.asked() => break,
                    () = &mut rest => break,
                    () = clock.sleep(SEARCHING), if is_searching => {}
                }
                let now = Arc::clone(&wanted.borrow());
                let found = tokio::time::timeout(PATIENCE, self.search(&now)).await;
                let found = found.unwrap_or_else(|_| vec![Event::NotDiscovered("no answer within a minute".into())]);
                if !out.send(found).await {
                    return;
                }
            }
        }
    }
}
