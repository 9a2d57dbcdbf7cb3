//! What holds after every step.

mod checkpoints;
mod decisions;
mod tokens;
mod unseen;

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead::decision::Decision;
use bulkhead_core::permissiveness::{Loosening, loosening};
use bulkhead_interface::{
    constants::{phase, verdict},
    layout::{Release, Snapshot},
};
use bulkhead_testbed::Machine;

use crate::{
    acts::{Act, Money},
    args::{Args, Seal},
    books::{Plan, Rent, Scene, is_paused},
    moves::Move,
    site::{Accounts, Site},
};

/// What left through a breaker at once, and was not brought in by who took it.
struct Outflow {
    slot: u64,
    ts: i64,
    amount: u64,
}

/// The machine, and everything known about it.
pub struct Laws {
    pub machine: Machine,
    pub sites: Vec<Site>,
    pub states: Vec<Accounts>,
    outflows: BTreeMap<Pubkey, Vec<Outflow>>,
    rent: Rent,
}

impl Laws {
    pub fn new(machine: Machine, sites: Vec<Site>) -> Self {
        Self {
            states: sites.iter().map(|site| site.read(&machine)).collect(),
            outflows: BTreeMap::new(),
            rent: Rent::default(),
            machine,
            sites,
        }
    }

    /// Sends a move of the site at `at`, and checks every law. What it returned, if it worked. A call that fails has
    /// changed nothing: the runtime sees to that.
    pub fn send(&mut self, at: usize, made: &Move, story: &str) -> Option<Vec<u8>> {
        if let Some(fact) = made.act.fact() {
            fact.happen(&mut self.machine);
        }
        let before = Scene::of(&self.machine, &made.instruction);
        let signers = self.sites[at].signers(&self.machine, &made.instruction);
        let sent = self.machine.send(std::slice::from_ref(&made.instruction), &signers);
        let outcome = sent.ok()?;
        let after = Scene::of(&self.machine, &made.instruction);
        self.rent
            .follow(made, [&before, &after], &self.machine, outcome.fee, story);
        let clock = self.machine.clock();
        let (slot, now) = (clock.slot, clock.unix_timestamp);

        let was_setup = self.states[at].domain.state == phase::SETUP;
        self.nothing_tightened_since(at, made, story);
        self.linked_masks_have_a_reason(at, made, story);
        let board = self.sites[at].protocol.board(&self.machine);
        let accounts = made.accounts();
        let site = &mut self.sites[at];
        site.remember(made, &self.machine);
        site.model.is_paused = is_paused(&board, now);
        site.model.follow(&made.act, made.signer, &accounts, slot, now);
        self.books_agree(at, &accounts, story);
        self.money(at, made, [&before, &after], story);

        for index in 0..self.sites.len() {
            let state = self.sites[index].read(&self.machine);
            let old = std::mem::replace(&mut self.states[index], state);
            let new = &self.states[index];
            if index != at {
                assert!(old.is(new), "{story}: the other domain changed");
                continue;
            }
            assert_eq!(new.domain.state, self.sites[at].model.phase, "{story}: the phase");
            if let Some(looser) = loosening(&old.safety(), &new.safety(), slot, now) {
                let is_due = match &made.act {
                    Act::Execute(args) => !was_setup && decisions::may_loosen(&args.decision, looser),
                    Act::Redirect(release, owner) => looser == Loosening::Release(*release) && made.signer == *owner,
                    _ => false,
                };
                assert!(is_due, "{story}: {looser:?}");
            }
            self.sites[at].reasons.follow(&made.act, &old, new, slot, now, story);
            let is_allowed = outcome.return_data == [verdict::ALLOWED];
            checkpoints::stay(&old, new, now, story);
            self.conserve(at, &old, made, story);
            if let (Act::Meter(breaker, amount), true) = (&made.act, is_allowed) {
                self.count(&old, *breaker, *amount, story);
            }
        }
        Some(outcome.return_data)
    }

    /// Pools, escrows and notes stand as the model's books say.
    fn money(&mut self, at: usize, made: &Move, [before, after]: [&Scene; 2], story: &str) {
        let now = self.machine.clock().unix_timestamp;
        let site = &mut self.sites[at];
        let domain = site.protocol.domain;
        match &made.act {
            Act::Vote(vote) => site.votes.follow(vote, made.signer, &domain, &self.machine, story),
            Act::Money(key, money) => {
                let plan = site
                    .plans
                    .iter_mut()
                    .find(|plan| plan.key == *key)
                    .expect("it was chosen");
                plan.follow(money, [before, after], &self.machine, story);
            }
            Act::Deposit { vault, owner, amount } => site.notes.deposit(*vault, *owner, *amount, now),
            Act::Execute(Args {
                decision: Decision::ChooseRestoration(args),
                ..
            }) => {
                let plan = Plan::chosen(site, args, &self.machine, story);
                site.plans.push(plan);
            }
            Act::Seal { snapshot, .. }
            | Act::Execute(Args {
                seal: Some(Seal { snapshot, .. }),
                ..
            }) => {
                let sealed: Snapshot = self.machine.load(snapshot);
                let tree = site.tree_of(snapshot, &sealed);
                let own = (tree.root().hash, tree.root().sum, tree.count());
                assert_eq!(
                    (sealed.root, sealed.total, sealed.count),
                    own,
                    "{story}: what was sealed"
                );
            }
            _ => {}
        }
        if let Act::Money(key, Money::Draw(vault)) = &made.act {
            let plan = self.sites[at]
                .plans
                .iter()
                .find(|plan| plan.key == *key)
                .expect("it was chosen");
            let moved = self.states[at]
                .vaults
                .iter()
                .find(|(key, _)| key == vault)
                .map(|(_, vault)| vault.evacuation);
            let is_its = moved.is_some_and(|moved| moved.incident == plan.incident && moved.drawn <= moved.moved);
            assert!(is_its, "{story}: drawn of what another incident moved");
        }
        let is_pools = matches!(
            made.act,
            Act::Money(..)
                | Act::Execute(Args {
                    decision: Decision::ChooseRestoration(_),
                    ..
                })
        );
        for plan in self.sites.iter().flat_map(|site| &site.plans) {
            let pool = bulkhead_client::pda::pool(&plan.key);
            assert!(
                is_pools || before.tokens(&pool) == after.tokens(&pool),
                "{story}: a pool"
            );
        }
    }
}

impl Site {
    /// Notes what a step that worked has left behind.
    fn remember(&mut self, made: &Move, machine: &Machine) {
        let records = made
            .accounts()
            .into_iter()
            .filter(|key| machine.try_load::<Release>(key).is_some());
        for key in records {
            if !self.releases.contains(&key) {
                self.releases.push(key);
            }
        }
        match &made.act {
            Act::Post(posted) => self.posted.push(posted.clone()),
            Act::Sample(sample) => self.samples.push(sample.clone()),
            Act::Read { shard, keys } => self.read.entry(*shard).or_default().extend(keys),
            Act::Seal { snapshot, shards } => self.seal(snapshot, shards),
            Act::Execute(Args { seal: Some(seal), .. }) => self.seal(&seal.snapshot, &[seal.shard]),
            _ => {}
        }
        if made.name == "close_shard" {
            for key in made.accounts() {
                self.read.remove(&key);
            }
        }
    }

    fn seal(&mut self, snapshot: &Pubkey, shards: &[Pubkey]) {
        let read = shards.iter().filter_map(|shard| self.read.get(shard)).flatten();
        let read = read.copied().collect();
        self.sealed.insert(*snapshot, read);
    }
}
