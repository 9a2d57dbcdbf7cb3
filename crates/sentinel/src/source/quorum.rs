//! Several endpoints that may lie, lag or die.
//!
//! Each endpoint's reports are kept apart, as one eye. A value counts when a quorum of the eyes that are open reports the
//! same bytes. A finding counts when a quorum of them leads to it, whatever the bytes: an account that changes in every
//! slot is never the same in two places. What a single eye sees is an alarm, and never a reason to act.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::acts::At;
use solana_account::Account;

use super::{Event, Report, Version};
use crate::view::{Accounts, CLOCK, View, clock_of};

/// Accounts that one endpoint may claim to belong to a domain. More are not kept: a liar could name any number.
const MOST_OWN: usize = 20_000;

/// Where the report of an account that an eye has taken last belongs.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// In the order of the endpoint's reports.
    order: u64,
    /// The slot of the last read.
    read_slot: u64,
    /// The write, if it was streamed and no read has shown as much since.
    version: Option<Version>,
}

impl Place {
    /// The place of the next read, unless what is known is newer. `slot` is the one that the read has reached at least.
    fn read(self, order: u64, slot: Option<u64>) -> Option<Self> {
        let is_newer = match (self.version, slot) {
            (Some(version), Some(slot)) => slot >= version.slot,
            _ => order >= self.order,
        };
        let read_slot = slot.unwrap_or(self.read_slot);
        // A read without a slot says nothing of the writes that it contains.
        let version = self.version.filter(|_| slot.is_none());
        is_newer.then_some(Self {
            order,
            read_slot,
            version,
        })
    }

    /// The place of the next write, unless it is known: a read has shown its slot, or it was streamed before.
    fn streamed(self, order: u64, version: Version) -> Option<Self> {
        let is_known = version.slot <= self.read_slot || self.version.is_some_and(|last| last >= version);
        (!is_known).then_some(Self {
            order,
            version: Some(version),
            ..self
        })
    }

    /// The place of the next notification, which has no slot to rely on.
    fn pushed(self, order: u64) -> Option<Self> {
        (order >= self.order).then_some(Self { order, ..self })
    }

    /// A new connection, perhaps to another node, which numbers writes by itself.
    fn connected(&mut self) {
        if let Some(version) = &mut self.version {
            version.write = 0;
        }
    }

    /// The slots of before are not comparable any longer.
    fn went_back(&mut self) {
        (self.read_slot, self.version) = (0, None);
    }
}

/// What one endpoint has reported.
#[derive(Clone, Debug, Default)]
pub struct Eye {
    /// The endpoint's name.
    pub name: String,
    /// The accounts.
    pub accounts: Accounts,
    /// Slot and time of its last report.
    pub at: Option<At>,
    /// When it last answered, by this machine's clock, in milliseconds.
    pub answered: Option<u64>,
    /// Why it does not answer.
    pub failed: Option<String>,
    /// Why it does not answer questions for new accounts.
    pub undiscovered: Option<String>,
    /// Whether its websocket or its stream is connected; `None` without one.
    pub connected: Option<bool>,
    /// Failures of each canary in a row, and the last one's text.
    pub canaries: BTreeMap<String, (u32, String)>,
    /// Reads that were older than the read before them.
    pub stale_reads: u64,
    places: BTreeMap<Pubkey, Place>,
    read_slot: u64,
    changed: BTreeMap<Pubkey, u64>,
}

impl Eye {
    /// Takes a report, if it has a place after what is known. Returns whether the account is another than before.
    fn take(&mut self, report: Report, after: impl FnOnce(Place) -> Option<Place>) -> bool {
        let known = self.places.get(&report.key).copied().unwrap_or_default();
        let Some(place) = after(known) else {
            return false;
        };
        self.places.insert(report.key, place);
        if report.key == CLOCK
            && let Some(at) = report.account.as_ref().and_then(clock_of)
        {
            self.at = Some(at);
        }
        let is_same = self.accounts.get(&report.key) == Some(&report.account);
        if !is_same {
            self.changed.insert(report.key, self.at.map_or(0, |at| at.slot));
            self.accounts.insert(report.key, report.account);
        }
        !is_same
    }

