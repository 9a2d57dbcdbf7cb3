//! The built program and the pure machine, step by step: random moves succeed and fail together, for the same reason, and
//! leave the same bytes and tokens.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::authority::core_error;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    CoreError,
    acts::At,
    machine::insurance::{Insurance, InsuranceKeys as Keys, InsuranceMove as M},
};
use bulkhead_interface::{
    constants::latch_state,
    layout::{Ledger, OutflowBreaker, Restoration, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, associated_token};
use bulkhead_tests::{
    insurance::{DAY, Pool},
    queue_ledger::world_with_queue,
    recovery::{LEDGER, forge},
    world_with,
};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::rng::Rng;

const SEEDS: u64 = 8;
const STEPS: u64 = 400;
const OWNERS: usize = 3;
const INCIDENTS: u64 = 10;
const POOLS: u8 = 2;

struct Twins {
    machine: Machine,
    protocol: Protocol,
    pools: Vec<Pool>,
    owners: Vec<Keypair>,
    treasurer: Keypair,
    state: Insurance,
}

fn bump(seeds: &[&[u8]]) -> u8 {
    pda::find(seeds).1
}

impl Twins {
    /// Every other vault has the ledger of its queue.
    fn new(has_queue: bool) -> Self {
        let setup = Setup {
            funds: 20_000,
            ..Setup::default()
        };
        let (mut machine, protocol) = match has_queue {
            true => world_with_queue(&setup),
            false => world_with(&setup),
        };
        let pools: Vec<_> = (0..POOLS)
            .map(|order| Pool::open(&mut machine, &protocol, order))
            .collect();
        let owners: Vec<_> = (0..OWNERS)
            .map(|number| pools[0].staker(&mut machine, &format!("staker {number}"), 1_000_000))
            .collect();
        let treasurer = pools[0].staker(&mut machine, "treasurer", 10_000_000);
        let domain = protocol.domain;
        let incidents: Vec<_> = (0..INCIDENTS).map(|number| pda::incident(&domain, number)).collect();
        let restorations: Vec<_> = incidents
            .iter()
            .map(|incident| pda::restoration(incident, LEDGER))
            .collect();
        let keys: Vec<_> = pools.iter().map(|pool| pool.keys.pool).collect();
        let bumps = |seed: &'static [u8], others: &[Pubkey]| -> Vec<Vec<u8>> {
            let of = |pool: &Pubkey| {
                others
                    .iter()
                    .map(|other| bump(&[seed, pool.as_ref(), other.as_ref()]))
                    .collect()
            };
            keys.iter().map(of).collect()
        };
        let owner_keys: Vec<_> = owners.iter().map(Signer::pubkey).collect();
        let keys = Keys {
            domain,
            ledger_index: LEDGER,
            mint: protocol.mint,
            stakes: bumps(bulkhead_interface::seeds::SEED_STAKE, &owner_keys),
            covers: bumps(bulkhead_interface::seeds::SEED_COVER, &restorations),
            incidents,
            restorations,
            owners: owner_keys,
            pools: keys.clone(),
            vault: protocol.vault.vault,
            recovery_account: protocol.recovery_account,
        };
        let terms: Vec<_> = pools.iter().map(|pool| pool.state(&machine).terms).collect();
        let mut state = Insurance::new(keys, &terms, vec![1_000_000; OWNERS], At { slot: 0, now: 0 }).expect("sound");
        for (twin, pool) in state.pools.iter_mut().zip(&pools) {
            twin.pool = pool.state(&machine);
        }
        state.domain = machine.load(&domain);
        state.vault = machine.load(&protocol.vault.vault);
        state.queue = pda::queue_ledger(&state.vault).map(|key| machine.load(&key));
        (state.custody, state.treasury) = (20_000, 10_000_000);
        Self {
            machine,
            protocol,
            pools,
            owners,
            treasurer,
            state,
        }
    }

    fn set_balance(&mut self, key: &Pubkey, amount: u64) {
        let mut account = self.machine.account(key).expect("it is there");
        account.data[64..72].copy_from_slice(&amount.to_le_bytes());
        self.machine.write_account(key, account);
    }

    /// What is given to the machine is written into the program's accounts.
    fn mirror(&mut self) {
        let state = self.state.clone();
        forge(&mut self.machine, &self.protocol.domain, &state.domain);
        for (key, incident) in state.keys.incidents.iter().zip(&state.incidents) {
            forge(&mut self.machine, key, incident);
        }
        for (key, restored) in state.keys.restorations.iter().zip(&state.restorations) {
            let Some((restoration, balance)) = restored else {
                continue;
            };
            let pool = pda::pool(key);
            if self.machine.account(&pool).is_none() {
                self.machine.create_token_account(&pool, &self.protocol.mint, key, 0);
            }
            self.set_balance(&pool, *balance);
            let token_program = TOKEN_PROGRAM;
            forge(
                &mut self.machine,
                key,
                &Restoration {
                    pool,
                    token_program,
                    ..*restoration
                },
            );
        }
        forge(&mut self.machine, &self.protocol.vault.vault, &state.vault);
        if let (Some(key), Some(ledger)) = (pda::queue_ledger(&state.vault), &state.queue) {
            forge(&mut self.machine, &key, ledger);
        }
        self.set_balance(&self.protocol.custody(), state.custody);
        let recovery_account = self.protocol.recovery_account;
        self.set_balance(&recovery_account, state.recovered);
        let treasury = associated_token(&self.treasurer.pubkey(), &self.protocol.mint);
        self.set_balance(&treasury, state.treasury);
        for (pool, twin) in self.pools.iter().zip(&state.pools) {
            let key = pda::insurance_tokens(&pool.keys.pool);
            let mut account = self.machine.account(&key).expect("it is there");
            account.data[64..72].copy_from_slice(&twin.balance.to_le_bytes());
            self.machine.write_account(&key, account);
        }
        let breaker: OutflowBreaker = self.machine.load(&self.protocol.vault.breaker);
        let mut latch = breaker.latch;
        (latch.state, latch.until, latch.slot) = match state.is_latched {
            true => (latch_state::LATCHED, i64::MAX, u64::MAX),
            false => (latch_state::ARMED, 0, 0),
        };
        forge(
            &mut self.machine,
            &self.protocol.vault.breaker,
            &OutflowBreaker { latch, ..breaker },
        );
    }

    /// The program's instruction for a move, and who signs it.
    fn instruction(&self, action: M) -> Option<(Instruction, Vec<Keypair>)> {
        let restoration = |incident: usize| self.state.keys.restorations[incident];
        let is_there = |key: &Pubkey| self.machine.account(key).is_some();
        // Without a cover of the pool before, none is passed.
        let covering = |mut instruction: Instruction, pool: usize, incident: usize| {
            if let Some(before) = pool.checked_sub(1) {
                let key = pda::insurance_cover(&self.state.keys.pools[before], &restoration(incident));
                let missing = instruction
                    .accounts
                    .iter_mut()
                    .filter(|meta| meta.pubkey == key && !is_there(&key));
                missing.for_each(|meta| meta.pubkey = bulkhead::ID);
            }
            instruction
        };
        Some(match action {
            M::Stake(pool, owner, amount) => {
                let key = self.owners[owner].pubkey();
                (
                    self.pools[pool].stake(&self.machine, &key, amount),
                    vec![self.owners[owner].insecure_clone()],
                )
            }
            M::Cooldown(pool, owner, shares) => {
                let key = self.owners[owner].pubkey();
                (
                    self.pools[pool].cooldown(&key, shares),
                    vec![self.owners[owner].insecure_clone()],
                )
            }
            M::Unstake(pool, owner, shares) => {
                let key = self.owners[owner].pubkey();
                (
                    self.pools[pool].unstake(&key, shares),
                    vec![self.owners[owner].insecure_clone()],
                )
            }
            M::Premium(pool, amount) => (
                self.pools[pool].premium(&self.treasurer.pubkey(), amount),
                vec![self.treasurer.insecure_clone()],
            ),
            M::Note(pool, incident) => (self.pools[pool].note(self.state.keys.incidents[incident]), vec![]),
            M::State(pool, incident) => {
                let state = self.pools[pool].state_shortfall(&self.machine, restoration(incident));
                (covering(state, pool, incident), vec![])
            }
            M::Slash(pool, incident) => {
                let slash = self.pools[pool].slash(&self.machine, restoration(incident));
                (covering(slash, pool, incident), vec![])
            }
            M::Return(pool, incident) => {
                let order = u8::try_from(pool).expect("few") + 1;
                let next = pda::insurance_pool(&self.protocol.domain, LEDGER, order);
                let (vault, source) = (self.protocol.vault.vault, self.protocol.recovery_account);
                let keys = self.pools[pool].keys;
                let give = ix::return_recovered(keys, restoration(incident), vault, source, next);
                (ix::with_queue(give, pda::queue_ledger(&self.state.vault)), vec![])
            }
            _ => return None,
        })
    }

    fn step(&mut self, action: M) -> Option<CoreError> {
        let clock = self.machine.clock();
        self.state.at = At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        if let M::Wait(seconds) = action {
            self.machine.warp_seconds(seconds);
            return None;
        }
        let next = self.state.step(action);
        let Some((instruction, signers)) = self.instruction(action) else {
            let Ok(next) = next else { return None };
            self.state = next;
            self.mirror();
            return None;
        };
        let signers: Vec<_> = signers.iter().collect();
        let done = self.machine.send(&[instruction], &signers);
        match (next, done) {
            (Ok(next), Ok(_)) => {
                self.state = next;
                self.compare(action);
                None
            }
            (Err(error), Err(failure)) => {
                let is_evacuated = self.state.vault.evacuation.destination != Pubkey::default();
                // Where an account is not there, Anchor says so before any rule.
                let is_rule =
                    error != CoreError::ArgumentOutOfRange && (is_evacuated || !matches!(action, M::Return(..)));
                let wanted = anchor_lang::prelude::ProgramError::from(core_error(error));
                let found = failure.code().map(anchor_lang::prelude::ProgramError::Custom);
                assert!(
                    !is_rule || found == Some(wanted),
                    "{action:?}: {error:?} but {failure:?}"
                );
                Some(error)
            }
            (Ok(_), Err(failure)) => panic!("{action:?} works in the machine: {failure:?}"),
            (Err(error), Ok(_)) => panic!("{action:?} works in the program: {error:?}"),
        }
    }

    fn compare(&self, action: M) {
        let (machine, state) = (&self.machine, &self.state);
        for (pool, twin) in self.pools.iter().zip(&state.pools) {
            let found = pool.state(machine);
            assert_eq!(bytemuck::bytes_of(&found), bytemuck::bytes_of(&twin.pool), "{action:?}");
            assert_eq!(machine.balance(&found.tokens), twin.balance, "{action:?}");
            for (owner, stake) in self.owners.iter().zip(&twin.stakes) {
                let key = pda::insurance_stake(&pool.keys.pool, &owner.pubkey());
                let found = machine.try_load::<bulkhead_interface::layout::InsuranceStake>(&key);
                assert_eq!(
                    found.as_ref().map(bytemuck::bytes_of),
                    stake.as_ref().map(bytemuck::bytes_of)
                );
            }
            for (restoration, cover) in state.keys.restorations.iter().zip(&twin.covers) {
                let key = pda::insurance_cover(&pool.keys.pool, restoration);
                let found = machine.try_load::<bulkhead_interface::layout::InsuranceCover>(&key);
                assert_eq!(
                    found.as_ref().map(bytemuck::bytes_of),
                    cover.as_ref().map(bytemuck::bytes_of)
                );
            }
        }
        for (owner, purse) in self.owners.iter().zip(&state.purses) {
            assert_eq!(
                machine.balance(&associated_token(&owner.pubkey(), &self.protocol.mint)),
                *purse
            );
        }
        for (key, restored) in state.keys.restorations.iter().zip(&state.restorations) {
            let balance = restored.map_or(0, |(_, balance)| balance);
            assert_eq!(machine.balance(&pda::pool(key)), balance);
        }
        assert_eq!(machine.balance(&self.protocol.recovery_account), state.recovered);
        let vault: Vault = machine.load(&self.protocol.vault.vault);
        assert_eq!(bytemuck::bytes_of(&vault), bytemuck::bytes_of(&state.vault));
        let ledger: Option<Ledger> = pda::queue_ledger(&vault).map(|key| machine.load(&key));
        assert_eq!(
            ledger.as_ref().map(bytemuck::bytes_of),
            state.queue.as_ref().map(bytemuck::bytes_of)
        );
    }
}

