//! Random instructions: often what somebody would do now, sometimes nonsense.

use anchor_lang::{AnchorDeserialize, prelude::Pubkey};
use anchor_spl::token::spl_token;
use bulkhead::call::StoredInstruction;
use bulkhead::instructions::LowerLimitArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    checkpoint,
    incident::number_for_alarm,
    window::{self, Moment},
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN, stage_bps};
use bulkhead_interface::{
    constants::{CHOICE_NONE, checkpoint_state, latch_state, phase, release_state, role},
    layout::{Ballot, Incident, OutflowBreaker, Playbook, Release, space},
};
use bulkhead_sim::{Machine, Protocol};
use bulkhead_tests::checkpoints::statement;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    args::Args,
    bookkeeping::Act,
    chance::Chance,
    site::{Accounts, COMPARTMENTS, SHARD, Site},
};

/// One instruction, who signs it, and what it means.
pub struct Move {
    pub name: &'static str,
    pub instruction: Instruction,
    pub signer: Pubkey,
    pub act: Act,
}

/// What a move is made up from.
pub struct Table<'a> {
    pub machine: &'a Machine,
    pub site: &'a Site,
    pub now: &'a Accounts,
    pub chance: &'a mut Chance,
}

type Make = fn(&mut Table) -> Option<Move>;

/// Moves by how often they are tried.
const MOVES: &[(u64, Make)] = &[
    (2, |table| table.pause()),
    (2, |table| table.lower_limit()),
    (3, |table| table.open_incident()),
    (8, |table| table.confirm_incident()),
    (4, |table| table.close_lapsed_incident()),
    (6, |table| table.propagate_trip()),
    (5, |table| table.propagate_contagion()),
    (12, |table| table.release()),
    (9, |table| table.settle_release()),
    (3, |table| table.cancel_release()),
    (4, |table| table.redirect_release()),
    (2, |table| table.observe_route()),
    (2, |table| table.close_release()),
    (7, |table| table.meter_outflow()),
    (4, |table| table.record_inflow()),
    (5, |table| table.observe_reference()),
    (6, |table| table.observe_price()),
    (4, |table| table.observe_solvency()),
    (3, |table| table.observe_authority()),
    (5, |table| table.deposit()),
    (5, |table| table.confirm_evacuation()),
    (5, |table| table.evacuate()),
    (5, |table| table.post_checkpoint()),
    (5, |table| table.attest_checkpoint()),
    (8, |table| table.propose()),
    (26, |table| table.approve()),
    (4, |table| table.withdraw_approval()),
    (2, |table| table.edit_proposal()),
    (3, |table| table.heartbeat()),
    (2, |table| table.run_playbook()),
    (1, |table| table.veto()),
    (3, |table| table.close_proposal()),
    (24, |table| table.execute()),
    (22, |table| table.recover()),
    (1, |table| table.activate()),
    (1, |table| table.configure()),
];

/// Moves of a bank run.
const RUN: &[(u64, Make)] = &[
    (10, |table| table.release()),
    (5, |table| table.settle_release()),
    (10, |table| table.meter_outflow()),
    (2, |table| table.deposit()),
];

