//! The built program and the pure machine of `core::machine`, step by step: random acts by random signers at random
//! times succeed and fail together, for the same reason, and leave the same bytes. So what the exhaustive check of
//! `crates/core/tests/small_scope` says of the machine, it says of the program.

#[path = "model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;

use std::{collections::BTreeMap, rc::Rc};

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    authority::act_error,
    instructions::{
        CloseDetectorArgs, CouncilConfig, GrantRightsArgs, LowerLimitArgs, MemberConfig, OpenBreakerArgs, PolicyConfig,
        ReopenArgs, ResumeArgs, SetLimitArgs,
    },
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    acts::{At, NewBreaker, Reopening},
    council::members,
    incident::number_for_alarm,
    machine::{Action, BreakerPlan, Decision, Keys, State, Which},
    window::{Limits, TripLimits},
};
use bulkhead_guard::action::{DEFAULT_EMERGENCY, TRADE, WITHDRAW};
use bulkhead_interface::{
    constants::SCOPE_DOMAIN,
    layout::{Council, Domain, Incident, OutflowBreaker, PauseBoard, Proposal},
    seeds::{SEED_INCIDENT, SEED_OUTFLOW, SEED_PROPOSAL},
};
use bulkhead_testbed::{Machine, Protocol, Setup, council_config, fallback, keypair};
use bulkhead_tests::{encoded, world_with};
use bytemuck::Zeroable;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::rng::Rng;

const SEEDS: u64 = 4;
const STEPS: u64 = 2_500;
/// Incidents and proposals there can be.
const MOST: u64 = 400;
const HOUR: i64 = 3_600;

/// One domain, twice.
struct Twins {
    machine: Machine,
    protocol: Protocol,
    host: Keypair,
    keys: Keys,
    state: State,
}

impl Twins {
    fn new(seed: u64) -> Self {
        let setup = Setup {
            activate: false,
            ..Setup::default()
        };
        let (mut machine, protocol) = world_with(&setup);
        let (host, domain) = (keypair("metering host"), protocol.domain);
        let authority = ix::Authority {
            signer: protocol.setup_authority.pubkey(),
            domain,
            proposal: None,
        };
        let args = OpenBreakerArgs {
            compartment: 1,
            shards: 1,
            mint: protocol.mint,
            authority: host.pubkey(),
            sub_windows: 6,
            trip_scope: if seed.is_multiple_of(2) { 1 } else { SCOPE_DOMAIN },
            window_seconds: HOUR,
            limit: 100_000,
            slot_limit: 60_000,
            latch_seconds: 2 * HOUR,
            ..OpenBreakerArgs::default()
        };
        let breaker = pda::outflow_breaker(&domain, 1, &protocol.mint, 0);
        let steps = [
            ix::open_breaker(authority, machine.payer.pubkey(), args),
            ix::activate_domain(protocol.setup_authority.pubkey()),
        ];
        for step in steps {
            protocol.must(&mut machine, &[step], &[&protocol.setup_authority]);
        }
        let incident = |number: u64| pda::find(&[SEED_INCIDENT, domain.as_ref(), &number.to_le_bytes()]);
        let by = |proposer: &Keypair| {
            let proposer = proposer.pubkey();
            let address =
                |number: u64| pda::find(&[SEED_PROPOSAL, domain.as_ref(), proposer.as_ref(), &number.to_le_bytes()]);
            (proposer, (0..MOST).map(address).collect())
        };
        let signers = signers_of(&protocol, &host);
        let keys = Keys {
            domain,
            breakers: vec![breaker, pda::outflow_breaker(&domain, 2, &protocol.mint, 0)],
            incidents: (0..MOST).map(incident).collect(),
            proposals: signers.iter().map(by).collect(),
            payer: machine.payer.pubkey(),
            ..Keys::default()
        };
        let clock = machine.clock();
        let at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        let state = State::new(
            at,
            machine.load(&domain),
            machine.load(&pda::council(&domain)),
            machine.load(&pda::board(&domain)),
            vec![(breaker, machine.load(&breaker))],
        );
        Self {
            machine,
            protocol,
            host,
            keys,
            state,
        }
    }

