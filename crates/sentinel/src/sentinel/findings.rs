//! From what the eyes see to causes: every rule looks through every eye, and what a quorum of them leads to counts.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::acts::At;

use super::Sentinel;
use crate::{
    causes::{Moment, Place, Tally, Turn},
    clock::millis,
    health::{self, OWN, Own},
    metrics as names,
    notice::{Notice, NoticeKind, Now},
    rules::{self, Judged, Memory},
    state,
};

impl Sentinel {
    /// Looks for everything, and records and announces what became of the causes.
    pub(super) async fn find(&mut self, open: &[usize], at: At, is_round: bool) {
        let mut tallies = self.by_rules(open);
        if is_round {
            self.differing = self.eyes.disagreeing(open, self.setup.file.reading.max_lag_slots);
            self.ailments = self.ail(open, at);
        }
        tallies.extend(self.ailments.iter().cloned());
        let moment = Moment {
            at,
            quorum: self.eyes.quorum(),
            open: open.len(),
            clear_seconds: self.setup.file.pausing.clear_after.seconds(),
        };
        let held = self.unanswered();
        for (turn, cause) in self.causes.turn(tallies, &moment, |cause| held.contains(&cause.id)) {
            let kind = match turn {
                // The daemon's own remarks come from no endpoint; they are announced once they have stood.
                Turn::Reported if cause.rule.starts_with(OWN) => None,
                Turn::Reported => Some(NoticeKind::Reported),
                Turn::Confirmed => Some(NoticeKind::Confirmed),
                Turn::Cleared => Some(NoticeKind::Cleared),
                Turn::Seen => None,
            };
            if let Some(kind) = kind {
                let (rule, subject, text) = (cause.rule.as_str(), cause.subject.as_str(), cause.text.as_str());
                tracing::warn!(domain = %cause.domain, rule, subject, text, eyes = cause.eyes, kind = kind.name(), "cause");
                metrics::counter!(names::TURNS, "rule" => cause.rule.clone(), "turn" => kind.name()).increment(1);
            }
            if !self.leads {
                // The leader records and announces the same.
                continue;
            }
            let now = self.now(at);
            let notices = kind.map(|kind| Notice::of_cause(kind, &cause, now));
            let notices: Vec<_> = notices
                .iter()
                .flat_map(|notice| crate::hooks::address(&self.tools.hooks, notice))
                .collect();
            if let Err(error) = self.tools.store.save_cause(&cause, &notices).await {
                self.failed(&error);
            }
            if turn == Turn::Cleared {
                self.pauses.remove(&cause.id);
            }
        }
    }

    pub(super) fn now(&self, at: At) -> Now {
        Now {
            slot: at.slot,
            ts: self.tools.clock.now(),
            quorum: self.eyes.quorum(),
        }
    }

    /// What the rules of the file find, with the number of eyes that lead to it.
    fn by_rules(&mut self, open: &[usize]) -> Vec<Tally> {
        let setup = std::sync::Arc::clone(&self.setup);
        let mut found: BTreeMap<Place, Tally> = BTreeMap::new();
        for (place, rule) in setup.rules.iter().enumerate() {
            for number in open {
                let Some(view) = self.eyes.view(*number, &rule.domain) else {
                    continue;
                };
                let Some(eye) = self.eyes.all().get(*number) else {
                    continue;
                };
                let key = (*number, place);
                let inherited = || self.inherited(place);
                let was = self.memories.get(&key).cloned().unwrap_or_else(inherited);
                let Judged { memory, findings } = rules::judge(rule, &was, &view, eye);
                if self.memories.get(&key) != Some(&memory) {
                    self.memories.insert(key, memory);
                    self.unsaved.insert(key);
                }
                for finding in findings {
                    let place = (rule.domain, rule.name.clone(), finding.subject);
                    let tally = found.entry(place.clone()).or_insert_with(|| Tally {
                        place,
                        severity: rule.severity,
                        text: finding.text,
                        eyes: 0,
                        stands_seconds: rule.stands_seconds,
                    });
                    tally.eyes = tally.eyes.saturating_add(1);
                }
            }
        }
        found.into_values().collect()
    }

