//! How the honest members of the council decide.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    decision::Decision,
    instructions::{CouncilConfig, MemberConfig, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    domain::council::{counted, member_bit, members},
    proposals::proposal::{Status, progress},
};
use bulkhead_interface::{
    constants::{phase, proposal_state, role},
    layout::{Council, Proposal},
};
use bulkhead_testbed::Machine;

use super::{honest::Honest, moment};
use crate::args::Args;

impl Honest<'_> {
    /// Those with `role` that are not the adversary's.
    fn members(&self, council: &Council, role: u8) -> Vec<Pubkey> {
        let with = members(council).iter().filter(|member| member.roles & role != 0);
        with.map(|member| member.key)
            .filter(|key| *key != self.adversary)
            .collect()
    }

    /// Those that have been silent for half of what they may be, say that they are there.
    pub(super) fn be_heard(&mut self, machine: &mut Machine) -> bool {
        let (domain, council) = (self.site.protocol.domain, self.site.protocol.council(machine));
        let now = machine.clock().unix_timestamp;
        let silent = members(&council)
            .iter()
            .find(|member| member.key != self.adversary && now - member.last_active_ts > council.heartbeat_seconds / 2);
        silent.copied().is_some_and(|member| {
            let heartbeat = ix::heartbeat(domain, member.key, member.last_active_ts);
            self.send(machine, "heartbeat", heartbeat)
        })
    }

    /// What a vetoer alone stops is stopped for good; that it is removed it cannot stop alone.
    pub(super) fn remove_the_vetoer(&mut self, machine: &mut Machine) -> bool {
        let council = self.site.protocol.council(machine);
        let is_there = members(&council).iter().any(|member| member.key == self.adversary);
        if !self.was_vetoed || !is_there {
            return false;
        }
        let old = self.site.model.council.clone();
        let mut config = CouncilConfig {
            members: members(&council)
                .iter()
                .filter(|member| member.key != self.adversary)
                .map(|member| MemberConfig {
                    key: member.key,
                    roles: member.roles,
                })
                .collect(),
            ..old
        };
        let with =
            |config: &CouncilConfig, role| config.members.iter().filter(|member| member.roles & role != 0).count();
        let least = |count: usize, threshold: u8| threshold.min(u8::try_from(count).unwrap_or(u8::MAX));
        let (approvers, guardians) = (with(&config, role::APPROVER), with(&config, role::GUARDIAN));
        for policy in &mut config.policies {
            policy.threshold = least(approvers, policy.threshold);
        }
        config.freeze_threshold = least(guardians, config.freeze_threshold);
        self.decide(machine, &Decision::ChangeCouncil(config).into())
    }

    /// Out of the incident.
    pub(super) fn unpause(&mut self, machine: &mut Machine) -> bool {
        let domain = self.site.state(machine);
        let incident = domain.open_incident;
        match domain.state {
            phase::ALERT => {
                let lapse = ix::close_lapsed_incident(self.site.protocol.domain, incident);
                self.send(machine, "close_lapsed_incident", lapse)
                    || self.decide(machine, &Decision::Resume(ResumeArgs { incident }).into())
            }
            // First what was begun.
            phase::FROZEN
                if self
                    .ledgers
                    .iter()
                    .all(|own| self.is_restored(machine, &incident, *own)) =>
            {
                self.decide(machine, &Decision::Resume(ResumeArgs { incident }).into())
            }
            // Whatever the pools got has been paid by now: that comes before everything else.
            phase::RECOVERING
                if self
                    .ledgers
                    .iter()
                    .all(|own| self.is_restored(machine, &incident, *own)) =>
            {
                let args = ReopenArgs {
                    incident,
                    ramp_bps: 10_000,
                    grace_seconds: 0,
                };
                self.decide(machine, &Decision::Reopen(args).into())
            }
            // In peace a pause lapses by itself.
            _ => false,
        }
    }

    /// One step towards a decision: proposed, approved by all that count, executed when its delay has passed.
    pub(super) fn decide(&mut self, machine: &mut Machine, args: &Args) -> bool {
        let (domain, council) = (self.site.protocol.domain, self.site.protocol.council(machine));
        let (at, payer) = (moment(machine), self.payer(machine));
        let approvers = self.members(&council, role::APPROVER);
        let hash = args.encoded().hash();
        let load = |key: &Pubkey| machine.try_load::<Proposal>(key);
        let vetoed = |key: &Pubkey| load(key).is_some_and(|own| own.state == proposal_state::VETOED);
        self.was_vetoed |= self.proposals.iter().any(vetoed);
        self.proposals.retain(|key| {
            load(key).is_some_and(|own| {
                !matches!(
                    progress(&own, &council, at).status,
                    Status::Executed | Status::Vetoed | Status::Stale | Status::Expired
                )
            })
        });
        let own = self
            .proposals
            .iter()
            .rev()
            .find(|key| load(key).is_some_and(|own| own.payload_hash == hash));
        let Some(key) = own.copied() else {
            return self.propose(machine, args, &approvers);
        };
        let state: Proposal = machine.load(&key);
        match progress(&state, &council, at).status {
            Status::Ready => {
                let authority = ix::Authority {
                    signer: payer,
                    domain,
                    proposal: Some(key),
                };
                let execute = args.instruction(authority, payer, self.site.protocol.mint);
                let is_done = self.send(machine, args.name(), execute);
                if !is_done {
                    // Something is newer: another proposal knows of it.
                    self.proposals.retain(|own| *own != key);
                }
                is_done
            }
            Status::Collecting => {
                let counts = counted(&council, role::APPROVER, at.now);
                let missing = |member: &&Pubkey| {
                    let index = members(&council).iter().position(|own| own.key == **member);
                    let bit = index.map_or(0, member_bit);
                    bit & counts != 0 && bit & state.approvals == 0
                };
                approvers
                    .iter()
                    .filter(missing)
                    .copied()
                    .collect::<Vec<_>>()
                    .into_iter()
                    .any(|member| {
                        let approve = ix::approve(domain, member, key, hash, state.created_slot);
                        self.send(machine, "approve", approve)
                    })
                    || self.approve_anew(machine, &key, &approvers)
            }
            _ => false,
        }
    }

    /// Who came back from a silence approves once more.
    fn approve_anew(&mut self, machine: &mut Machine, key: &Pubkey, approvers: &[Pubkey]) -> bool {
        let state: Proposal = machine.load(key);
        approvers.iter().any(|member| {
            let domain = self.site.protocol.domain;
            let approve = ix::approve(domain, *member, *key, state.payload_hash, state.created_slot);
            self.send(machine, "approve anew", approve)
        })
    }

    fn propose(&mut self, machine: &mut Machine, args: &Args, approvers: &[Pubkey]) -> bool {
        let (domain, payer) = (self.site.protocol.domain, self.payer(machine));
        let Some(proposer) = approvers.first().copied() else {
            return false;
        };
        // What happens in a proposal's own slot is news to it.
        machine.next_slot();
        let index = machine.free_proposal(&domain, &proposer);
        let propose = ix::propose(domain, proposer, payer, index, args.encoded());
        let is_made = self.send(machine, args.name(), propose);
        if is_made {
            self.proposals.push(pda::proposal(&domain, &proposer, index));
        }
        is_made
    }
}
