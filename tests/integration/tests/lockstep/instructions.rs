//! The instruction for an action of the machine.

use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_core::machine::PeerPlan;

use super::*;

impl Twins {
    fn authority(&self, number: usize) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal(number)),
        }
    }

    /// The instruction for an action.
    pub(super) fn instruction(&self, signer: Pubkey, action: &Action) -> Instruction {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let state = &self.state;
        let incidents = state.domain.incident_count;
        let latest = pda::incident(&domain, incidents.saturating_sub(1));
        let proposal = |number: &usize| self.proposal(*number);
        match action {
            Action::Wait { .. } => unreachable!("time is no instruction"),
            Action::Heartbeat => {
                let member = members(&state.council).iter().find(|member| member.key == signer);
                ix::heartbeat(domain, signer, member.map_or(0, |member| member.last_active_ts))
            }
            Action::Pause { scope, mask } => ix::pause(domain, signer, *scope, *mask),
            Action::OpenIncident => ix::open_incident(domain, signer, payer, incidents),
            Action::Confirm => ix::confirm_incident(domain, signer, latest),
            Action::Lapse => ix::close_lapsed_incident(domain, latest),
            Action::Meter(breaker, amount) => ix::meter_outflow(domain, self.keys.breakers[*breaker], signer, *amount),
            Action::LowerLimit(breaker, limits) => {
                let args = LowerLimitArgs {
                    limit: limits.limit,
                    slot_limit: limits.slot_limit,
                    limit_bps: limits.limit_bps,
                    slot_bps: limits.slot_bps,
                    inflow_credit: limits.inflow_credit,
                };
                ix::lower_limit(domain, signer, self.keys.breakers[*breaker], args)
            }
            Action::Propagate(which) => {
                let number = number_for_alarm(&state.domain);
                ix::propagate_trip(domain, payer, which.key(&self.keys), number)
            }
            Action::ObserveAuthority(..)
            | Action::ObserveSolvency(..)
            | Action::ObservePrice(..)
            | Action::Carry(..) => {
                unreachable!("the small scope's only")
            }
            Action::Propose(decision) => {
                let count = u64::try_from(state.proposals.len()).expect("few");
                ix::propose(domain, signer, payer, count, encoded(decision, &self.keys))
            }
            Action::Edit(number, decision) => {
                ix::edit_proposal(domain, signer, payer, proposal(number), encoded(decision, &self.keys))
            }
            Action::Approve(number) => {
                let (record, _) = &state.proposals[*number];
                let (hash, slot) = (record.payload_hash, record.created_slot);
                ix::approve(domain, signer, proposal(number), hash, slot)
            }
            Action::Withdraw(number) => ix::withdraw_approval(domain, signer, proposal(number)),
            Action::Veto(number) => ix::veto(domain, signer, proposal(number)),
            Action::Execute(number) => self.execution(*number),
            Action::Peer(_) => unreachable!("heard"),
            Action::Custody(_) => unreachable!("lockstep_custody"),
            Action::Host(_) => unreachable!("emergency_steps"),
        }
    }

    fn execution(&self, number: usize) -> Instruction {
        let authority = self.authority(number);
        match self.state.proposals[number].1.clone() {
            Decision::Resume { incident } => ix::resume(authority, ResumeArgs { incident }),
            Decision::Reopen(how) => ix::reopen(
                authority,
                ReopenArgs {
                    incident: how.incident,
                    ramp_bps: how.ramp_bps,
                    grace_seconds: how.grace_seconds,
                },
            ),
            Decision::SetLimit(breaker, limits) => ix::set_limit(
                authority,
                SetLimitArgs {
                    breaker: self.keys.breakers[breaker],
                    limit: limits.limit,
                    slot_limit: limits.slot_limit,
                    limit_bps: limits.limit_bps,
                    slot_bps: limits.slot_bps,
                    inflow_credit: limits.inflow_credit,
                    trip_limit: 0,
                    trip_bps: 0,
                },
            ),
            Decision::ChangeCouncil(plan) => ix::change_council(authority, config_of(&plan)),
            Decision::OpenBreaker(_, plan) => ix::open_breaker(authority, self.keys.payer, args_of(&plan)),
            Decision::SetLink(_) => unreachable!("the small scope's only"),
            Decision::RegisterPeer(_, plan) => ix::register_peer(authority, self.keys.payer, peer_args_of(&plan)),
            Decision::RegisterEvacuationRoute(..) | Decision::CancelRelease(..) => unreachable!("lockstep_custody"),
            Decision::Close(which) => ix::close_detector(
                authority,
                CloseDetectorArgs {
                    detector: which.key(&self.keys),
                    receiver: self.keys.payer,
                },
            ),
            Decision::Grant(member, pause_rights) => {
                ix::grant_rights(authority, GrantRightsArgs { member, pause_rights })
            }
        }
    }
}

fn args_of(plan: &BreakerPlan) -> OpenBreakerArgs {
    let NewBreaker { limits, trip, .. } = &plan.with;
    OpenBreakerArgs {
        compartment: plan.compartment,
        shard: plan.with.shard,
        mint: plan.with.mint,
        authority: plan.with.authority,
        sub_windows: plan.with.sub_windows,
        trip_scope: plan.trip_scope,
        window_seconds: plan.with.window_seconds,
        limit: limits.limit,
        slot_limit: limits.slot_limit,
        latch_seconds: plan.latch_seconds,
        shards: plan.with.shards,
        limit_bps: limits.limit_bps,
        slot_bps: limits.slot_bps,
        reference: plan.with.reference,
        inflow_credit: limits.inflow_credit,
        trip_limit: trip.limit,
        trip_bps: trip.bps,
    }
}

fn peer_args_of(plan: &PeerPlan) -> RegisterPeerArgs {
    let terms = plan.terms();
    RegisterPeerArgs {
        chain: terms.chain,
        emitter: terms.emitter,
        sender: terms.sender,
        transports: terms.transports,
        bridge: terms.bridge,
        finality: terms.finality,
        pause_finality: terms.pause_finality,
        remote_scope: terms.remote_scope,
        remote_mask: terms.remote_mask,
        compartments: terms.compartments,
        mask: terms.mask,
        pause_rights: terms.pause_rights,
        max_age_seconds: terms.max_age_seconds,
        rotation_seconds: terms.rotation_seconds,
        after_sequence: terms.after_sequence,
        threshold: terms.threshold,
        attesters: terms.attesters.to_vec(),
    }
}

fn config_of(plan: &Council) -> CouncilConfig {
    let policies = plan.policies.map(|policy| PolicyConfig {
        threshold: policy.threshold,
        delay_seconds: policy.delay_seconds,
        expiry_seconds: policy.expiry_seconds,
    });
    CouncilConfig {
        members: members(plan)
            .iter()
            .map(|member| MemberConfig {
                key: member.key,
                roles: member.roles,
            })
            .collect(),
        freeze_threshold: plan.freeze_threshold,
        pause_rights: plan.pause_rights,
        veto_rights: plan.veto_rights,
        guardian_pause_seconds: plan.guardian_pause_seconds,
        trip_seconds: plan.trip_seconds,
        default_mask: plan.default_mask,
        policies,
        heartbeat_seconds: plan.heartbeat_seconds,
        guardian_pauses_per_day: plan.guardian_pauses_per_day,
        guardian_pauses_in_a_row: plan.guardian_pauses_in_a_row,
        fallback: plan.fallback,
        fallback_seconds: plan.fallback_seconds,
    }
}
