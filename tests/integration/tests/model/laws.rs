//! What holds after every step.

use std::collections::BTreeMap;

use anchor_lang::{Discriminator, prelude::Pubkey};
use bulkhead_client::pda;
use bulkhead_core::{
    board::{is_timed_pause_in_force, trip_slot},
    checkpoint,
    custody::is_active,
    permissiveness::{Loosening, loosening},
    window::put_back,
};
use bulkhead_guard::{action, effective_mask, stage_bps};
use bulkhead_interface::{
    constants::{phase, verdict},
    layout::{
        AuthorityWatch, BoardRow, Ledger, Link, OutflowBreaker, PauseBoard, Playbook, PriceBreaker, Proposal, Release,
        SolvencyBreaker, Vault,
    },
};
use bulkhead_sim::Machine;
use solana_signer::Signer;

use crate::{
    args::Args,
    bookkeeping::Act,
    moves::Move,
    site::{Accounts, Site},
};

/// What left through a breaker at once.
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
}

impl Laws {
    pub fn new(machine: Machine, sites: Vec<Site>) -> Self {
        Self {
            states: sites.iter().map(|site| site.read(&machine)).collect(),
            outflows: BTreeMap::new(),
            machine,
            sites,
        }
    }

    /// Sends a move of the site at `at`, and checks every law. What it returned, if it worked.
    pub fn send(&mut self, at: usize, made: &Move, story: &str) -> Option<Vec<u8>> {
        if let Act::Observe(fact) = &made.act {
            fact.happen(&mut self.machine);
        }
        let site = &self.sites[at];
        let is_payers = made.signer == self.machine.payer.pubkey();
        let signers: Vec<_> = (!is_payers).then(|| site.signer(&made.signer)).into_iter().collect();
        let sent = self.machine.send(std::slice::from_ref(&made.instruction), &signers);
        let outcome = sent.ok().map(|outcome| outcome.return_data);
        let clock = self.machine.clock();
        let (slot, now) = (clock.slot, clock.unix_timestamp);

        let was_setup = self.states[at].domain.state == phase::SETUP;
        if outcome.is_some() {
            self.nothing_tightened_since(at, made, story);
            self.sites[at].remember_releases(made, &self.machine);
            let accounts = made.accounts();
            let board = self.sites[at].protocol.board(&self.machine);
            self.sites[at].model.is_paused = is_timed_pause_in_force(&board, now);
            self.sites[at]
                .model
                .follow(&made.act, made.signer, &accounts, slot, now);
            self.books_agree(at, &accounts, story);
        }
        if outcome.is_some() {
            self.linked_masks_have_a_reason(at, made, story);
        }
        for index in 0..self.sites.len() {
            let after = self.sites[index].read(&self.machine);
            let before = std::mem::replace(&mut self.states[index], after);
            let after = &self.states[index];
            assert_eq!(after.domain.state, self.sites[index].model.phase, "{story}: the phase");
            if let Some(looser) = loosening(&before.safety(), &after.safety(), slot, now) {
                let is_due = match &made.act {
                    Act::Execute(args) => !was_setup && may_loosen(args, looser),
                    Act::Redirect(release, owner) => looser == Loosening::Release(*release) && made.signer == *owner,
                    _ => false,
                };
                let is_allowed = index == at && outcome.is_some() && is_due;
                assert!(is_allowed, "{story}: {looser:?}");
            }
            let act = (index == at && outcome.is_some()).then_some(&made.act);
            self.conserve(index, &before, act, story);
            checkpoints_stay(&before, &self.states[index], now, story);
            if let (Some(Act::Meter(breaker, amount)), Some([verdict::ALLOWED])) = (act, outcome.as_deref()) {
                self.count(&before, *breaker, *amount, story);
            }
        }
        outcome
    }

    /// What was executed was proposed after the last tightening of what it loosens.
    fn nothing_tightened_since(&self, at: usize, made: &Move, story: &str) {
        let state = &self.states[at];
        let Act::Execute(args) = &made.act else { return };
        if state.domain.state == phase::SETUP {
            return;
        }
        match args {
            Args::Resume(_) | Args::Reopen(_) => self.a_lift_takes_what_was_known(at, made, story),
            Args::SetLimit(args) => {
                let lowered = state.breakers.iter().find(|(key, _)| *key == args.breaker);
                let lowered = lowered.map_or(0, |(_, breaker)| breaker.lowered_slot);
                let books = &self.sites[at].model.proposals;
                let own = made
                    .accounts()
                    .iter()
                    .find_map(|key| books.get(key).map(|own| own.slot));
                assert!(own > Some(lowered), "{story}: the limit was lowered since");
            }
            _ => {}
        }
    }

