//! Custody in the built program and in the pure machine of `core::machine`, step by step: releases, the queue, routes and
//! evacuations under incidents and proposals succeed and fail together, for the same reason, and leave the same bytes and
//! the same tokens. So what `crates/core/tests/custody_scope` says of the machine, it says of the program.

#[path = "model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;

use std::{collections::BTreeMap, rc::Rc};

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    authority::act_error,
    instructions::{CancelReleasesArgs, RegisterEvacuationRouteArgs, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    acts::{At, Reopening},
    incident::number_for_alarm,
    machine::{Action, Custody, CustodyAction as Do, Decision, Keys, State, Token, Which},
    release_list,
};
use bulkhead_interface::{
    constants::proposal_state,
    layout::{Council, Domain, Incident, Migration, OutflowBreaker, PauseBoard, Proposal, Release, Vault},
    seeds::{SEED_INCIDENT, SEED_MIGRATION, SEED_PROPOSAL, SEED_RELEASE},
};
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{encoded, world};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::rng::Rng;

const SEEDS: u64 = 16;
const STEPS: u64 = 1_500;
/// Incidents, proposals and releases there can be.
const MOST: u64 = 400;
const HOUR: i64 = 3_600;

// Token accounts, by number: custody, two of each user, two of the domain.
const CUSTODY: usize = 0;
const ROUTES: [usize; 2] = [5, 6];
const ALL: usize = 7;

/// One domain, twice.
struct Twins {
    machine: Machine,
    protocol: Protocol,
    keys: Keys,
    state: State,
}

