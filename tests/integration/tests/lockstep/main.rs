//! The built program and the pure machine of `core::machine`, step by step: random acts by random signers at random
//! times succeed and fail together, for the same reason, and leave the same bytes. So what the exhaustive check of
//! `crates/core/tests/small_scope.rs` says of the machine, it says of the program.

#[path = "../model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;
#[path = "../model/said.rs"]
mod said;

mod heard;
mod instructions;
mod random_acts;

use std::{collections::BTreeMap, rc::Rc};

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    authority::core_error,
    instructions::{
        CloseDetectorArgs, CouncilConfig, GrantRightsArgs, LowerLimitArgs, MemberConfig, OpenBreakerArgs, PolicyConfig,
        ReopenArgs, ResumeArgs, SetLimitArgs,
    },
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    acts::{At, NewBreaker, Reopening},
    breakers::window::{Limits, TripLimits},
    domain::council::members,
    machine::{Action, BreakerPlan, Decision, Keys, State, Which},
    pause::incident::number_for_alarm,
};
use bulkhead_guard::action::{DEFAULT_EMERGENCY, TRADE, WITHDRAW};
use bulkhead_interface::{
    constants::SCOPE_DOMAIN,
    layout::{Council, Domain, Incident, OutflowBreaker, PauseBoard, Peer, Proposal},
    seeds::{SEED_INCIDENT, SEED_OUTFLOW, SEED_PEER, SEED_PROPOSAL},
};
use bulkhead_testbed::{Machine, Protocol, Setup, council_config, fallback, keypair};
use bulkhead_tests::{
    encoded,
    peers::{CHAIN, EMITTER, peer_args},
    world_with,
};
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
            ix::register_peer(authority, machine.payer.pubkey(), peer_args()),
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
        let peer = pda::find(&[SEED_PEER, domain.as_ref(), &CHAIN.to_le_bytes(), &EMITTER]);
        let keys = Keys {
            domain,
            breakers: vec![breaker, pda::outflow_breaker(&domain, 2, &protocol.mint, 0)],
            peers: vec![peer],
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
        let mut state = State::new(
            at,
            machine.load(&domain),
            machine.load(&pda::council(&domain)),
            machine.load(&pda::board(&domain)),
            vec![(breaker, machine.load(&breaker))],
        );
        state.peers = Rc::new(vec![(peer.0, machine.load(&peer.0))]);
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
        let (instruction, heard) = match action {
            Action::Peer(action) => (self.peer_instruction(signer.pubkey(), action), Some(self.heard())),
            _ => (self.instruction(signer.pubkey(), action), None),
        };
        let pure = self.state.step(&self.keys, &signer.pubkey(), action);
        let built = self.machine.send(&[instruction], &[signer]);
        let worked = match (pure, built) {
            (Ok(next), Ok(_)) => {
                self.state = next;
                true
            }
            (Err(pure), Err(built)) => {
                let code = match core_error(pure) {
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
        if let Some(before) = heard {
            self.has_only_tightened(&before, story);
        }
        worked
    }

    /// An action's name; an execution's with its kind.
    fn name(&self, action: &Action) -> String {
        let name = match action {
            Action::Peer(action) => format!("{action:?}"),
            _ => format!("{action:?}"),
        };
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
        for (key, peer) in state.peers.iter() {
            same(&machine.load::<Peer>(key), peer, story);
        }
        // The latest of each are all that can have changed, and one chosen at random is compared then.
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
        14 + 4 + 7,
        "every action is tried, and every kind of proposal executed"
    );
    let never: Vec<_> = tally
        .iter()
        .filter(|(_, row)| row.1 == 0)
        .map(|(name, _)| name)
        .collect();
    assert!(never.is_empty(), "never worked: {never:?}");
}
