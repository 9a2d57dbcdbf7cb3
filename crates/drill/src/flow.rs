//! Honest users: deposits and withdrawals that continue during the attack.

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::constants::release_state;
use bulkhead_interface::layout::Release;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{error::error_name, report::Honest, rng::Rng, stage::Stage};

/// Number of positions per deposit or withdrawal and hour.
const POSITIONS_PER_MOVE: usize = 20;
/// Minimum moves per hour.
const LEAST: usize = 12;

/// The honest flow of one run. It is the same in every run of a seed.
pub(crate) struct Flow {
    rng: Rng,
    /// Its outcomes.
    pub honest: Honest,
}

impl Flow {
    /// Starts at `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: Rng::new(seed),
            honest: Honest::default(),
        }
    }

    /// The hour before the attack.
    pub(crate) fn hour_before(&mut self, stage: &mut Stage) {
        let moves = (stage.users.len() / POSITIONS_PER_MOVE).max(LEAST);
        let count = i64::try_from(moves).unwrap_or(i64::MAX);
        for number in 0..count {
            stage.at(-3_600 + 3_600 * number / count);
            self.step(stage);
        }
    }

    /// One user deposits or withdraws one to three percent of their first deposit.
    pub(crate) fn step(&mut self, stage: &mut Stage) {
        let users = u64::try_from(stage.users.len()).unwrap_or(1);
        let chosen = usize::try_from(self.rng.below(users)).unwrap_or(0);
        let percent = 1 + self.rng.below(3);
        let deposits = self.rng.below(2) == 0;
        let index = stage.next_release();
        let user = &stage.users[chosen];
        let (key, tokens, amount) = (user.key.insecure_clone(), user.tokens, user.deposit / 100 * percent);
        if deposits {
            stage.machine.fund(&key.pubkey(), 10_000_000);
            let deposit = stage.exchange.deposit(key.pubkey(), tokens, amount);
            if stage.machine.send(&[deposit], &[&key]).is_ok() {
                self.honest.deposits += 1;
            }
            return;
        }
        self.withdraw(stage, (&key, tokens), amount, index);
    }

    /// The user with this number takes out everything, or what custody holds.
    pub(crate) fn leave(&mut self, stage: &mut Stage, number: usize) {
        let index = stage.next_release();
        let Some(user) = stage.users.get(number) else {
            return;
        };
        let (key, tokens, amount) = (
            user.key.insecure_clone(),
            user.tokens,
            user.deposit.min(stage.custody()),
        );
        self.withdraw(stage, (&key, tokens), amount, index);
    }

    fn withdraw(&mut self, stage: &mut Stage, (key, tokens): (&Keypair, Pubkey), amount: u64, index: u64) {
        stage.machine.fund(&key.pubkey(), 10_000_000);
        let withdraw = stage.exchange.withdraw(key.pubkey(), tokens, amount, index);
        let is_before = u64::from(stage.now() < 0);
        self.honest.before += is_before;
        match stage.machine.send(&[withdraw], &[key]) {
            Ok(_) if is_queued(stage, key.pubkey(), index) => {
                self.honest.held_back += 1;
                self.honest.held_back_amount += amount;
                self.honest.held_back_before += is_before;
            }
            Ok(_) => self.honest.withdrawals += 1,
            Err(failure) if error_name(&failure) == "ActionPaused" => self.honest.refused += 1,
            // Without Bulkhead nothing may be left to withdraw.
            Err(_) => {}
        }
    }
}

/// Is this release recorded as queued?
fn is_queued(stage: &Stage, asker: Pubkey, index: u64) -> bool {
    let record = stage.record(asker, index);
    let record = record.and_then(|record| stage.machine.try_load::<Release>(&record));
    record.is_some_and(|record| record.state == release_state::QUEUED)
}