fn amount(rng: &mut Rng) -> u64 {
    let bound = rng.pick(&[3, 1_000, 40_000, 400_000]);
    1 + rng.below(bound)
}

fn random(rng: &mut Rng, state: &Insurance) -> M {
    let (pool, owner) = (rng.index(state.pools.len()), rng.index(OWNERS));
    let latest = state.incidents.len().saturating_sub(1);
    let incident = latest.saturating_sub(usize::from(rng.percent(20)));
    let twin = &state.pools[pool];
    let held = twin.stakes[owner].map_or(0, |stake| stake.shares);
    let cooling = twin.stakes[owner].map_or(0, |stake| stake.cooling);
    let is_restored = state.restorations.get(incident).is_some_and(Option::is_some);
    if rng.percent(40) {
        return next_of_an_incident(rng, state, pool, owner);
    }
    match rng.below(32) {
        0..=2 => M::Wait(rng.pick(&[60, 3_600, DAY, 8 * DAY])),
        3..=6 => M::Stake(pool, owner, amount(rng)),
        7 | 8 => M::Cooldown(pool, owner, rng.pick(&[held, held / 2, held + 1])),
        9..=12 => M::Unstake(pool, owner, rng.pick(&[cooling, cooling / 3 + 1, cooling + 1])),
        13 => M::Premium(pool, rng.below(50_000)),
        14 => M::Donate(pool, amount(rng)),
        15 => M::Latch(rng.percent(30)),
        16 => M::Open,
        17 if rng.percent(50) => M::Close,
        18 => M::Restore(10_000 + amount(rng)),
        19 => M::Evacuate(amount(rng).min(state.custody)),
        20 => M::Fund(amount(rng)),
        21 => M::Draw,
        22 => M::Pay(amount(rng)),
        23 | 24 if is_restored => M::State(pool, incident),
        25..=27 if is_restored => M::Slash(pool, incident),
        28 if is_restored => M::Return(pool, incident),
        29 => M::Queue(amount(rng).min(state.custody)),
        30 => M::DrawQueue,
        _ => M::Note(pool, incident),
    }
}

