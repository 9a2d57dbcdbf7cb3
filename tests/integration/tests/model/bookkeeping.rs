//! The model: phases by `core::phase`, and proposals by books of its own, which know nothing of
//! the program's.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use bulkhead::{decision::Decision, instructions::CouncilConfig};
use bulkhead_core::domain::phase::{Event, after};
use bulkhead_interface::{
    ProposalKind,
    constants::{VETO_SECONDS, class, phase, role},
};

use crate::{acts::Act, args::Args};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    Executed,
    Vetoed,
}

/// A proposal as the model knows it.
pub struct Proposed {
    pub args: Args,
    pub proposer: Pubkey,
    pub epoch: u64,
    pub slot: u64,
    pub approvals: BTreeSet<Pubkey>,
    vetoes: BTreeSet<Pubkey>,
    made: i64,
    expires: i64,
    /// When the approvals last became enough, while they are.
    pub reached: Option<i64>,
    /// The fallback's, who approves it alone.
    is_fallbacks: bool,
    fate: Fate,
}

/// One domain as the model knows it.
pub struct Model {
    pub phase: u8,
    pub council: CouncilConfig,
    pub epoch: u64,
    pub proposals: BTreeMap<Pubkey, Proposed>,
    has_incident: bool,
    /// It was decided, and what is newer than the decision keeps it open.
    is_decided: bool,
    /// A timed pause is in force after the step.
    pub is_paused: bool,
    /// Last active, and counting from, by member.
    activity: BTreeMap<Pubkey, (i64, i64)>,
    /// When a vetoer last vetoed something of a proposer, by whether it counted then.
    vetoed: BTreeMap<(Pubkey, Pubkey, bool), i64>,
    confirmed: (u64, BTreeSet<Pubkey>),
}