impl Twins {
    fn new() -> Self {
        let (mut machine, protocol) = world();
        let (domain, vault) = (protocol.domain, protocol.vault.vault);
        let users = [keypair("first user").pubkey(), keypair("second user").pubkey()];
        let mut keys = vec![(protocol.custody(), vault)];
        for (number, holder) in [users[0], users[0], users[1], users[1]].into_iter().enumerate() {
            let key = keypair(&format!("account {number}")).pubkey();
            machine.create_token_account(&key, &protocol.mint, &holder, 1_000);
            keys.push((key, holder));
        }
        let spare = keypair("spare recovery account").pubkey();
        machine.create_token_account(&spare, &protocol.mint, &domain, 0);
        keys.extend([(protocol.recovery_account, domain), (spare, domain)]);
        let tokens = keys.iter().map(|(key, holder)| Token {
            key: *key,
            holder: *holder,
            amount: machine.balance(key),
            is_frozen: false,
        });
        let custody = Custody {
            vaults: vec![(vault, machine.load(&vault))],
            tokens: tokens.collect(),
            ..Custody::default()
        };
        let numbered = |seed: &[u8], of: &Pubkey| {
            let address = |number: u64| pda::find(&[seed, of.as_ref(), &number.to_le_bytes()]);
            (0..MOST).map(address).collect::<Vec<_>>()
        };
        let by = |proposer: &Keypair| {
            let proposer = proposer.pubkey();
            let address =
                |number: u64| pda::find(&[SEED_PROPOSAL, domain.as_ref(), proposer.as_ref(), &number.to_le_bytes()]);
            (proposer, (0..MOST).map(address).collect())
        };
        let incidents = numbered(SEED_INCIDENT, &domain);
        let breaker = protocol.vault.breaker;
        let keys = Keys {
            domain,
            breakers: vec![breaker],
            migrations: incidents
                .iter()
                .map(|(incident, _)| pda::find(&[SEED_MIGRATION, incident.as_ref()]))
                .collect(),
            incidents,
            proposals: signers_of(&protocol).iter().map(by).collect(),
            releases: numbered(SEED_RELEASE, &vault),
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
        state.custody = Rc::new(custody);
        Self {
            machine,
            protocol,
            keys,
            state,
        }
    }

    /// The guardians, a vetoer, another approver, both users, the operator, a stranger.
    fn signers(&self) -> Vec<Keypair> {
        signers_of(&self.protocol)
    }

    /// Where the proposal with this number is.
    fn proposal(&self, number: usize) -> Pubkey {
        let (record, _) = &self.state.proposals[number];
        pda::proposal(&self.protocol.domain, &record.proposer, record.index)
    }

    fn token(&self, number: usize) -> Pubkey {
        self.state.custody.tokens[number].key
    }

    fn latest(&self) -> Pubkey {
        let count = self.state.domain.incident_count;
        pda::incident(&self.protocol.domain, count.saturating_sub(1))
    }

    /// The instruction for an action.
    fn instruction(&self, signer: Pubkey, action: &Action) -> Instruction {
        let (domain, payer) = (self.protocol.domain, self.machine.payer.pubkey());
        let (state, vault) = (&self.state, self.protocol.vault);
        let incidents = state.domain.incident_count;
        let release = |number: usize| self.keys.releases[number].0;
        let proposal = |number: &usize| self.proposal(*number);
        let trip = |detector| ix::propagate_trip(domain, payer, detector, number_for_alarm(&state.domain));
        match action {
            Action::OpenIncident => ix::open_incident(domain, signer, payer, incidents),
            Action::Confirm => ix::confirm_incident(domain, signer, self.latest()),
            Action::Lapse => ix::close_lapsed_incident(domain, self.latest()),
            Action::Propagate(_) => trip(vault.breaker),
            Action::Propose(decision) => {
                let index = u64::try_from(state.proposals.len()).expect("few");
                ix::propose(domain, signer, payer, index, encoded(decision, &self.keys))
            }
            Action::Approve(number) => {
                let (record, _) = &state.proposals[*number];
                let (hash, slot) = (record.payload_hash, record.created_slot);
                ix::approve(domain, signer, proposal(number), hash, slot)
            }
            Action::Execute(number) => self.execution(*number),
            Action::Custody(action) => match *action {
                Do::Release(_, token, amount) => {
                    let index = state.custody.releases.len() as u64;
                    ix::release(vault, signer, payer, self.token(token), amount, index)
                }
                Do::ReleaseAgain(_, token, amount) => ix::release(vault, signer, payer, self.token(token), amount, 0),
                Do::Settle(number, token) => ix::settle_release(vault, self.token(token), release(number)),
                Do::Redirect(number, token) => {
                    ix::redirect_release(signer, vault.vault, release(number), self.token(token))
                }
                Do::Cancel(number) => ix::cancel_release(domain, signer, self.latest(), vault.vault, release(number)),
                Do::CancelListed(number) => ix::cancel_listed_release(vault.vault, release(number), vec![]),
                Do::ConfirmEvacuation => ix::confirm_evacuation(domain, signer, payer, self.latest()),
                Do::Evacuate(_, token) => ix::evacuate(vault, self.latest(), self.token(token)),
                Do::ObserveEvacuationRoute(_) => {
                    ix::observe_evacuation_route(domain, vault.vault, state.custody.vaults[0].1.route)
                }
                Do::PropagateEvacuationRoute(_) => trip(vault.vault),
                Do::ReleaseOf(..) | Do::Receive(..) => unreachable!("the small scope's only"),
                Do::Deposit(..) | Do::Reown(..) | Do::Freeze(..) => unreachable!("no instruction of Bulkhead's"),
            },
            _ => unreachable!("lockstep.rs"),
        }
    }

    fn execution(&self, number: usize) -> Instruction {
        let authority = ix::Authority {
            signer: self.machine.payer.pubkey(),
            domain: self.protocol.domain,
            proposal: Some(self.proposal(number)),
        };
        match self.state.proposals[number].1.clone() {
            Decision::Resume { incident } => ix::resume(authority, ResumeArgs { incident }),
            Decision::Reopen(how) => {
                let args = ReopenArgs {
                    incident: how.incident,
                    ramp_bps: how.ramp_bps,
                    grace_seconds: how.grace_seconds,
                };
                ix::reopen(authority, args)
            }
            Decision::RegisterEvacuationRoute(_, _, [vault, destination]) => {
                ix::register_evacuation_route(authority, RegisterEvacuationRouteArgs { vault, destination })
            }
            Decision::CancelRelease(_, vault, root) => {
                ix::cancel_releases(authority, CancelReleasesArgs { vault, root })
            }
            _ => unreachable!("lockstep.rs"),
        }
    }

    /// What is nobody's instruction is done to both: time, and what others do to token accounts.
    fn outside(&mut self, action: &Action) -> bool {
        match *action {
            Action::Wait { .. } => {
                let (slot, now) = (self.state.at.slot, self.state.at.now);
                self.machine.set_clock(slot, now);
            }
            Action::Custody(Do::Deposit(_, token, _)) => {
                for number in [CUSTODY, token] {
                    let Token { key, amount, .. } = self.state.custody.tokens[number];
                    self.poke(&key, 64, &amount.to_le_bytes());
                }
            }
            Action::Custody(Do::Reown(token, holder)) => self.poke(&self.token(token), 32, holder.as_ref()),
            Action::Custody(Do::Freeze(token, is_frozen)) => {
                self.poke(&self.token(token), 108, &[1 + u8::from(is_frozen)]);
            }
            _ => return false,
        }
        true
    }

    fn poke(&mut self, key: &Pubkey, at: usize, bytes: &[u8]) {
        let mut account = self.machine.account(key).expect("it exists");
        account.data[at..at + bytes.len()].copy_from_slice(bytes);
        self.machine.write_account(key, account);
    }

    /// Both do it: together or not at all, for the same reason, with the same bytes.
    fn step(&mut self, signer: &Keypair, action: &Action, story: &str) -> bool {
        let pure = self.state.step(&self.keys, &signer.pubkey(), action);
        let is_outside = matches!(
            action,
            Action::Wait { .. } | Action::Custody(Do::Deposit(..) | Do::Reown(..) | Do::Freeze(..))
        );
        if is_outside {
            let Ok(next) = pure else { return false };
            self.state = next;
            return self.outside(action);
        }
        let instruction = self.instruction(signer.pubkey(), action);
        let worked = match (pure, self.machine.send(&[instruction], &[signer])) {
            (Ok(next), Ok(_)) => {
                self.state = next;
                true
            }
            (Err(pure), Err(built)) => {
                let code = match act_error(pure) {
                    anchor_lang::error::Error::AnchorError(error) => error.error_code_number,
                    other => panic!("{story}: {other:?}"),
                };
                // Where accounts are looked at before the act is: no such incident or migration, no such address; the
                // vault's own custody, which is no destination of a release whatever else is wrong.
                let is_by_account =
                    matches!(built.code(), Some(2_000..4_000 | 6_108 | 6_412)) || built.code().is_none();
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

    fn compare(&self, story: &str) {
        let (machine, state, domain) = (&self.machine, &self.state, self.protocol.domain);
        same(&machine.load::<Domain>(&domain), &*state.domain, story);
        same(&machine.load::<Council>(&pda::council(&domain)), &*state.council, story);
        same(&machine.load::<PauseBoard>(&pda::board(&domain)), &*state.board, story);
        for (key, breaker) in state.breakers.iter() {
            same(&machine.load::<OutflowBreaker>(key), breaker, story);
        }
        for (number, incident) in state.incidents.iter().enumerate() {
            let key = self.keys.incidents[number].0;
            same(&machine.load::<Incident>(&key), incident, story);
        }
        for (number, (proposal, _)) in state.proposals.iter().enumerate().rev().take(8) {
            let key = self.proposal(number);
            same(&machine.load::<Proposal>(&key), proposal, story);
        }
        let custody = &state.custody;
        for (key, vault) in &custody.vaults {
            same(&machine.load::<Vault>(key), vault, story);
        }
        for (key, release) in custody.releases.iter().rev().take(20) {
            same(&machine.load::<Release>(key), release, story);
        }
        for (number, migration) in custody
            .migrations
            .iter()
            .enumerate()
            .filter(|(_, one)| one.version != 0)
        {
            let key = self.keys.migrations[number].0;
            same(&machine.load::<Migration>(&key), migration, story);
        }
        for token in &custody.tokens {
            assert_eq!(machine.balance(&token.key), token.amount, "{story}: {}", token.key);
        }
    }

    /// What somebody might do now.
    fn action(&self, rng: &mut Rng) -> Action {
        let state = &self.state;
        let (proposals, releases) = (state.proposals.len(), state.custody.releases.len());
        let proposal = proposals.saturating_sub(1 + rng.index(3));
        // Most are executed once they are approved; in peace the one that raises the stage.
        let is_peace = state.domain.open_incident == Pubkey::default();
        let is_ripe = |(record, decision): &(Proposal, Decision)| {
            let is_open = record.state == proposal_state::OPEN && state.at.now < record.expires_ts;
            is_open && record.approved_ts != 0 && matches!(decision, Decision::Reopen(_)) == is_peace
        };
        let ripe = state.proposals.iter().rposition(is_ripe);
        let ripe = ripe.filter(|_| rng.percent(60)).unwrap_or(proposal);
        let release = releases.saturating_sub(1 + rng.index(6));
        let token = rng.index(ALL);
        let record = state.custody.releases.get(release);
        // Mostly where it has to go.
        let named = record.and_then(|(_, record)| {
            let is_named = |token: &Token| token.key == record.destination;
            state.custody.tokens.iter().position(is_named)
        });
        let named = named.filter(|_| rng.percent(80)).unwrap_or(token);
        let route = state.custody.vaults[0].1.route;
        let route = state.custody.tokens.iter().position(|token| token.key == route);
        let route = route.filter(|_| rng.percent(90)).unwrap_or(token);
        let holders = ["first user", "second user"].map(|name| keypair(name).pubkey());
        let custody = match rng.below(if releases == 0 { 40 } else { 60 }) {
            0..9 => {
                let seconds = rng.pick(&[0, 1, HOUR / 3, HOUR, HOUR, 25 * HOUR, 80 * HOUR]);
                return Action::Wait {
                    slots: 1 + u64::try_from(seconds).expect("a time") * 2,
                    seconds,
                };
            }
            9..11 => Do::ReleaseAgain(0, token, rng.pick(&[1, 60_001, 90_000, u64::MAX])),
            11..16 => Do::Release(0, token, rng.pick(&[0, 1, 20_000, 30_000, 60_001, 400_000, u64::MAX])),
            16 => return Action::OpenIncident,
            17 => Do::ObserveEvacuationRoute(0),
            18..20 => return Action::Confirm,
            20 => return Action::Propagate(Which::Breaker(0)),
            21 => Do::PropagateEvacuationRoute(0),
            22..24 => Do::ConfirmEvacuation,
            24..27 => Do::Evacuate(0, route),
            27 => Do::Deposit(0, 1 + rng.index(4), rng.pick(&[1, 500])),
            28 => Do::Reown(1 + rng.index(4), rng.pick(&holders)),
            29 => {
                let number = if rng.percent(30) {
                    rng.pick(&ROUTES)
                } else {
                    1 + rng.index(4)
                };
                Do::Freeze(number, !state.custody.tokens[number].is_frozen)
            }
            30 => return Action::Lapse,
            31..34 => return Action::Propose(self.decision(rng)),
            34..40 if proposals > 0 => {
                return if rng.percent(60) {
                    Action::Approve(proposal)
                } else {
                    Action::Execute(ripe)
                };
            }
            34..40 => Do::ObserveEvacuationRoute(0),
            40..52 => Do::Settle(release, named),
            52..57 => Do::Redirect(release, token),
            57..66 => Do::CancelListed(release),
            _ => Do::Cancel(release),
        };
        Action::Custody(custody)
    }

    fn decision(&self, rng: &mut Rng) -> Decision {
        let state = &self.state;
        let incident = self.latest();
        if rng.percent(30) {
            let token = if rng.percent(80) {
                rng.pick(&ROUTES)
            } else {
                rng.index(ALL)
            };
            return Decision::RegisterEvacuationRoute(0, token, [self.protocol.vault.vault, self.token(token)]);
        }
        let releases = state.custody.releases.len();
        if releases > 0 && rng.percent(30) {
            let number = rng.index(releases);
            let (key, record) = state.custody.releases[number];
            let root = release_list::leaf(&key, record.requested_slot);
            return Decision::CancelRelease(number, self.protocol.vault.vault, root);
        }
        if state.domain.open_incident != Pubkey::default() {
            return Decision::Resume { incident };
        }
        Decision::Reopen(Reopening {
            incident,
            ramp_bps: rng.pick(&[2_500, 10_000]),
            grace_seconds: 0,
        })
    }
}

/// An action's name; an execution's with its kind.
fn name(state: &State, action: &Action) -> String {
    let named = match action {
        Action::Custody(action) => format!("{action:?}"),
        action => format!("{action:?}"),
    };
    let named = named.split([' ', '(', '{']).next().unwrap_or_default();
    match action {
        Action::Execute(number) => format!("{named} {}", state.proposals[*number].1.kind().name()),
        _ => named.to_owned(),
    }
}

fn same<T: bytemuck::Pod>(built: &T, pure: &T, story: &str) {
    let (built, pure) = (bytemuck::bytes_of(built), bytemuck::bytes_of(pure));
    let differs = built.iter().zip(pure).position(|(built, pure)| built != pure);
    assert_eq!(differs, None, "{story}: {} differs at", std::any::type_name::<T>());
}

#[test]
fn custody_of_the_program_and_of_the_machine_never_part() {
    // Tried and worked, by action.
    let mut tally: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for seed in 0..SEEDS {
        let mut rng = Rng::new(3_000 + seed);
        let mut twins = Twins::new();
        let signers = twins.signers();
        let supply = twins.state.custody.supply();
        for step in 0..STEPS {
            let action = twins.action(&mut rng);
            let owner = match action {
                Action::Custody(Do::Redirect(number, _)) => twins.state.custody.releases[number].1.owner,
                _ => Pubkey::default(),
            };
            let index = match action {
                Action::Custody(Do::Release(..) | Do::ReleaseAgain(..)) if rng.percent(95) => 7,
                _ if owner != Pubkey::default() && rng.percent(80) => {
                    signers.iter().position(|signer| signer.pubkey() == owner).unwrap_or(8)
                }
                _ if rng.percent(80) => rng.index(3),
                _ => rng.index(signers.len()),
            };
            let story = format!("seed {seed}, step {step}: {action:?} by {index}");
            let name = name(&twins.state, &action);
            let worked = twins.step(&signers[index], &action, &story);
            let row = tally.entry(name).or_default();
            *row = (row.0 + 1, row.1 + u64::from(worked));
            assert_eq!(twins.state.custody.supply(), supply, "{story}");
        }
    }
    for (name, (tried, worked)) in &tally {
        println!("{name:18} {worked:5} of {tried:5}");
    }
    let never: Vec<_> = tally
        .iter()
        .filter(|(_, row)| row.1 == 0)
        .map(|(name, _)| name)
        .collect();
    assert!(never.is_empty(), "never worked: {never:?}");
    assert!(tally.len() >= 20, "{tally:?}");
}

/// Everyone who may sign something.
fn signers_of(protocol: &Protocol) -> Vec<Keypair> {
    let mut all: Vec<_> = protocol.members.iter().map(Keypair::insecure_clone).collect();
    all.extend(["first user", "second user"].map(keypair));
    all.extend([protocol.operator.insecure_clone(), keypair("stranger")]);
    all
}