    /// What an endpoint that is new begins with: what most of the others saw first. Otherwise whatever it shows first
    /// would be in order.
    fn inherited(&self, rule: usize) -> Memory {
        let others = self
            .memories
            .iter()
            .filter(|((_, place), _)| *place == rule)
            .map(|(_, memory)| memory);
        let first: Vec<&Memory> = others.filter(|memory| matches!(memory, Memory::First(_))).collect();
        let count = |memory: &&&Memory| first.iter().filter(|other| other == memory).count();
        first
            .iter()
            .max_by_key(count)
            .map_or(Memory::Nothing, |memory| (*memory).clone())
    }

    /// What was recorded of memories, by number of the eye and of the rule. Those of endpoints that are no longer in the
    /// file stay in the state, and a rule remembers by its name.
    pub(super) fn remember(&self, rows: &[state::Memory]) -> BTreeMap<(usize, usize), Memory> {
        let eye = |name: &str| self.eyes.all().iter().position(|eye| eye.name == name);
        let rule = |row: &state::Memory| {
            self.setup
                .rules
                .iter()
                .position(|rule| rule.name == row.rule && rule.domain.to_string() == row.domain)
        };
        let entry = |row: &state::Memory| Some(((eye(&row.eye)?, rule(row)?), serde_json::from_str(&row.memory).ok()?));
        rows.iter().filter_map(entry).collect()
    }

    pub(super) async fn save_memories(&mut self) {
        if !self.leads {
            return;
        }
        let row = |(eye, rule): &(usize, usize)| {
            let rule_of = self.setup.rules.get(*rule)?;
            Some(state::Memory {
                eye: self.eyes.all().get(*eye)?.name.clone(),
                rule: rule_of.name.clone(),
                domain: rule_of.domain.to_string(),
                memory: serde_json::to_string(self.memories.get(&(*eye, *rule))?).ok()?,
            })
        };
        let rows: Vec<state::Memory> = self.unsaved.iter().filter_map(row).collect();
        if rows.is_empty() {
            return;
        }
        match self.tools.store.save_memories(&rows).await {
            Ok(()) => self.unsaved.clear(),
            Err(error) => self.failed(&error),
        }
    }

    /// What is wrong with the daemon, its endpoints and the domains.
    fn ail(&mut self, open: &[usize], at: At) -> Vec<Tally> {
        let payer = self
            .setup
            .payer
            .and_then(|key| self.eyes.likeliest(&key))
            .map(|account| account.lamports);
        let state_error = self.state_error.take();
        let patience = millis(self.setup.file.reading.patience.0);
        let passed = self.tools.clock.millis().saturating_sub(self.started);
        let own = Own {
            setup: &self.setup,
            eyes: &self.eyes,
            open,
            is_starting: passed <= patience,
            at,
            differing: &self.differing,
            duties: &self.duties,
            payer,
            is_spent: self.is_spent(at),
            state_error: state_error.as_deref(),
        };
        let mut all = health::own(&own);
        let mut seen: BTreeSet<Pubkey> = BTreeSet::new();
        for domain in &self.setup.domains {
            let accounts = self.merged(domain);
            if accounts.find::<bulkhead_interface::layout::Domain>(domain).is_some() {
                seen.insert(*domain);
            }
            let is_read = |key: &Pubkey| {
                let mut eyes = open.iter().filter_map(|eye| self.eyes.all().get(*eye));
                eyes.any(|eye| eye.accounts.contains_key(key))
            };
            // Not before anything was read: then every domain would be missing.
            if is_read(domain) {
                all.extend(health::domain(&own, &accounts, &is_read));
            }
        }
        self.seen = seen;
        all
    }
}
