//! The model: phases by `core::phase`, and proposals by books of its own, which know nothing of
//! the program's.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::CouncilConfig;
use bulkhead_core::phase::{Event, after};
use bulkhead_interface::constants::{class, kind, phase, role};

use crate::{args::Args, watching::Fact};

/// What an instruction means to the model, once it has succeeded.
#[derive(Clone)]
pub enum Act {
    Activate,
    OpenIncident,
    Confirm,
    PropagateTrip,
    Lapse,
    Propose(Pubkey, Args),
    Approve(Pubkey),
    WithdrawApproval(Pubkey),
    Veto(Pubkey),
    CloseProposal,
    Execute(Args),
    /// Out of this vault, within limits.
    Release(Pubkey),
    /// Through this breaker, from a host's own custody.
    Meter(Pubkey, u64),
    /// This vault, to its route.
    Evacuate(Pubkey),
    /// An upstream's pause was carried over.
    PropagateContagion,
    /// Something happened, and somebody looked.
    Observe(Fact),
    /// Nothing to the model.
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    Executed,
    Vetoed,
}

/// A proposal as the model knows it.
pub struct Proposed {
    pub args: Args,
    pub epoch: u64,
    pub slot: u64,
    pub approvals: BTreeSet<Pubkey>,
    expires: i64,
    /// When the approvals last became enough, while they are.
    pub reached: Option<i64>,
    fate: Fate,
}

/// One domain as the model knows it.
pub struct Model {
    pub phase: u8,
    pub council: CouncilConfig,
    pub epoch: u64,
    pub proposals: BTreeMap<Pubkey, Proposed>,
    has_incident: bool,
    confirmed: (u64, BTreeSet<Pubkey>),
}

impl Model {
    pub fn new(council: CouncilConfig, phase: u8) -> Self {
        Self {
            phase,
            council,
            epoch: 1,
            proposals: BTreeMap::new(),
            has_incident: false,
            confirmed: (0, BTreeSet::new()),
        }
    }

    /// Those on the council with `role`.
    pub fn members(&self, role: u8) -> Vec<Pubkey> {
        let with = |member: &&bulkhead::instructions::MemberConfig| member.roles & role != 0;
        self.council
            .members
            .iter()
            .filter(with)
            .map(|member| member.key)
            .collect()
    }

    /// Open, of this council, approved by enough, the delay passed since, not expired.
    pub fn is_matured(&self, proposal: &Proposed, now: i64) -> bool {
        let policy = &self.council.policies[usize::from(class_of(proposal.args.kind()))];
        self.is_live(proposal, now)
            && proposal.approvals.len() >= usize::from(policy.threshold)
            && proposal
                .reached
                .is_some_and(|reached| now >= reached + policy.delay_seconds)
    }

    /// Could it still be executed some day?
    pub fn is_live(&self, proposal: &Proposed, now: i64) -> bool {
        proposal.fate == Fate::Open && proposal.epoch == self.epoch && now <= proposal.expires
    }