    /// A lift takes away what was in force before its proposal's slot, and nothing of that slot or later.
    fn a_lift_takes_what_was_known(&self, at: usize, made: &Move, story: &str) {
        let (site, state) = (&self.sites[at], &self.states[at]);
        let before: PauseBoard = bytemuck::pod_read_unaligned(&state.board[8..]);
        let after = site.protocol.board(&self.machine);
        let books = &site.model.proposals;
        let mut keys = made.accounts().into_iter();
        let slot = keys
            .find_map(|key| books.get(&key).map(|own| own.slot))
            .expect("it was proposed");
        assert!(
            before.domain_row.hold == 0 || before.held_slot < slot,
            "{story}: held since"
        );
        assert_eq!(
            after.lifted_slot,
            before.lifted_slot.max(slot),
            "{story}: what latched since is void"
        );
        let rows = |board: &PauseBoard| std::iter::once(board.domain_row).chain(board.rows).collect::<Vec<_>>();
        for (old, new) in rows(&before).iter().zip(&rows(&after)) {
            let trip = |row: &BoardRow| (row.trip, row.trip_until);
            let contain = |row: &BoardRow| (row.contain, row.contain_until);
            assert_eq!(new.hold, 0, "{story}: the hold stays");
            let (is_trip_known, is_contain_known) = (trip_slot(old) < slot, before.contained_slot < slot);
            assert_eq!(
                trip(new),
                if is_trip_known { (0, 0) } else { trip(old) },
                "{story}: trip"
            );
            assert_eq!(
                contain(new),
                if is_contain_known { (0, 0) } else { contain(old) },
                "{story}: pause"
            );
        }
    }

    /// A linked mask comes from an own pause upstream that is in force now, and lasts no longer than that; a proposal
    /// lifts none that was carried here since it was made. Nothing else touches one.
    fn linked_masks_have_a_reason(&self, at: usize, made: &Move, story: &str) {
        let typed = |board: &[u8]| -> PauseBoard { bytemuck::pod_read_unaligned(&board[8..]) };
        let (site, state) = (&self.sites[at], &self.states[at]);
        let (before, after) = (typed(&state.board), site.protocol.board(&self.machine));
        let upstream = typed(&self.states[(at + 1) % self.states.len()].board);
        let now = self.machine.clock().unix_timestamp;
        let own = std::iter::once(&upstream.domain_row).chain(&upstream.rows);
        let ends = own.flat_map(|row| {
            let held = if row.hold == 0 {
                0
            } else {
                now + state.council.trip_seconds
            };
            [row.contain_until, row.trip_until, held]
        });
        let last = ends.max().unwrap_or(0);
        for (old, new) in before.rows.iter().zip(&after.rows) {
            if (old.linked, old.linked_until) == (new.linked, new.linked_until) {
                continue;
            }
            match &made.act {
                Act::PropagateContagion => {
                    assert!(now < last, "{story}: closed without a reason");
                    assert!(
                        new.linked_until <= last.max(old.linked_until),
                        "{story}: outlives its reason"
                    );
                    assert_eq!(before.epoch, after.epoch, "{story}: a crank moved the epoch");
                }
                Act::Execute(Args::Resume(_) | Args::Reopen(_)) => {
                    let books = &site.model.proposals;
                    let own = made
                        .accounts()
                        .iter()
                        .find_map(|key| books.get(key).map(|own| own.slot));
                    assert!(
                        own > Some(before.linked_slot),
                        "{story}: lifted what was carried here since"
                    );
                }
                _ => panic!("{story}: touched a linked mask"),
            }
        }
    }

    /// The proposal that the step was about stands on chain as in the model's books.
    fn books_agree(&self, at: usize, accounts: &[Pubkey], story: &str) {
        let books = &self.sites[at].model.proposals;
        for (key, own) in accounts.iter().filter_map(|key| books.get_key_value(key)) {
            let state: Proposal = self.machine.load(key);
            let approvals = state.approvals.count_ones() as usize;
            assert_eq!(approvals, own.approvals.len(), "{story}: approvals");
            assert_eq!(state.approved_ts, own.reached.unwrap_or(0), "{story}: the clock");
        }
    }