    /// Whether this read is from before the last one: a node behind a balancer may be. What it says is dropped.
    fn is_stale(&mut self, slot: Option<u64>) -> bool {
        let Some(slot) = slot else { return false };
        let is_stale = slot < self.read_slot;
        // Once: a node that really went back, to a snapshot or on another fork, is believed at its next read.
        self.read_slot = slot;
        is_stale
    }
}

/// The slot that a read has reached at least: the clock is in the first batch.
fn slot_of(reports: &[Report]) -> Option<u64> {
    let clock = reports.iter().find(|report| report.key == CLOCK)?;
    Some(clock_of(clock.account.as_ref()?)?.slot)
}

/// All eyes.
#[derive(Clone, Debug)]
pub struct Eyes {
    eyes: Vec<Eye>,
    quorum: usize,
    patience_millis: u64,
    own: BTreeMap<Pubkey, BTreeSet<Pubkey>>,
    none: BTreeSet<Pubkey>,
    differs: BTreeMap<(usize, Pubkey), u64>,
}

impl Eyes {
    /// Eyes of these names, that have reported nothing.
    #[must_use]
    pub fn new(names: impl IntoIterator<Item = String>, quorum: usize, patience_millis: u64) -> Self {
        let eye = |name| Eye { name, ..Eye::default() };
        Self {
            eyes: names.into_iter().map(eye).collect(),
            quorum,
            patience_millis,
            own: BTreeMap::new(),
            none: BTreeSet::new(),
            differs: BTreeMap::new(),
        }
    }

    /// How many have to report the same.
    #[must_use]
    pub const fn quorum(&self) -> usize {
        self.quorum
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Eye] {
        &self.eyes
    }

    /// An account is a domain's, by its address.
    pub fn belongs(&mut self, domain: Pubkey, key: Pubkey) {
        let own = self.own.entry(domain).or_default();
        if own.len() < MOST_OWN {
            own.insert(key);
        }
    }

    /// The accounts of a domain that any eye has found.
    #[must_use]
    pub fn own(&self, domain: &Pubkey) -> &BTreeSet<Pubkey> {
        self.own.get(domain).unwrap_or(&self.none)
    }

    /// Takes what an endpoint reports at `now`, in milliseconds. Returns whether anything is another than before.
    pub fn take(&mut self, number: usize, events: Vec<Event>, now: u64) -> bool {
        let mut is_news = false;
        for event in events {
            let Some(eye) = self.eyes.get_mut(number) else {
                return false;
            };
            let is_answer = !matches!(event, Event::Failed(_) | Event::Connected(false));
            if is_answer {
                eye.answered = Some(now);
                eye.failed = None;
            }
            match event {
                Event::Read(order, reports) => {
                    let slot = slot_of(&reports);
                    if eye.is_stale(slot) {
                        eye.stale_reads = eye.stale_reads.saturating_add(1);
                        continue;
                    }
                    for report in reports {
                        let (key, domain) = (report.key, report.domain);
                        let Some(eye) = self.eyes.get_mut(number) else {
                            return false;
                        };
                        is_news |= eye.take(report, |known| known.read(order, slot));
                        if let Some(domain) = domain {
                            self.belongs(domain, key);
                        }
                    }
                }
                Event::Pushed(order, report) => is_news |= eye.take(report, |known| known.pushed(order)),
                Event::Streamed(order, version, report) => {
                    is_news |= eye.take(report, |known| known.streamed(order, version));
                }
                Event::WentBack => {
                    eye.read_slot = 0;
                    eye.places.values_mut().for_each(Place::went_back);
                }
                Event::Slot(slot) => {
                    if let Some(at) = &mut eye.at {
                        at.slot = at.slot.max(slot);
                    }
                }
                Event::Discovered => eye.undiscovered = None,
                Event::NotDiscovered(reason) => eye.undiscovered = Some(reason),
                Event::Simulated { rule, failure } => {
                    let in_a_row = eye.canaries.entry(rule).or_default();
                    *in_a_row = match failure {
                        Some(text) => (in_a_row.0.saturating_add(1), text),
                        None => (0, String::new()),
                    };
                    is_news = true;
                }
                Event::Failed(reason) => {
                    is_news |= eye.failed.is_none();
                    eye.failed = Some(reason);
                }
                Event::Connected(is) => {
                    eye.connected = Some(is);
                    eye.places.values_mut().for_each(Place::connected);
                }
            }
        }
        is_news
    }