    /// Everyone who may sign something: members, one who may become one, the host, the fallback, a stranger.
    fn signers(&self) -> Vec<Keypair> {
        signers_of(&self.protocol, &self.host)
    }

    /// Where the proposal with this number is.
    fn proposal(&self, number: usize) -> Pubkey {
        let (record, _) = &self.state.proposals[number];
        pda::proposal(&self.protocol.domain, &record.proposer, record.index)
    }

    fn authority(&self, number: usize) -> ix::Authority {
        ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal(number)),
        }
    }

    /// The instruction for an action.
    fn instruction(&self, signer: Pubkey, action: &Action) -> Instruction {
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
            Action::Custody(_) => unreachable!("lockstep_custody.rs"),
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
            Decision::RegisterEvacuationRoute(..) | Decision::CancelRelease(..) => unreachable!("lockstep_custody.rs"),
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

    /// Both do it: together or not at all, for the same reason, with the same bytes.
    fn step(&mut self, signer: &Keypair, action: &Action, story: &str) -> bool {
        if let Action::Wait { .. } = action {
            self.state = self
                .state
                .step(&self.keys, &signer.pubkey(), action)
                .unwrap_or_else(|error| panic!("{story}: {error:?}"));
            self.machine.set_clock(self.state.at.slot, self.state.at.now);
            return true;
        }
        let instruction = self.instruction(signer.pubkey(), action);
        let pure = self.state.step(&self.keys, &signer.pubkey(), action);
        let built = self.machine.send(&[instruction], &[signer]);
        let worked = match (pure, built) {
            (Ok(next), Ok(_)) => {
                self.state = next;
                true
            }
            (Err(pure), Err(built)) => {
                let code = match act_error(pure) {
                    anchor_lang::error::Error::AnchorError(error) => error.error_code_number,
                    other => panic!("{story}: {other:?}"),
                };
                // Where accounts are looked at before the act is: no such incident, no such address, a breaker there already.
                let is_by_account = matches!(built.code(), Some(0 | 2_000..4_000 | 6_108)) || built.code().is_none();
                assert!(
                    is_by_account || built.code() == Some(code),
                    "{story}: {pure:?} here, {} there",
                    built.error
                );
                false
            }
            (pure, built) => panic!(
                "{story}: here {:?}, there {:?}",
                pure.err(),
                built
                    .err()
                    .map(|built| (built.error.clone(), built.outcome.logs.clone()))
            ),
        };
        self.compare(story);
        worked
    }

    /// An action's name; an execution's with its kind.
    fn name(&self, action: &Action) -> String {
        let name = format!("{action:?}");
        let name = name.split([' ', '(', '{']).next().unwrap_or_default();
        match action {
            Action::Execute(number) => format!("{name} {}", self.state.proposals[*number].1.kind().name()),
            _ => name.to_owned(),
        }
    }

    fn compare(&self, story: &str) {
        let (machine, state, domain) = (&self.machine, &self.state, self.protocol.domain);
        same(&machine.load::<Domain>(&domain), &*state.domain, story);
        same(&machine.load::<Council>(&pda::council(&domain)), &*state.council, story);
        same(&machine.load::<PauseBoard>(&pda::board(&domain)), &*state.board, story);
        for (key, breaker) in state.breakers.iter() {
            same(&machine.load::<OutflowBreaker>(key), breaker, story);
        }
        // The latest of each are all that can have changed, and one that was chosen by rng is looked at then.
        for (number, incident) in state.incidents.iter().enumerate().rev().take(3) {
            same(
                &machine.load::<Incident>(&self.keys.incidents[number].0),
                incident,
                story,
            );
        }
        for (number, (proposal, _)) in state.proposals.iter().enumerate() {
            same(&machine.load::<Proposal>(&self.proposal(number)), proposal, story);
        }
    }

    /// What somebody might do now.
    fn action(&self, rng: &mut Rng) -> Action {
        let state = &self.state;
        let proposals = state.proposals.len();
        // Mostly the latest few, which are alive.
        let number = proposals.saturating_sub(1 + rng.index(4));
        let breaker = rng.index(state.breakers.len());
        let limit = state.breakers[breaker].1.limit;
        match rng.below(if proposals == 0 { 26 } else { 60 }) {
            0..7 => wait(rng),
            7 => Action::Heartbeat,
            8..10 => Action::Pause {
                scope: rng.pick(&[0, 1, 1, 63, 64, SCOPE_DOMAIN]),
                mask: rng.pick(&[0, WITHDRAW, TRADE, u32::MAX]),
            },
            10..12 => Action::OpenIncident,
            12..15 => Action::Confirm,
            15 => Action::Lapse,
            16..19 => Action::Meter(breaker, rng.pick(&[0, 1, limit / 5, limit / 3, limit, 3 * limit])),
            19 => {
                let part = rng.pick(&[3, 5, 9, 10, 11]);
                Action::LowerLimit(breaker, limits(limit * part / 10))
            }
            20..22 => Action::Propagate(Which::Breaker(breaker)),
            22..26 => Action::Propose(self.decision(rng)),
            26..44 => Action::Approve(number),
            44..47 => Action::Withdraw(number),
            47 => Action::Veto(number),
            48..50 => Action::Edit(number, self.decision(rng)),
            _ => Action::Execute(number),
        }
    }

    fn decision(&self, rng: &mut Rng) -> Decision {
        let state = &self.state;
        let back = rng.below(8) / 7;
        let number = state.domain.incident_count.saturating_sub(1 + back);
        let incident = pda::incident(&self.protocol.domain, number);
        match rng.below(9) {
            0..4 if state.domain.open_incident != Pubkey::default() || rng.percent(20) => Decision::Resume { incident },
            0..4 => Decision::Reopen(Reopening {
                incident,
                ramp_bps: rng.pick(&[1, 2_500, 10_000, 10_001]),
                grace_seconds: rng.pick(&[0, HOUR, -1]),
            }),
            6 => Decision::OpenBreaker(1, Rc::new(self.second_breaker())),
            4 => Decision::SetLimit(0, limits(1 + rng.below(200_000))),
            5 => {
                let member = state.council.members[rng.index(5)].key;
                Decision::Grant(member, if rng.percent(70) { 1 } else { rng.byte(4) })
            }
            _ => Decision::ChangeCouncil(Rc::new(self.plan(rng))),
        }
    }

    /// A breaker of another compartment, that a proposal opens.
    fn second_breaker(&self) -> BreakerPlan {
        let (domain, mint) = (self.protocol.domain, self.protocol.mint);
        let (_, bump) = pda::find(&[SEED_OUTFLOW, domain.as_ref(), &[2], mint.as_ref(), &[0]]);
        BreakerPlan {
            bump,
            compartment: 2,
            trip_scope: 2,
            latch_seconds: 2 * HOUR,
            with: NewBreaker {
                shard: 0,
                shards: 1,
                sub_windows: 6,
                window_seconds: HOUR,
                mint,
                authority: self.host.pubkey(),
                reference: Pubkey::default(),
                limits: limits(100_000),
                trip: TripLimits::default(),
            },
        }
    }

    /// Another council of the same people, or one of them replaced; now and then none that could act.
    fn plan(&self, rng: &mut Rng) -> Council {
        let config = council_config(&self.protocol.members);
        let mut plan = Council {
            member_count: 5,
            freeze_threshold: rng.pick(&[1, 2, 2, 3, 4]),
            pause_rights: rng.pick(&[2, 9, 200]),
            veto_rights: rng.pick(&[0, 1, 2, 200]),
            guardian_pause_seconds: rng.within(HOUR, 6 * HOUR),
            trip_seconds: rng.within(HOUR, 6 * HOUR),
            default_mask: rng.pick(&[DEFAULT_EMERGENCY, TRADE]),
            guardian_pauses_per_day: rng.pick(&[1, 3, 200]),
            guardian_pauses_in_a_row: rng.pick(&[1, 3, 200]),
            heartbeat_seconds: rng.pick(&[24, 48, 90 * 24]) * HOUR,
            fallback_seconds: 7 * 24 * HOUR,
            fallback: fallback().pubkey(),
            ..Council::zeroed()
        };
        for (member, new) in plan.members.iter_mut().zip(&config.members) {
            (member.key, member.roles) = (new.key, new.roles);
        }
        if rng.percent(30) {
            plan.members[2].key = keypair("alternate").pubkey();
        }
        for policy in &mut plan.policies {
            policy.threshold = 1 + rng.byte(3);
            policy.delay_seconds = rng.within(HOUR, 3 * HOUR);
            policy.expiry_seconds = policy.delay_seconds + rng.within(24, 200) * HOUR;
        }
        plan
    }
}

