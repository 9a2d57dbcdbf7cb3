use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{Failure, Machine};

/// An embedded machine as a cluster, for flows. Each wait is one slot.
pub struct OnMachine {
    machine: Mutex<Machine>,
    keys: Vec<Keypair>,
}

impl OnMachine {
    /// The machine's payer pays; `keys` sign where an instruction names them.
    #[must_use]
    pub const fn new(machine: Machine, keys: Vec<Keypair>) -> Self {
        Self {
            machine: Mutex::new(machine),
            keys,
        }
    }

    /// The machine between two acts.
    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The machine with the hashes of the last slots, as a cluster has them.
    fn current(&self) -> MutexGuard<'_, Machine> {
        let mut machine = self.machine();
        machine.write_slot_hashes(&[]);
        machine
    }

    fn signers(&self, instructions: &[Instruction], payer: &Pubkey) -> Result<Vec<&Keypair>, ChainError> {
        let metas = instructions.iter().flat_map(|each| &each.accounts);
        let mut signers: Vec<&Keypair> = Vec::new();
        for meta in metas.filter(|meta| meta.is_signer && meta.pubkey != *payer) {
            let key = self.keys.iter().find(|key| key.pubkey() == meta.pubkey);
            let key = key.ok_or_else(|| ChainError::MissingSigner(meta.pubkey.to_string()))?;
            if signers.iter().all(|signer| signer.pubkey() != key.pubkey()) {
                signers.push(key);
            }
        }
        Ok(signers)
    }
}

#[async_trait]
impl Chain for OnMachine {
    fn payer(&self) -> Pubkey {
        self.machine().payer.pubkey()
    }

    async fn now(&self) -> Result<At, ChainError> {
        let clock = self.machine().clock();
        Ok(At {
            slot: clock.slot,
            now: clock.unix_timestamp,
        })
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let machine = self.current();
        Ok(keys.iter().map(|key| machine.account(key)).collect())
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        let machine = self.machine();
        let all = machine.svm.get_program_accounts(program);
        let matches = |account: &Account| filters.iter().all(|filter| filter.matches(&account.data));
        Ok(OwnedAt {
            slot: machine.clock().slot,
            accounts: all.into_iter().filter(|(_, account)| matches(account)).collect(),
        })
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        let mut machine = self.current();
        let payer = machine.payer.pubkey();
        let signers = self.signers(instructions, &payer)?;
        let transaction = machine.sign(instructions, &signers);
        let signature = transaction.signatures.first().copied().unwrap_or_default();
        let outcome = machine.send_signed(transaction).map_err(|failure| refused(&failure))?;
        Ok(Receipt {
            signature: signature.to_string(),
            units: Some(outcome.compute_units),
            fee: Some(outcome.fee),
        })
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        let machine = self.current();
        // Whoever has no key here is taken to have signed.
        let svm = machine.svm.clone().with_sigverify(false);
        let transaction = machine.sign(instructions, &[]);
        Ok(match svm.simulate_transaction(transaction) {
            Ok(info) => {
                let after = |key: &Pubkey| info.post_accounts.iter().find(|(found, _)| found == key);
                let account = |key: &Pubkey| match after(key) {
                    Some((_, account)) => Some(Account::from(account.clone())).filter(|found| found.lamports > 0),
                    None => machine.account(key),
                };
                Simulated {
                    error: None,
                    accounts: accounts.iter().map(account).collect(),
                    units: Some(info.meta.compute_units_consumed),
                    logs: info.meta.logs,
                }
            }
            Err(failed) => Simulated {
                units: Some(failed.meta.compute_units_consumed),
                logs: failed.meta.logs.clone(),
                error: Some(refused(&Failure::new(failed.err, failed.meta.into()))),
                accounts: Vec::new(),
            },
        })
    }

    async fn wait(&self, _: Duration) {
        self.machine().next_slot();
    }
}

fn refused(failure: &Failure) -> ChainError {
    failure.code().map_or_else(
        || ChainError::Refused {
            reason: format!("{:?}", failure.error),
            logs: String::new(),
        },
        |code| ChainError::program(code, &failure.outcome.logs),
    )
}