    /// Follows an instruction that has succeeded, by `signer`, with `accounts`. Panics when it
    /// should not have succeeded.
    pub fn follow(&mut self, act: &Act, signer: Pubkey, accounts: &[Pubkey], slot: u64, now: i64) {
        match act {
            Act::Activate => self.event(Event::Activate),
            Act::OpenIncident => {
                self.require(signer, role::GUARDIAN);
                self.open_incident();
            }
            Act::PropagateTrip => {
                if !self.has_incident {
                    self.open_incident();
                }
            }
            Act::Confirm => {
                self.require(signer, role::GUARDIAN);
                if self.confirmed.0 != self.epoch {
                    self.confirmed = (self.epoch, BTreeSet::new());
                }
                assert!(self.confirmed.1.insert(signer), "confirmed twice");
                assert!(
                    after(self.phase, Event::Confirm).is_ok(),
                    "confirmed in phase {}",
                    self.phase
                );
                if self.confirmed.1.len() >= usize::from(self.council.hold_threshold) {
                    self.event(Event::Confirm);
                }
            }
            Act::Lapse => self.close_incident(Event::Lapse),
            Act::Propose(key, args) => {
                self.require(signer, role::APPROVER);
                assert_ne!(self.phase, phase::SETUP);
                let policy = &self.council.policies[usize::from(class_of(args.kind()))];
                let proposed = Proposed {
                    args: args.clone(),
                    epoch: self.epoch,
                    slot,
                    approvals: BTreeSet::new(),
                    expires: now + policy.expiry_seconds,
                    reached: None,
                    fate: Fate::Open,
                };
                assert!(self.proposals.insert(*key, proposed).is_none());
            }
            Act::Approve(key) => {
                self.require(signer, role::APPROVER);
                self.vote(key, now, |approvals| approvals.insert(signer));
            }
            Act::WithdrawApproval(key) => {
                self.require(signer, role::APPROVER);
                self.vote(key, now, |approvals| approvals.remove(&signer));
            }
            Act::Veto(key) => {
                self.require(signer, role::VETOER);
                let proposal = self.proposals.get_mut(key).expect("it was proposed");
                assert!(proposal.fate == Fate::Open, "vetoed after its end");
                proposal.fate = Fate::Vetoed;
            }
            Act::CloseProposal => {
                let key = accounts.iter().find(|key| self.proposals.contains_key(key));
                let proposal = self
                    .proposals
                    .remove(key.expect("one was closed"))
                    .expect("it is there");
                assert!(!self.is_live(&proposal, now), "closed alive");
            }
            Act::Execute(args) => self.execute(args, accounts, now),
            Act::Release(_)
            | Act::Meter(..)
            | Act::Evacuate(_)
            | Act::PropagateContagion
            | Act::Observe(_)
            | Act::Other => {}
        }
    }

    fn execute(&mut self, args: &Args, accounts: &[Pubkey], now: i64) {
        if self.phase == phase::SETUP {
            return;
        }
        let key = accounts.iter().find(|key| self.proposals.contains_key(key)).copied();
        let key = key.expect("executed without a proposal");
        let proposal = &self.proposals[&key];
        assert!(
            self.is_matured(proposal, now),
            "{} executed before it matured",
            args.name()
        );
        assert_eq!(proposal.args.kind(), args.kind());
        assert_eq!(proposal.args.payload(), args.payload());
        self.proposals.get_mut(&key).expect("it is there").fate = Fate::Executed;
        match args {
            Args::Resume(_) => self.close_incident(Event::Resume),
            Args::Reopen(_) => self.close_incident(Event::Reopen),
            Args::ChooseRestoration(_) => self.event(Event::ChooseRestoration),
            Args::ChangeCouncil(council) => {
                self.council = council.clone();
                self.epoch += 1;
            }
            _ => {}
        }
    }

    fn vote(&mut self, key: &Pubkey, now: i64, change: impl FnOnce(&mut BTreeSet<Pubkey>) -> bool) {
        let proposal = &self.proposals[key];
        assert!(self.is_live(proposal, now), "voted on a dead proposal");
        let policy = &self.council.policies[usize::from(class_of(proposal.args.kind()))];
        let threshold = usize::from(policy.threshold);
        let proposal = self.proposals.get_mut(key).expect("it is there");
        assert!(change(&mut proposal.approvals), "approved or withdrawn twice");
        proposal.reached = match proposal.reached {
            _ if proposal.approvals.len() < threshold => None,
            Some(reached) => Some(reached),
            None => Some(now),
        };
    }

    fn open_incident(&mut self) {
        self.event(Event::OpenIncident);
        self.has_incident = true;
        self.confirmed = (0, BTreeSet::new());
    }

    fn close_incident(&mut self, event: Event) {
        self.event(event);
        self.has_incident = false;
    }

    fn event(&mut self, event: Event) {
        let next = after(self.phase, event);
        self.phase = next.unwrap_or_else(|_| panic!("{event:?} happened in phase {}", self.phase));
    }

    fn require(&self, signer: Pubkey, role: u8) {
        assert!(
            self.members(role).contains(&signer),
            "{signer} acted without role {role}"
        );
    }
}

fn class_of(of: u8) -> u8 {
    match of {
        kind::RESUME | kind::REOPEN => class::LOOSEN,
        kind::CHANGE_COUNCIL => class::CONSTITUTION,
        kind::CHOOSE_RESTORATION => class::RESTORATION,
        _ => class::CUSTODY,
    }
}