    /// Tokens neither come nor go, and leave custody by a release or an evacuation only.
    fn conserve(&mut self, index: usize, before: &Accounts, act: Option<&Act>, story: &str) {
        let (site, after) = (&self.sites[index], &self.states[index]);
        let mint = site.protocol.mint;
        assert_eq!(self.machine.mint(&mint).supply, site.supply, "{story}: supply");
        assert_eq!(self.machine.circulation(&mint), site.supply, "{story}: circulation");
        let left: Vec<_> = (before.custody.iter().zip(&after.custody))
            .filter(|((_, old), (_, new))| new < old)
            .map(|((vault, old), (_, new))| (*vault, old - new))
            .collect();
        for (vault, amount) in left {
            let (_, state) = before.vaults.iter().find(|(key, _)| *key == vault).expect("it exists");
            match act {
                Some(Act::Release(own)) if *own == vault => {
                    let board: PauseBoard = bytemuck::pod_read_unaligned(&before.board[8..]);
                    assert!(
                        is_active(state, board.lifted_slot),
                        "{story}: paid after its evacuation"
                    );
                    self.count(before, state.breaker, amount, story);
                }
                Some(Act::Evacuate(own)) if *own == vault => {
                    let custody = self.machine.balance(&pda::custody(&vault));
                    assert_eq!(custody, 0, "{story}: evacuated in part");
                }
                _ => panic!("{story}: {amount} left custody"),
            }
        }
    }

    /// Notes an outflow, and adds up every window and slot that ends with it.
    fn count(&mut self, before: &Accounts, key: Pubkey, amount: u64, story: &str) {
        let clock = self.machine.clock();
        let (slot, now) = (clock.slot, clock.unix_timestamp);
        let (_, mut breaker) = *before.breakers.iter().find(|(own, _)| *own == key).expect("it exists");
        // What a guardian has lowered stays so for its time only.
        put_back(&mut breaker, now);
        let closed = effective_mask(&before.board, breaker.compartment, now).expect("a board");
        assert_eq!(closed & action::WITHDRAW, 0, "{story}: let out while paused");
        let stage = stage_bps(&before.board, breaker.compartment).expect("a board");
        let share = |limit: u64| u128::from(limit) / u128::from(breaker.shards);
        let staged = |limit: u64| share(limit) * u128::from(stage) / 10_000;
        let log = self.outflows.entry(key).or_default();
        log.push(Outflow { slot, ts: now, amount });
        let sum = |within: &dyn Fn(&&Outflow) -> bool| -> u128 {
            log.iter()
                .filter(within)
                .map(|outflow| u128::from(outflow.amount))
                .sum()
        };
        let window = sum(&|outflow| outflow.ts >= now - breaker.window_seconds);
        let most = staged(breaker.limit) + staged(breaker.inflow_credit);
        assert!(window <= most, "{story}: {window} in a window");
        let in_slot = sum(&|outflow| outflow.slot == slot);
        assert!(in_slot <= staged(breaker.slot_limit), "{story}: {in_slot} in a slot");
    }

    /// The account of another site that stands where `key` stands in the one at `at`.
    pub fn counterpart(&self, at: usize, key: &Pubkey) -> Option<Pubkey> {
        let other = (at + 1) % self.sites.len();
        let mine = self.sites[at].landmarks(&self.states[at]);
        let theirs = self.sites[other].landmarks(&self.states[other]);
        let place = mine.iter().position(|own| own == key)?;
        theirs.get(place).copied()
    }

    /// Every account that says what may happen was compared at every step.
    pub fn nothing_unseen(&self) {
        let known = |select: fn(&Accounts) -> usize| self.states.iter().map(select).sum::<usize>();
        let accounts = self.machine.svm.get_program_accounts(&bulkhead::ID);
        let count = |discriminator: &[u8]| {
            let of = |data: &[u8]| data.starts_with(discriminator);
            accounts.iter().filter(|(_, account)| of(&account.data)).count()
        };
        assert_eq!(
            count(OutflowBreaker::DISCRIMINATOR),
            known(|state| state.breakers.len())
        );
        assert_eq!(count(Vault::DISCRIMINATOR), known(|state| state.vaults.len()));
        assert_eq!(count(Release::DISCRIMINATOR), known(|state| state.releases.len()));
        assert_eq!(count(Ledger::DISCRIMINATOR), known(|state| state.ledgers.len()));
        assert_eq!(count(Link::DISCRIMINATOR), known(|state| state.links.len()));
        let detectors = [
            PriceBreaker::DISCRIMINATOR,
            SolvencyBreaker::DISCRIMINATOR,
            AuthorityWatch::DISCRIMINATOR,
        ];
        let found: usize = detectors.into_iter().map(count).sum();
        assert_eq!(found, known(|state| state.detectors.len()));
        assert_eq!(count(Playbook::DISCRIMINATOR), known(|state| state.playbooks.len()));
    }
}

