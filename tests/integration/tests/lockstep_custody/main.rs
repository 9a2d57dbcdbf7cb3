//! Custody in the built program and in the pure machine of `core::machine`, step by step: releases, the queue, routes and
//! evacuations under incidents and proposals succeed and fail together, for the same reason, and leave the same bytes and
//! the same tokens. So what `crates/core/tests/custody_scope` says of the machine, it says of the program.

#[path = "../model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;

mod instructions;
mod random_acts;

use std::{collections::BTreeMap, rc::Rc};

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    authority::core_error,
    instructions::{CancelReleasesArgs, RegisterEvacuationRouteArgs, ReopenArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    acts::{At, Reopening},
    custody::release_list,
    machine::{Action, Custody, CustodyAction as Do, Decision, Keys, State, Token, Which},
    pause::incident::number_for_alarm,
};
use bulkhead_interface::{
    constants::proposal_state,
    layout::{
        CancelList, Council, Domain, Incident, Ledger, Migration, OutflowBreaker, PauseBoard, Proposal, Release, Vault,
    },
    seeds::{SEED_CANCEL_LIST, SEED_INCIDENT, SEED_MIGRATION, SEED_PROPOSAL, SEED_RELEASE},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    encoded,
    queue_ledger::{QUEUE, world_with_queue},
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::rng::Rng;

const SEEDS: u64 = 16;
const STEPS: u64 = 1_500;
/// Incidents, proposals and releases there can be.
const MOST: u64 = 400;
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
        let (mut machine, protocol) = world_with_queue(&Setup::default());
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
            queue_ledgers: vec![(pda::ledger(&domain, QUEUE), machine.load(&pda::ledger(&domain, QUEUE)))],
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
        let lists = |guardian: &Keypair| {
            let guardian = guardian.pubkey();
            let bump = |(incident, _): &(Pubkey, u8)| {
                pda::find(&[SEED_CANCEL_LIST, incident.as_ref(), vault.as_ref(), guardian.as_ref()]).1
            };
            (guardian, incidents.iter().map(bump).collect())
        };
        let cancel_lists = protocol.members[..3].iter().map(lists).collect();
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
            releases: (0..MOST)
                .map(|number| pda::find(&[SEED_RELEASE, vault.as_ref(), vault.as_ref(), &number.to_le_bytes()]))
                .collect(),
            cancel_lists,
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

    /// The ledger of the vault's queue.
    fn ledger(&self) -> Pubkey {
        pda::ledger(&self.protocol.domain, QUEUE)
    }

    fn token(&self, number: usize) -> Pubkey {
        self.state.custody.tokens[number].key
    }

    fn latest(&self) -> Pubkey {
        let count = self.state.domain.incident_count;
        pda::incident(&self.protocol.domain, count.saturating_sub(1))
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
                let code = match core_error(pure) {
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
        same(
            &machine.load::<Ledger>(&self.ledger()),
            &custody.queue_ledgers[0].1,
            story,
        );
        for ((incident, guardian), list) in custody.lists.iter().rev().take(4) {
            let key = pda::cancel_list(incident, &self.protocol.vault.vault, guardian);
            same(&machine.load::<CancelList>(&key), list, story);
        }
        for (key, release) in custody.releases.iter().rev().take(20) {
            if release.version == 0 {
                assert!(
                    machine.account(key).is_none_or(|account| account.data.is_empty()),
                    "{story}"
                );
                continue;
            }
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
                Action::Custody(Do::Release(..) | Do::ReleaseAgain(..) | Do::TakeBack(_)) if rng.percent(95) => 7,
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