/// Everyone who may sign something.
fn signers_of(protocol: &Protocol, host: &Keypair) -> Vec<Keypair> {
    let mut all: Vec<_> = protocol.members.iter().map(Keypair::insecure_clone).collect();
    all.extend([
        keypair("alternate"),
        keypair("stranger"),
        fallback(),
        host.insecure_clone(),
    ]);
    all
}

fn wait(rng: &mut Rng) -> Action {
    let seconds = match rng.below(20) {
        0..6 => 0,
        6..15 => rng.within(1, HOUR),
        15..19 => rng.within(HOUR, 12 * HOUR),
        _ => rng.within(1, 10) * 24 * HOUR,
    };
    Action::Wait {
        slots: 1 + u64::try_from(seconds).expect("a time") * 2,
        seconds,
    }
}

fn limits(limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit: limit * 6 / 10,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
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

fn same<T: bytemuck::Pod>(built: &T, pure: &T, story: &str) {
    let (built, pure) = (bytemuck::bytes_of(built), bytemuck::bytes_of(pure));
    let differs = built.iter().zip(pure).position(|(built, pure)| built != pure);
    assert_eq!(differs, None, "{story}: {} differs at", std::any::type_name::<T>());
}

#[test]
fn the_program_and_the_machine_never_part() {
    // Tried and worked, by action.
    let mut tally: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut rng = Rng::new(1_000 + seed);
        let mut twins = Twins::new(seed);
        let signers = twins.signers();
        for step in 0..STEPS {
            let action = twins.action(&mut rng);
            // Mostly a member; for metering mostly the host.
            let index = match action {
                Action::Meter(..) if rng.percent(90) => signers.len() - 1,
                _ if rng.percent(70) => rng.index(3),
                _ if rng.percent(50) => rng.index(5),
                _ => rng.index(signers.len()),
            };
            let story = format!("seed {seed}, step {step}: {action:?} by {index}");
            let name = twins.name(&action);
            let worked = twins.step(&signers[index], &action, &story);
            let row = tally.entry(name).or_default();
            *row = (row.0 + 1, row.1 + u64::from(worked));
        }
    }
    for (name, (tried, worked)) in &tally {
        println!("{name:12} {worked:5} of {tried:5}");
    }
    assert_eq!(
        tally.len(),
        14 + 6,
        "every action is tried, and every kind of proposal executed"
    );
    let never: Vec<_> = tally
        .iter()
        .filter(|(_, row)| row.1 == 0)
        .map(|(name, _)| name)
        .collect();
    assert!(never.is_empty(), "never worked: {never:?}");
}