    /// The numbers of the eyes that are open at `now`: they have answered lately, and know the cluster's time.
    #[must_use]
    pub fn open(&self, now: u64) -> Vec<usize> {
        let is_open = |eye: &Eye| {
            let is_recent = |last: u64| now.saturating_sub(last) <= self.patience_millis;
            eye.answered.is_some_and(is_recent) && eye.at.is_some()
        };
        let eyes = self.eyes.iter().enumerate();
        eyes.filter(|(_, eye)| is_open(eye)).map(|(number, _)| number).collect()
    }

    /// Slot and time in the middle of what the open eyes report: one liar moves it no further than the next eye.
    #[must_use]
    pub fn at(&self, open: &[usize]) -> Option<At> {
        let mut all: Vec<At> = open.iter().filter_map(|eye| self.eyes.get(*eye)?.at).collect();
        all.sort_unstable_by_key(|at| at.slot);
        all.get(all.len().saturating_sub(1) / 2).copied()
    }

    /// What one eye sees of a domain.
    #[must_use]
    pub fn view<'a>(&'a self, number: usize, domain: &'a Pubkey) -> Option<View<'a>> {
        let eye = self.eyes.get(number)?;
        Some(View {
            domain,
            at: eye.at?,
            accounts: &eye.accounts,
            own: self.own(domain),
        })
    }

    /// The account that a quorum of these eyes reports with the same bytes. `Some(None)` if they report that there is
    /// none, `None` if no quorum agrees.
    #[must_use]
    pub fn counted(&self, key: &Pubkey, open: &[usize]) -> Option<&Option<Account>> {
        let reports: Vec<&Option<Account>> = open
            .iter()
            .filter_map(|eye| self.eyes.get(*eye)?.accounts.get(key))
            .collect();
        let agree = |value: &&Option<Account>| reports.iter().filter(|other| *other == value).count() >= self.quorum;
        reports.iter().copied().find(agree)
    }

    /// Whether any eye has reported anything about an account, be it that it does not exist.
    #[must_use]
    pub fn is_read(&self, key: &Pubkey) -> bool {
        self.eyes.iter().any(|eye| eye.accounts.contains_key(key))
    }

    /// The account as most eyes report it; of several, as it was changed last. For what needs no quorum.
    #[must_use]
    pub fn likeliest(&self, key: &Pubkey) -> Option<&Account> {
        let report = |eye: &'_ Eye| -> Option<u64> { eye.changed.get(key).copied() };
        let reports: Vec<(&Option<Account>, u64)> = self
            .eyes
            .iter()
            .filter_map(|eye| Some((eye.accounts.get(key)?, report(eye).unwrap_or(0))))
            .collect();
        let rank = |(value, changed): &(&Option<Account>, u64)| {
            let count = reports.iter().filter(|(other, _)| other == value).count();
            (count, *changed)
        };
        reports
            .iter()
            .copied()
            .max_by_key(rank)
            .and_then(|(account, _)| account.as_ref())
    }

    /// The eyes that have reported other bytes than a quorum of the open ones for more than `slots`, each with how many
    /// accounts. An eye whose value moves on is late and not wrong.
    pub fn disagreeing(&mut self, open: &[usize], slots: u64) -> BTreeMap<usize, usize> {
        let mut found = BTreeMap::new();
        let Some(at) = self.at(open) else { return found };
        let mut differs = BTreeMap::new();
        for number in open {
            let Some(eye) = self.eyes.get(*number) else { continue };
            for (key, value) in eye.accounts.iter().filter(|(key, _)| **key != CLOCK) {
                if self.counted(key, open).is_none_or(|counted| counted == value) {
                    continue;
                }
                let place = (*number, *key);
                let since = self.differs.get(&place).copied().unwrap_or(at.slot);
                let since = since.max(eye.changed.get(key).copied().unwrap_or(0));
                differs.insert(place, since);
                if at.slot.saturating_sub(since) > slots {
                    let count = found.entry(*number).or_insert(0_usize);
                    *count = count.saturating_add(1);
                }
            }
        }
        self.differs = differs;
        found
    }
}
