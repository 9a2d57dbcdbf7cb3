//! A cluster that remembers which instructions it saw.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::{
    bulkhead,
    chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated},
    core::acts::At,
};
use bulkhead_testbed::OnMachine;
use solana_account::Account;
use solana_instruction::Instruction;

/// Discriminators of what was sent or simulated.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<BTreeSet<Vec<u8>>>>);

impl Seen {
    fn note(&self, instructions: &[Instruction]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for instruction in instructions.iter().filter(|each| each.program_id == bulkhead::ID) {
            seen.insert(instruction.data.iter().take(8).copied().collect());
        }
    }

    /// All of them.
    pub fn all(&self) -> BTreeSet<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A machine whose instructions are remembered.
pub struct Recorder {
    pub machine: OnMachine,
    pub seen: Seen,
}

#[async_trait]
impl Chain for Recorder {
    fn payer(&self) -> Pubkey {
        self.machine.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.machine.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.machine.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.machine.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        self.seen.note(instructions);
        self.machine.send(instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.seen.note(instructions);
        self.machine.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.machine.wait(time).await;
    }
}