/// What was posted stays as it was posted, at least as long as the log says, and gains attesters at most.
fn checkpoints_stay(before: &Accounts, after: &Accounts, now: i64, story: &str) {
    for ((key, old), (other, new)) in before.logs.iter().zip(&after.logs) {
        assert_eq!(key, other, "{story}: a log is gone");
        let mut previous = [0; 32];
        let mut chain: Vec<_> = checkpoint::entries(new).collect();
        chain.sort_unstable_by_key(|entry| entry.slot);
        for entry in chain {
            assert!(
                previous == [0; 32] || entry.previous == previous,
                "{story}: the chain is broken"
            );
            previous = entry.hash;
        }
        for entry in checkpoint::entries(old) {
            let Ok(kept) = checkpoint::find(new, entry.slot) else {
                assert!(
                    now >= entry.posted_ts + old.keep_seconds,
                    "{story}: a young one is gone"
                );
                continue;
            };
            assert_eq!(
                (kept.hash, kept.posted_slot),
                (entry.hash, entry.posted_slot),
                "{story}"
            );
            assert!(kept.state >= entry.state, "{story}: a checkpoint was unsaid");
            assert_eq!(kept.attesters & entry.attesters, entry.attesters, "{story}");
        }
    }
}

/// What a matured proposal may loosen: what it is about and nothing else.
fn may_loosen(args: &Args, looser: Loosening) -> bool {
    match (args, looser) {
        (Args::Resume(_), Loosening::Domain | Loosening::Mask(_) | Loosening::Latch(_) | Loosening::Vault(_))
        | (Args::ChooseRestoration(_), Loosening::Domain)
        | (Args::ChangeCouncil(_) | Args::GrantRights(_), Loosening::Council)
        | (
            Args::Reopen(_),
            Loosening::Domain
            | Loosening::Mask(_)
            | Loosening::Stage(_)
            | Loosening::Latch(_)
            | Loosening::Room(_)
            | Loosening::Vault(_),
        ) => true,
        (Args::RegisterRoute(args), Loosening::Vault(vault)) => args.vault == vault,
        (Args::OpenBreaker(_), Loosening::Breaker(_))
        | (Args::OpenVault(_), Loosening::Vault(_))
        | (Args::RegisterLedger(_), Loosening::Ledger(_))
        | (Args::RegisterPlaybook(_), Loosening::Playbook(_)) => true,
        (Args::SetLink(_), Loosening::Link(_)) => true,
        (
            Args::OpenPriceBreaker(_) | Args::OpenSolvencyBreaker(_) | Args::OpenAuthorityWatch(_),
            Loosening::Detector(_),
        ) => true,
        (Args::CloseDetector(args), Loosening::Detector(detector)) => args.detector == detector,
        (Args::SetLimit(args), Loosening::Limit(breaker) | Loosening::Room(breaker)) => args.breaker == breaker,
        _ => false,
    }
}

impl Site {
    /// Notes the record that a release has made, if it was queued.
    fn remember_releases(&mut self, made: &Move, machine: &Machine) {
        let records = made
            .accounts()
            .into_iter()
            .filter(|key| machine.try_load::<Release>(key).is_some());
        for key in records {
            if !self.releases.contains(&key) {
                self.releases.push(key);
            }
        }
    }

    /// Addresses that every site has, in one order.
    fn landmarks(&self, state: &Accounts) -> Vec<Pubkey> {
        let domain = self.protocol.domain;
        let mut all = vec![
            domain,
            pda::council(&domain),
            pda::board(&domain),
            self.protocol.mint,
            self.protocol.vault.vault,
            self.protocol.vault.breaker,
            self.protocol.custody(),
            self.protocol.refuge,
            pda::incident(&domain, state.domain.incident_count.saturating_sub(1)),
        ];
        all.extend(&self.users);
        all.extend(self.model.proposals.keys().next());
        all
    }
}