impl Model {
    pub fn new(council: CouncilConfig, phase: u8, now: i64) -> Self {
        Self {
            phase,
            activity: all_active(&council, now),
            council,
            vetoed: BTreeMap::new(),
            epoch: 1,
            proposals: BTreeMap::new(),
            has_incident: false,
            is_decided: false,
            is_paused: false,
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

    /// Active lately, and not back from a silence since less than a day.
    pub fn counts(&self, member: &Pubkey, now: i64) -> bool {
        let activity = self.activity.get(member);
        activity.is_some_and(|(last, from)| now - last <= self.council.heartbeat_seconds && now >= *from)
    }

    /// Who was active least lately.
    pub fn quietest(&self) -> Pubkey {
        let (member, _) = self
            .activity
            .iter()
            .min_by_key(|(_, (last, _))| *last)
            .expect("a council");
        *member
    }

    /// A sign of life.
    fn record_activity(&mut self, member: Pubkey, now: i64) {
        let heartbeat = self.council.heartbeat_seconds;
        let (last, from) = self.activity.get_mut(&member).expect("a member");
        if now - *last > heartbeat {
            *from = now + 86_400;
        }
        *last = now;
    }

    /// How many of these count, and have not been silent since `since`.
    fn counted_since(&self, members: &BTreeSet<Pubkey>, since: i64, now: i64) -> usize {
        let counts = |member: &&Pubkey| self.counts(member, now) && self.activity[*member].1 <= since;
        members.iter().filter(counts).count()
    }

    /// How many of these count.
    fn counted(&self, members: &BTreeSet<Pubkey>, now: i64) -> usize {
        members.iter().filter(|member| self.counts(member, now)).count()
    }

    /// Guardians that count are enough for a freeze, or as many of all if none counts.
    fn is_confirmed(&self, now: i64) -> bool {
        let guardians: BTreeSet<_> = self.members(role::GUARDIAN).into_iter().collect();
        let threshold = usize::from(self.council.freeze_threshold);
        match self.counted(&guardians, now) {
            0 => self.confirmed.1.len() >= threshold,
            left => self.counted(&self.confirmed.1, now) >= threshold.min(left),
        }
    }

    /// Open, of this council, approved by enough who count, the delay passed since, not expired.
    pub fn is_matured(&self, proposal: &Proposed, now: i64) -> bool {
        let policy = &self.council.policies[usize::from(class_of(proposal.args.kind()))];
        self.is_live(proposal, now)
            && proposal.reached.is_some_and(|reached| {
                let is_approved = if proposal.is_fallbacks {
                    self.is_unreachable(reached)
                } else {
                    self.counted_since(&proposal.approvals, reached, now) >= usize::from(policy.threshold)
                };
                is_approved && now >= reached + delay(policy.delay_seconds, proposal.is_fallbacks)
            })
    }

    /// Have too few approvers been active for as long as the fallback has to wait?
    pub fn is_unreachable(&self, at: i64) -> bool {
        let patience = self.council.heartbeat_seconds + self.council.fallback_seconds;
        let mut approvers = self.members(role::APPROVER);
        approvers.retain(|member| self.activity[member].0 + patience >= at);
        approvers.len() < usize::from(self.council.policies[usize::from(class::CONSTITUTION)].threshold)
    }

    /// An approver may propose anything; the fallback a council, when there is nobody else to.
    fn may_propose(&self, signer: Pubkey, args: &Args, now: i64) {
        if signer == self.council.fallback {
            assert!(
                matches!(args.decision, Decision::ChangeCouncil(_)),
                "the fallback proposed {}",
                args.name()
            );
            assert!(self.is_unreachable(now), "the fallback was not due");
        } else {
            self.require(signer, role::APPROVER);
        }
    }

    fn approve_alone(&mut self, key: &Pubkey, signer: Pubkey, now: i64) {
        let proposal = &self.proposals[key];
        assert_eq!(signer, self.council.fallback, "approved for the fallback");
        assert!(self.is_live(proposal, now), "voted on a dead proposal");
        assert!(
            proposal.reached.is_none() && self.is_unreachable(now),
            "the fallback was not due"
        );
        self.proposals.get_mut(key).expect("it is there").reached = Some(now);
    }

    /// Could it still be executed some day?
    pub fn is_live(&self, proposal: &Proposed, now: i64) -> bool {
        proposal.fate == Fate::Open
            && proposal.epoch == self.epoch
            && now <= proposal.expires
            && !self.is_stopped(proposal)
    }

    /// By its own vetoes, and by those that stand against its proposer.
    fn is_stopped(&self, proposal: &Proposed) -> bool {
        let is_council = matches!(proposal.args.decision, Decision::ChangeCouncil(_));
        let standing = self.vetoed.iter().filter(|((vetoed, _, counted), ts)| {
            *vetoed == proposal.proposer && proposal.made < *ts + VETO_SECONDS && (*counted || !is_council)
        });
        let mut against = proposal.vetoes.clone();
        against.extend(standing.map(|((_, vetoer, _), _)| *vetoer));
        let keeps = |vetoer: &Pubkey| match &proposal.args.decision {
            Decision::ChangeCouncil(plan) => plan
                .members
                .iter()
                .any(|member| member.key == *vetoer && member.roles & role::VETOER != 0),
            _ => true,
        };
        against.len() > 1 || against.iter().any(keeps)
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
            Act::PropagateTrip(_) => {
                if !self.has_incident || self.is_decided {
                    self.open_incident();
                }
            }
            Act::Confirm => {
                self.require(signer, role::GUARDIAN);
                assert!(!self.is_decided, "confirmed what is decided");
                if self.confirmed.0 != self.epoch {
                    self.confirmed = (self.epoch, BTreeSet::new());
                }
                let is_news = self.confirmed.1.insert(signer);
                assert!(is_news || self.is_confirmed(now), "confirmed twice");
                assert!(
                    after(self.phase, Event::Confirm).is_ok(),
                    "confirmed in phase {}",
                    self.phase
                );
                if self.is_confirmed(now) {
                    self.event(Event::Confirm);
                }
            }
            Act::Lapse => self.close_incident(Event::Lapse),
            Act::Propose(key, args) => {
                self.may_propose(signer, args, now);
                assert_ne!(self.phase, phase::SETUP);
                let proposed = self.proposed(args, signer, slot, now);
                assert!(self.proposals.insert(*key, proposed).is_none());
            }
            Act::Edit(key, args) => {
                self.may_propose(signer, args, now);
                let old = &self.proposals[key];
                assert!(self.is_live(old, now), "edited after its end");
                assert_eq!(
                    (old.proposer, old.args.kind()),
                    (signer, args.kind()),
                    "edited by another"
                );
                let proposed = self.proposed(args, signer, slot, now);
                self.proposals.insert(*key, proposed);
            }
            Act::Approve(key) if self.proposals[key].is_fallbacks => self.approve_alone(key, signer, now),
            Act::Approve(key) => {
                self.require(signer, role::APPROVER);
                assert!(self.counts(&signer, now), "approved out of a silence");
                self.record_activity(signer, now);
                self.approve(key, signer, now);
            }
            Act::WithdrawApproval(key) => {
                self.require(signer, role::APPROVER);
                self.withdraw(key, signer, now);
            }
            Act::Veto(key) => {
                self.require(signer, role::VETOER);
                assert!(self.is_live(&self.proposals[key], now), "vetoed after its end");
                self.veto(key, signer, now);
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
            Act::Heartbeat => self.record_activity(signer, now),
            Act::Release(..)
            | Act::Deposit { .. }
            | Act::Redirect(..)
            | Act::Meter(..)
            | Act::Evacuate(_)
            | Act::PropagateContagion
            | Act::Observe(_)
            | Act::Vote(_)
            | Act::Money(..)
            | Act::Read { .. }
            | Act::Seal { .. }
            | Act::Post(_)
            | Act::Sample(_)
            | Act::Hear
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
        assert_eq!(proposal.args.encoded(), args.encoded());
        self.proposals.get_mut(&key).expect("it is there").fate = Fate::Executed;
        match &args.decision {
            Decision::Resume(_) => self.unpause(Event::Resume),
            Decision::Reopen(_) => self.unpause(Event::Reopen),
            Decision::ChooseRestoration(_) => self.event(Event::ChooseRestoration),
            Decision::ChangeCouncil(council) => {
                self.council = council.clone();
                self.activity = all_active(council, now);
                self.vetoed.clear();
                self.epoch += 1;
            }
            _ => {}
        }
    }

    fn threshold(&self, proposal: &Proposed) -> usize {
        usize::from(self.council.policies[usize::from(class_of(proposal.args.kind()))].threshold)
    }

    /// Enough who count, none of them silent since the clock started.
    fn is_enough(&self, proposal: &Proposed, approvals: &BTreeSet<Pubkey>, now: i64) -> bool {
        let since = proposal.reached.unwrap_or(i64::MAX);
        self.counted_since(approvals, since, now) >= self.threshold(proposal)
    }

    /// Enough who count, and no clock runs.
    pub fn lacks_a_clock(&self, proposal: &Proposed, now: i64) -> bool {
        proposal.reached.is_none() && self.is_enough(proposal, &proposal.approvals, now)
    }

    fn approve(&mut self, key: &Pubkey, signer: Pubkey, now: i64) {
        let proposal = &self.proposals[key];
        assert!(self.is_live(proposal, now), "voted on a dead proposal");
        let was_enough = self.is_enough(proposal, &proposal.approvals, now);
        let was_reached = was_enough && proposal.reached.is_some();
        let lacked_a_clock = self.lacks_a_clock(proposal, now);
        let mut approvals = proposal.approvals.clone();
        let is_new = approvals.insert(signer);
        let was_silent = proposal.reached.is_some_and(|since| self.activity[&signer].1 > since);
        assert!(
            is_new || lacked_a_clock || (was_silent && !was_enough),
            "approved twice"
        );
        let restarted = (self.counted(&approvals, now) >= self.threshold(proposal)).then_some(now);
        let reached = if was_reached { proposal.reached } else { restarted };
        let proposal = self.proposals.get_mut(key).expect("it is there");
        (proposal.approvals, proposal.reached) = (approvals, reached);
    }

    fn withdraw(&mut self, key: &Pubkey, signer: Pubkey, now: i64) {
        let proposal = &self.proposals[key];
        assert!(self.is_live(proposal, now), "voted on a dead proposal");
        let mut approvals = proposal.approvals.clone();
        assert!(approvals.remove(&signer), "withdrawn twice");
        let is_enough = self.is_enough(proposal, &approvals, now);
        let proposal = self.proposals.get_mut(key).expect("it is there");
        proposal.approvals = approvals;
        proposal.reached = proposal.reached.filter(|_| is_enough);
    }

    fn veto(&mut self, key: &Pubkey, signer: Pubkey, now: i64) {
        let counts = self.counts(&signer, now);
        let proposal = self.proposals.get_mut(key).expect("it is there");
        assert!(proposal.vetoes.insert(signer), "vetoed twice");
        assert!(
            counts || !matches!(proposal.args.decision, Decision::ChangeCouncil(_)),
            "the silent stop what replaces them"
        );
        self.vetoed.insert((proposal.proposer, signer, counts), now);
        let own = self.vetoed.iter().filter(|((_, vetoer, _), _)| *vetoer == signer);
        let used = own.filter(|(_, ts)| now < **ts + VETO_SECONDS);
        let used: BTreeSet<_> = used.map(|((proposer, ..), _)| proposer).collect();
        assert!(
            used.len() <= usize::from(self.council.veto_rights),
            "more vetoes than rights"
        );
        if self.is_stopped(&self.proposals[key]) {
            self.proposals.get_mut(key).expect("it is there").fate = Fate::Vetoed;
        }
    }

    fn proposed(&self, args: &Args, proposer: Pubkey, slot: u64, now: i64) -> Proposed {
        let policy = &self.council.policies[usize::from(class_of(args.kind()))];
        let is_fallbacks = proposer == self.council.fallback;
        let longer = delay(policy.delay_seconds, is_fallbacks) - policy.delay_seconds;
        Proposed {
            args: args.clone(),
            proposer,
            epoch: self.epoch,
            slot,
            approvals: BTreeSet::new(),
            vetoes: BTreeSet::new(),
            made: now,
            expires: now + policy.expiry_seconds + longer,
            reached: None,
            is_fallbacks,
            fate: Fate::Open,
        }
    }

    fn open_incident(&mut self) {
        self.event(if self.is_decided {
            Event::OpenNextIncident
        } else {
            Event::OpenIncident
        });
        (self.has_incident, self.is_decided) = (true, false);
        self.confirmed = (0, BTreeSet::new());
    }

    fn close_incident(&mut self, event: Event) {
        self.event(event);
        (self.has_incident, self.is_decided) = (false, false);
    }

    /// Ends the incident, unless a timed pause that is newer than the unpause is still in force: then all are alert, what
    /// was held is decided, and what was not has to be confirmed anew.
    fn unpause(&mut self, event: Event) {
        if self.phase == phase::OPERATING || !self.is_paused {
            self.close_incident(event);
            return;
        }
        assert!(after(self.phase, event).is_ok(), "{event:?} in phase {}", self.phase);
        if self.phase == phase::ALERT {
            self.confirmed = (0, BTreeSet::new());
        } else {
            self.is_decided = true;
        }
        self.event(Event::UnpauseInPart);
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

/// A new council's members are all there.
fn all_active(council: &CouncilConfig, now: i64) -> BTreeMap<Pubkey, (i64, i64)> {
    council.members.iter().map(|member| (member.key, (now, 0))).collect()
}

/// The fallback waits a week at least.
fn delay(policy: i64, is_fallbacks: bool) -> i64 {
    policy.max(if is_fallbacks { 7 * 86_400 } else { 0 })
}

fn class_of(of: ProposalKind) -> u8 {
    use ProposalKind as K;
    match of {
        K::Resume | K::Reopen => class::LOOSEN,
        K::ChangeCouncil
        | K::GrantRights
        | K::RegisterEmergencyAction
        | K::RunInstruction
        | K::RegisterEmergencySteps
        | K::UpgradeHost
        | K::RegisterEmergencyBuild => class::CONSTITUTION,
        K::SetRecoveryRules | K::SetBallotRules => class::CONSTITUTION,
        K::ChooseRestoration | K::OverrideSeal | K::RedirectClaims | K::ExtendClaims | K::OverrideRestartCheck => {
            class::RESTORATION
        }
        _ => class::CUSTODY,
    }
}