/// What usually comes next in an incident: most random orders of these steps would be refused.
fn next_of_an_incident(rng: &mut Rng, state: &Insurance, pool: usize, owner: usize) -> M {
    let twin = &state.pools[pool];
    let held = twin.stakes[owner].map_or(0, |stake| stake.shares);
    let cooling = twin.stakes[owner].map_or(0, |stake| stake.cooling);
    let Some(incident) = state.incidents.len().checked_sub(1) else {
        return rng.pick(&[M::Open, M::Cooldown(pool, owner, held), M::Wait(DAY)]);
    };
    let is_open = state.domain.open_incident != Pubkey::default();
    let Some((restoration, balance)) = state.restorations[incident] else {
        return match (is_open, twin.pool.incident == Pubkey::default()) {
            (false, _) => rng.pick(&[M::Open, M::Cooldown(pool, owner, held), M::Note(pool, incident)]),
            (true, true) => M::Note(pool, incident),
            (true, false) => M::Restore(60_000 + amount(rng)),
        };
    };
    let Some(cover) = twin.covers[incident] else {
        return rng.pick(&[M::Note(pool, incident), M::State(pool, incident)]);
    };
    if state.at.now < cover.due_ts {
        return rng.pick(&[M::Wait(3_600), M::Unstake(pool, owner, cooling / 2 + 1)]);
    }
    if cover.reserve > 0 {
        return M::Slash(pool, incident);
    }
    let lacks = restoration.total - restoration.paid - balance;
    if cover.slashed > cover.returned && state.custody > 0 {
        return rng.pick(&[M::Evacuate(state.custody), M::Fund(lacks), M::Return(pool, incident)]);
    }
    rng.pick(&[
        M::Pay(balance),
        M::Close,
        M::Note(pool, incident),
        M::Return(pool, incident),
    ])
}

#[test]
fn program_and_machine_agree() {
    let (mut slashed, mut refused, mut returned) = (0, 0, 0);
    for seed in 0..SEEDS {
        let mut rng = Rng::new(seed);
        let mut twins = Twins::new(seed % 2 == 1);
        for _ in 0..STEPS {
            let action = random(&mut rng, &twins.state);
            let is_there = !matches!(action, M::Note(..)) || !twins.state.incidents.is_empty();
            if is_there {
                refused += usize::from(twins.step(action).is_some());
            }
        }
        let covers = twins.state.pools.iter().flat_map(|pool| pool.covers.iter().flatten());
        for cover in covers {
            slashed += usize::from(cover.slashed > 0);
            returned += usize::from(cover.returned > 0);
        }
    }
    assert!(
        slashed > 3 && refused > 300,
        "{slashed} slashed, {returned} returned, {refused} refused"
    );
}