impl Table<'_> {
    /// Some move, or one of a bank run.
    pub fn make(&mut self, is_run: bool) -> Move {
        let moves = if is_run { RUN } else { MOVES };
        let total = moves.iter().map(|(weight, _)| weight).sum();
        loop {
            let mut at = self.chance.below(total);
            for (weight, make) in moves {
                if at < *weight {
                    if let Some(made) = make(self) {
                        return made;
                    }
                    break;
                }
                at -= weight;
            }
        }
    }

    /// One of those with `role`, or, now and then, anyone.
    fn member(&mut self, role: u8) -> Pubkey {
        let members = self.site.model.members(role);
        self.one_of(&members)
    }

    fn one_of(&mut self, keys: &[Pubkey]) -> Pubkey {
        if keys.is_empty() || self.chance.percent(6) {
            let index = self.chance.index(self.site.keys.len());
            return self.site.keys[index].pubkey();
        }
        self.chance.pick(keys)
    }

    fn domain(&self) -> Pubkey {
        self.site.protocol.domain
    }

    fn payer(&self) -> Pubkey {
        self.machine.payer.pubkey()
    }

    fn clock(&self) -> i64 {
        self.machine.clock().unix_timestamp
    }

    /// The open incident, or the last one, or the next.
    fn incident(&mut self) -> Pubkey {
        let domain = &self.now.domain;
        if domain.open_incident != Pubkey::default() && !self.chance.percent(5) {
            return domain.open_incident;
        }
        let back = self.chance.below(2);
        pda::incident(&self.domain(), domain.incident_count.saturating_sub(back))
    }

    /// Mostly what the breaker still lets through, to the unit or a part of it; too much more often
    /// where a latch does not last.
    fn amount(&mut self, breaker: &OutflowBreaker) -> u64 {
        let clock = self.machine.clock();
        let at = Moment {
            slot: clock.slot,
            now: clock.unix_timestamp,
            stage_bps: stage_bps(&self.now.board, breaker.compartment).unwrap_or(0),
            lifted_slot: self.site.protocol.board(self.machine).lifted_slot,
        };
        let room = window::remaining(breaker, &at);
        if breaker.latch.seconds < 3_600 && self.chance.percent(40) {
            return 1 + self.chance.below(breaker.slot_limit);
        }
        match self.chance.below(20) {
            0 => room + 1,
            1 => self.chance.below(400_000),
            2 => 0,
            3..9 => room,
            9..14 => room / 2,
            _ => 1 + self.chance.below(22_000).min(room),
        }
    }

    fn pause(&mut self) -> Option<Move> {
        let signer = self.member(role::GUARDIAN);
        let scope = match self.chance.below(4) {
            0 => SCOPE_DOMAIN,
            1 => self.chance.byte(70),
            _ => self.chance.byte(u64::from(COMPARTMENTS)),
        };
        let mask = self
            .chance
            .pick(&[0, action::WITHDRAW, action::TRADE, action::BORROW, u32::MAX]);
        Some(Move {
            name: "pause",
            instruction: ix::pause(self.domain(), signer, scope, mask),
            signer,
            act: Act::Other,
        })
    }

    fn heartbeat(&mut self) -> Option<Move> {
        let signer = self.member(role::ALL);
        let last = self.now.council.members.iter().find(|member| member.key == signer);
        let last_active_ts = last.map_or(0, |member| member.last_active_ts) - i64::from(self.chance.percent(5));
        Some(Move {
            name: "heartbeat",
            instruction: ix::heartbeat(self.domain(), signer, last_active_ts),
            signer,
            act: Act::Heard,
        })
    }

    fn run_playbook(&mut self) -> Option<Move> {
        let index = self.chance.index(self.now.playbooks.len());
        let (key, playbook) = self.now.playbooks.get(index)?;
        let data = self.machine.account(key)?.data;
        let stored = StoredInstruction::try_from_slice(&data[space::<Playbook>()..]).ok()?;
        let number = playbook.index;
        let signer = self.member(role::GUARDIAN);
        Some(Move {
            name: "run_playbook",
            instruction: ix::run_playbook(self.domain(), signer, number, &stored),
            signer,
            act: Act::Other,
        })
    }

    fn breaker(&mut self) -> Option<(Pubkey, OutflowBreaker)> {
        let index = self.chance.index(self.now.breakers.len());
        self.now.breakers.get(index).copied()
    }

    fn lower_limit(&mut self) -> Option<Move> {
        let (key, breaker) = self.breaker()?;
        let signer = self.member(role::GUARDIAN);
        let mut lower = |limit: u64| limit * (45 + self.chance.below(60)) / 100;
        let (limit, slot_limit) = (lower(breaker.limit), lower(breaker.slot_limit));
        let mut bps = |bps: u16| u16::try_from(lower(u64::from(bps))).unwrap_or(u16::MAX);
        let (limit_bps, slot_bps) = (bps(breaker.limit_bps), bps(breaker.slot_bps));
        let args = LowerLimitArgs {
            limit,
            slot_limit,
            limit_bps,
            slot_bps: slot_bps.min(limit_bps),
            inflow_credit: lower(breaker.inflow_credit).min(limit / u64::from(breaker.sub_windows)),
        };
        Some(Move {
            name: "lower_limit",
            instruction: ix::lower_limit(self.domain(), signer, key, args),
            signer,
            act: Act::Other,
        })
    }

    fn open_incident(&mut self) -> Option<Move> {
        let signer = self.member(role::GUARDIAN);
        let count = self.now.domain.incident_count;
        Some(Move {
            name: "open_incident",
            instruction: ix::open_incident(self.domain(), signer, self.payer(), count),
            signer,
            act: Act::OpenIncident,
        })
    }

    fn confirm_incident(&mut self) -> Option<Move> {
        let is_due = self.now.domain.state == phase::ALERT;
        if !is_due && !self.chance.percent(10) {
            return None;
        }
        let signer = self.member(role::GUARDIAN);
        let incident = self.incident();
        Some(Move {
            name: "confirm_incident",
            instruction: ix::confirm_incident(self.domain(), signer, incident),
            signer,
            act: Act::Confirm,
        })
    }

    fn close_lapsed_incident(&mut self) -> Option<Move> {
        let incident = self.incident();
        Some(Move {
            name: "close_lapsed_incident",
            instruction: ix::close_lapsed_incident(self.domain(), incident),
            signer: self.payer(),
            act: Act::Lapse,
        })
    }

    fn propagate_trip(&mut self) -> Option<Move> {
        let (mut breaker, state) = self.breaker()?;
        match self.latched_detector() {
            Some(detector) if self.chance.percent(50) => breaker = detector,
            _ if state.latch.state != latch_state::LATCHED && !self.chance.percent(10) => return None,
            _ => {}
        }
        let index = number_for_alarm(&self.now.domain);
        Some(Move {
            name: "propagate_trip",
            instruction: ix::propagate_trip(self.domain(), self.payer(), breaker, index),
            signer: self.payer(),
            act: Act::PropagateTrip,
        })
    }

    fn propagate_contagion(&mut self) -> Option<Move> {
        let instruction = ix::propagate_contagion(self.domain(), self.site.upstream);
        Some(Move {
            name: "propagate_contagion",
            instruction,
            signer: self.payer(),
            act: Act::PropagateContagion,
        })
    }

    fn vault(&mut self) -> ix::VaultKeys {
        let count = self.now.vaults.len().max(1) as u64;
        let index = self.chance.byte(count);
        self.site.vault(index)
    }

    fn user(&mut self) -> Pubkey {
        self.chance.pick(&self.site.users)
    }

    fn release(&mut self) -> Option<Move> {
        let vault = self.vault();
        let signer = self.one_of(&[self.site.protocol.operator.pubkey()]);
        let destination = if self.chance.percent(3) {
            pda::custody(&vault.vault)
        } else {
            self.user()
        };
        let number = self.site.releases.len() as u64;
        let (_, breaker) = self.now.breakers.iter().find(|(key, _)| *key == vault.breaker)?;
        let amount = self.amount(&breaker.clone());
        let instruction = ix::release(vault, signer, self.payer(), destination, amount, number);
        Some(Move {
            name: "release",
            instruction,
            signer,
            act: Act::Release(vault.vault),
        })
    }

    fn a_release(&mut self) -> Option<(Pubkey, Release)> {
        let index = self.chance.index(self.now.releases.len());
        self.now.releases.get(index).copied()
    }

    fn keys_of(&self, vault: &Pubkey) -> ix::VaultKeys {
        let is_first = *vault == self.site.protocol.vault.vault;
        self.site.vault(u8::from(!is_first))
    }

    fn settle_release(&mut self) -> Option<Move> {
        let (key, release) = self.a_release()?;
        let destination = if self.chance.percent(5) {
            self.user()
        } else {
            release.destination
        };
        Some(Move {
            name: "settle_release",
            instruction: ix::settle_release(self.keys_of(&release.vault), destination, key),
            signer: self.payer(),
            act: Act::Release(release.vault),
        })
    }

    fn cancel_release(&mut self) -> Option<Move> {
        let is_latest = self.chance.percent(70);
        let (key, release) = match self.now.releases.last() {
            Some(latest) if is_latest => *latest,
            _ => self.a_release()?,
        };
        let is_due = release.state == release_state::QUEUED && self.now.domain.open_incident != Pubkey::default();
        if !is_due && !self.chance.percent(10) {
            return None;
        }
        let (signer, incident) = (self.member(role::GUARDIAN), self.incident());
        Some(Move {
            name: "cancel_release",
            instruction: ix::cancel_release(self.domain(), signer, incident, release.vault, key),
            signer,
            act: Act::Other,
        })
    }

    /// User 0 gives a claim to user 1, or takes another one's.
    fn redirect_release(&mut self) -> Option<Move> {
        let (key, release) = self.a_release()?;
        let (signer, destination) = (self.one_of(&[self.site.keys[7].pubkey()]), self.user());
        Some(Move {
            name: "redirect_release",
            instruction: ix::redirect_release(signer, release.vault, key, destination),
            signer,
            act: Act::Redirect(key, release.owner),
        })
    }

    fn observe_route(&mut self) -> Option<Move> {
        let vault = self.vault();
        let route = self.now.vaults.iter().find(|(key, _)| *key == vault.vault)?.1.route;
        Some(Move {
            name: "observe_route",
            instruction: ix::observe_route(self.domain(), vault.vault, route),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    fn close_release(&mut self) -> Option<Move> {
        let (key, _) = self.a_release()?;
        Some(Move {
            name: "close_release",
            instruction: ix::close_release(key, self.payer()),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    fn meter_outflow(&mut self) -> Option<Move> {
        let (breaker, state) = self.breaker()?;
        let host = self.site.host.pubkey();
        if state.authority != host && !self.chance.percent(10) {
            return None;
        }
        let signer = self.one_of(&[host]);
        let amount = self.amount(&state);
        Some(Move {
            name: "meter_outflow",
            instruction: ix::meter_outflow(self.domain(), breaker, signer, amount),
            signer,
            act: Act::Meter(breaker, amount),
        })
    }

    fn record_inflow(&mut self) -> Option<Move> {
        let (breaker, state) = self.breaker()?;
        let vault = self.now.vaults.iter().find(|(key, _)| *key == state.authority);
        let authority = vault.map_or(self.site.host.pubkey(), |(_, vault)| vault.operator);
        let vault = vault.map(|(key, _)| *key).filter(|_| !self.chance.percent(5));
        let signer = self.one_of(&[authority]);
        let amount = self.chance.pick(&[1, 5_000, 200_000, u64::MAX]);
        Some(Move {
            name: "record_inflow",
            instruction: ix::record_inflow(breaker, signer, vault, amount),
            signer,
            act: Act::Other,
        })
    }

    fn observe_reference(&mut self) -> Option<Move> {
        let (breaker, state) = self.breaker()?;
        let wrong = self.user();
        let reference = if self.chance.percent(5) { wrong } else { state.reference };
        Some(Move {
            name: "observe_reference",
            instruction: ix::observe_reference(breaker, reference),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    /// A user's deposit into custody: a plain transfer.
    fn deposit(&mut self) -> Option<Move> {
        let vault = self.vault();
        let from = self.site.users[0];
        let amount = self.chance.below(150_000).min(self.machine.balance(&from));
        let signer = self.site.keys[7].pubkey();
        let custody = pda::custody(&vault.vault);
        let instruction =
            spl_token::instruction::transfer(&spl_token::ID, &from, &custody, &signer, &[], amount).ok()?;
        Some(Move {
            name: "deposit",
            instruction,
            signer,
            act: Act::Other,
        })
    }

    fn confirm_evacuation(&mut self) -> Option<Move> {
        let (signer, incident) = (self.member(role::GUARDIAN), self.incident());
        Some(Move {
            name: "confirm_evacuation",
            instruction: ix::confirm_evacuation(self.domain(), signer, self.payer(), incident),
            signer,
            act: Act::Other,
        })
    }

    fn evacuate(&mut self) -> Option<Move> {
        let (vault, incident) = (self.vault(), self.incident());
        let route = self.now.vaults.iter().find(|(key, _)| *key == vault.vault)?.1.route;
        let destination = if self.chance.percent(10) { self.user() } else { route };
        Some(Move {
            name: "evacuate",
            instruction: ix::evacuate(vault, incident, destination),
            signer: self.payer(),
            act: Act::Evacuate(vault.vault),
        })
    }

    fn activate(&mut self) -> Option<Move> {
        let signer = self.site.protocol.namespace.pubkey();
        Some(Move {
            name: "activate_domain",
            instruction: ix::activate_domain(signer),
            signer,
            act: Act::Activate,
        })
    }

    /// Without a proposal, as the namespace key does during set-up.
    fn configure(&mut self) -> Option<Move> {
        let args = self.args()?;
        let signer = self.one_of(&[self.site.protocol.namespace.pubkey()]);
        Some(self.executing(args, signer, None))
    }

    fn executing(&mut self, args: Args, signer: Pubkey, proposal: Option<Pubkey>) -> Move {
        let authority = ix::Authority {
            signer,
            domain: self.domain(),
            proposal,
        };
        Move {
            name: args.name(),
            instruction: args.instruction(authority, self.payer(), self.site.protocol.mint),
            signer,
            act: Act::Execute(args),
        }
    }

    fn propose(&mut self) -> Option<Move> {
        let args = self.args()?;
        let signer = self.member(role::APPROVER);
        // A number that is taken, now and then.
        let free = self.machine.free_proposal(&self.domain(), &signer);
        let index = free.saturating_sub(u64::from(self.chance.percent(3)));
        let instruction = ix::propose(self.domain(), signer, self.payer(), index, args.kind(), args.payload());
        Some(Move {
            name: "propose",
            instruction,
            signer,
            act: Act::Propose(pda::proposal(&self.domain(), &signer, index), args),
        })
    }

    /// A proposal that could still be executed, or, now and then, any.
    fn proposal(&mut self) -> Option<Pubkey> {
        let (model, now) = (&self.site.model, self.clock());
        let any = self.chance.percent(10);
        let keys: Vec<_> = model
            .proposals
            .iter()
            .filter(|(_, proposal)| any || model.is_live(proposal, now))
            .map(|(key, _)| *key)
            .collect();
        (!keys.is_empty()).then(|| self.chance.pick(&keys))
    }

    fn approve(&mut self) -> Option<Move> {
        let key = self.proposal()?;
        let proposal = &self.site.model.proposals[&key];
        let mut missing = self.site.model.members(role::APPROVER);
        missing.retain(|member| !proposal.approvals.contains(member));
        let hash = bulkhead_core::proposal::payload_hash(proposal.args.kind(), &proposal.args.payload());
        let slot = proposal.slot + u64::from(self.chance.percent(3));
        let signer = self.one_of(&missing);
        Some(Move {
            name: "approve",
            instruction: ix::approve(self.domain(), signer, key, hash, slot),
            signer,
            act: Act::Approve(key),
        })
    }

    fn withdraw_approval(&mut self) -> Option<Move> {
        let key = self.proposal()?;
        let approvals: Vec<_> = self.site.model.proposals[&key].approvals.iter().copied().collect();
        let signer = self.one_of(&approvals);
        Some(Move {
            name: "withdraw_approval",
            instruction: ix::withdraw_approval(self.domain(), signer, key),
            signer,
            act: Act::WithdrawApproval(key),
        })
    }

    fn edit_proposal(&mut self) -> Option<Move> {
        let key = self.proposal()?;
        let old = self.site.model.proposals[&key].args.clone();
        // Of another kind it is refused, unless its bytes read as this one: then it is this one.
        let args = self.args().filter(|args| args.kind() == old.kind()).unwrap_or(old);
        let proposer = self.site.model.proposals[&key].proposer;
        let signer = self.one_of(&[proposer]);
        let payer = self.payer();
        Some(Move {
            name: "edit_proposal",
            instruction: ix::edit_proposal(self.domain(), signer, payer, key, args.payload()),
            signer,
            act: Act::Edit(key, args),
        })
    }

    fn veto(&mut self) -> Option<Move> {
        let (key, signer) = (self.proposal()?, self.member(role::VETOER));
        Some(Move {
            name: "veto",
            instruction: ix::veto(self.domain(), signer, key),
            signer,
            act: Act::Veto(key),
        })
    }

    fn close_proposal(&mut self) -> Option<Move> {
        let keys: Vec<_> = self.site.model.proposals.keys().copied().collect();
        let key = (!keys.is_empty()).then(|| self.chance.pick(&keys))?;
        Some(Move {
            name: "close_proposal",
            instruction: ix::close_proposal(self.domain(), key, self.payer()),
            signer: self.payer(),
            act: Act::CloseProposal,
        })
    }

    fn execute(&mut self) -> Option<Move> {
        let (model, now) = (&self.site.model, self.clock());
        let matured: Vec<_> = model
            .proposals
            .iter()
            .filter(|(_, proposal)| model.is_matured(proposal, now))
            .map(|(key, _)| *key)
            .collect();
        let approved: Vec<_> = model
            .proposals
            .iter()
            .filter(|(_, proposal)| model.is_live(proposal, now) && proposal.approvals.len() > 1)
            .map(|(key, _)| *key)
            .collect();
        let key = match self.chance.below(10) {
            0 => self.proposal()?,
            1..3 if !approved.is_empty() => self.chance.pick(&approved),
            _ if !matured.is_empty() => self.chance.pick(&matured),
            _ => return None,
        };
        let args = if self.chance.percent(4) {
            self.args()?
        } else {
            self.site.model.proposals[&key].args.clone()
        };
        let payer = self.payer();
        Some(self.executing(args, payer, Some(key)))
    }

    /// Mostly the slot that has just ended.
    fn post_checkpoint(&mut self) -> Option<Move> {
        let back = 1 + self.chance.below(3) * self.chance.below(300);
        let slot = self.machine.clock().slot.saturating_sub(back);
        let tree = self.site.checkpoint(slot);
        let signer = self.member(role::ATTESTER);
        let args = statement(slot, tree.root(), tree.roots());
        Some(Move {
            name: "post_checkpoint",
            instruction: ix::post_checkpoint(self.domain(), signer, 0, self.site.protocol.total_account, args),
            signer,
            act: Act::Other,
        })
    }

    fn attest_checkpoint(&mut self) -> Option<Move> {
        let latest = self
            .now
            .logs
            .iter()
            .find_map(|(_, log)| checkpoint::latest(log).copied())?;
        let signer = self.member(role::ATTESTER);
        Some(Move {
            name: "attest_checkpoint",
            instruction: ix::attest_checkpoint(self.domain(), signer, 0, latest.slot, latest.hash),
            signer,
            act: Act::Other,
        })
    }

    /// What puts the latest attested checkpoint to the vote.
    fn checkpoint_steps(&self, incident: Pubkey) -> Vec<(&'static str, Pubkey, Instruction)> {
        let entries = self.now.logs.iter().flat_map(|(_, log)| checkpoint::entries(log));
        let attested = entries.filter(|entry| entry.state == checkpoint_state::ATTESTED);
        let Some(entry) = attested.max_by_key(|entry| entry.slot) else {
            return vec![];
        };
        let (domain, payer, tree) = (self.domain(), self.payer(), self.site.checkpoint(entry.slot));
        let snapshot = pda::checkpoint_snapshot(&incident, 0, entry.slot);
        let caps = &tree.shard(SHARD).expect("all positions are in it").caps;
        vec![
            (
                "open_checkpoint_snapshot",
                payer,
                ix::open_checkpoint_snapshot(domain, payer, incident, 0, entry.slot, tree.roots()),
            ),
            (
                "open_checkpoint_shard",
                payer,
                ix::open_checkpoint_shard(payer, snapshot, SHARD, caps),
            ),
        ]
    }

    /// The next step towards a restoration.
    fn recover(&mut self) -> Option<Move> {
        if !matches!(self.now.domain.state, phase::HELD | phase::RECOVERING) {
            return None;
        }
        let Protocol {
            domain,
            governance_mint,
            total_account,
            ..
        } = self.site.protocol;
        let (payer, incident) = (self.payer(), self.now.domain.open_incident);
        let snapshot = pda::snapshot(&incident, 0);
        let ballot = pda::ballot(&incident, 0);
        let cranker = self.site.host.pubkey();
        let shard = pda::shard(&snapshot, SHARD, &cranker);
        let member = self.member(role::GUARDIAN | role::APPROVER);
        let voter = self.site.voter.pubkey();
        let choice = if self.chance.percent(10) { CHOICE_NONE } else { 0 };
        let mut steps = self.checkpoint_steps(incident);
        steps.extend([
            ("open_snapshot", payer, ix::open_snapshot(domain, payer, incident, 0)),
            (
                "open_shard",
                cranker,
                ix::open_shard(domain, cranker, payer, snapshot, SHARD),
            ),
            (
                "ingest_positions",
                cranker,
                ix::ingest_positions(domain, cranker, snapshot, 0, SHARD, &self.site.positions),
            ),
            (
                "seal_snapshot",
                payer,
                ix::seal_snapshot(domain, incident, 0, total_account, &[shard], &[]),
            ),
            (
                "open_ballot",
                member,
                ix::open_ballot(domain, member, payer, incident, 0),
            ),
            (
                "add_candidate",
                member,
                ix::add_candidate(domain, member, ballot, snapshot),
            ),
            (
                "start_voting",
                member,
                ix::start_voting(domain, member, incident, ballot, governance_mint),
            ),
            ("cast_vote", voter, ix::cast_vote(domain, voter, payer, ballot, choice)),
            ("renew_ballot", member, ix::renew_ballot(domain, member, ballot, None)),
            ("close_vote_record", payer, ix::close_vote_record(ballot, voter)),
        ]);
        let works = |(_, signer, instruction): &(&str, Pubkey, Instruction)| {
            let signers: Vec<_> = (*signer != payer)
                .then(|| self.site.signer(signer))
                .into_iter()
                .collect();
            self.machine.would_work(std::slice::from_ref(instruction), &signers)
        };
        let next = steps.iter().position(works)?;
        let (name, signer, instruction) = steps.into_iter().nth(next)?;
        Some(Move {
            name,
            instruction,
            signer,
            act: Act::Other,
        })
    }

    /// Is the ballot of the open incident decided?
    pub fn is_elected(&self) -> bool {
        let ballot = pda::ballot(&self.now.domain.open_incident, 0);
        let ballot = self.machine.try_load::<Ballot>(&ballot);
        ballot.is_some_and(|ballot| bulkhead_core::ballot::winner(&ballot, self.clock()).is_ok())
    }

    /// Incidents there have been, latest first.
    pub fn last_incident(&self) -> Option<Pubkey> {
        let count = self.now.domain.incident_count.checked_sub(1)?;
        let key = pda::incident(&self.domain(), count);
        self.machine.try_load::<Incident>(&key).map(|_| key)
    }
}
