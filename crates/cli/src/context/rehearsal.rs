//! A cluster that only simulates: `--dry-run`.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use serde_json::{Value, json};
use solana_account::Account;
use solana_instruction::Instruction;

use super::difference::{self, Difference};

/// Simulates what it is asked to send, and keeps what that would change. Reads show those changes, so that a flow of
/// several transactions goes on. The cluster does not: a later transaction is simulated against the cluster as it is.
pub(super) struct Rehearsal {
    chain: Box<dyn Chain>,
    played: Mutex<Played>,
}

#[derive(Default)]
struct Played {
    steps: Vec<Step>,
    /// Accounts as they would be.
    changed: HashMap<Pubkey, Option<Account>>,
}

/// One transaction that would be sent.
struct Step {
    instructions: Vec<Instruction>,
    units: Option<u64>,
    error: Option<ChainError>,
    logs: Vec<String>,
    differences: Vec<Difference>,
    /// It writes what a transaction before it writes, so what it really changes may differ.
    is_rough: bool,
}

impl Rehearsal {
    pub(super) fn over(chain: Box<dyn Chain>) -> Self {
        Self {
            chain,
            played: Mutex::default(),
        }
    }

    fn played(&self) -> MutexGuard<'_, Played> {
        self.played.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.played().steps.is_empty()
    }

    pub(super) fn json(&self, act: &str) -> Value {
        let steps: Vec<_> = self.played().steps.iter().map(Step::json).collect();
        json!({ "act": act, "dry_run": true, "transactions": steps })
    }

    pub(super) fn text(&self, act: &str) -> String {
        let played = self.played();
        let count = played.steps.len();
        let mut text = match count {
            0 => format!("dry run: {act} would send nothing\n"),
            1 => format!("dry run: {act} would send one transaction; nothing was sent\n"),
            _ => format!("dry run: {act} would send {count} transactions; nothing was sent\n"),
        };
        for (place, step) in played.steps.iter().enumerate() {
            if count > 1 {
                text += &format!("transaction {} of {count}\n", place + 1);
            }
            text += &step.text();
        }
        text
    }
}

impl Step {
    fn signers(&self) -> Vec<String> {
        let metas = self.instructions.iter().flat_map(|each| &each.accounts);
        let mut signers: Vec<_> = metas.filter(|meta| meta.is_signer).map(|meta| meta.pubkey).collect();
        signers.sort_unstable();
        signers.dedup();
        signers.iter().map(ToString::to_string).collect()
    }

    fn text(&self) -> String {
        let mut lines = Vec::new();
        for each in &self.instructions {
            let (program, accounts, bytes) = (each.program_id, each.accounts.len(), each.data.len());
            lines.push((
                "calls",
                format!("{program} with {accounts} accounts, {bytes} bytes of data"),
            ));
        }
        lines.extend(self.signers().into_iter().map(|signer| ("signer", signer)));
        lines.push(match (&self.error, self.units) {
            (Some(error), _) => ("FAILS", error.to_string()),
            (None, Some(units)) => ("works", format!("{units} compute units")),
            (None, None) => ("works", "compute units unknown".into()),
        });
        lines.extend(self.differences.iter().map(|each| ("change", each.text())));
        if self.is_rough {
            let note = "an earlier transaction writes the same accounts, so the changes may differ from these";
            lines.push(("note", note.into()));
        }
        lines.iter().map(|(name, text)| format!("{name:<9} {text}\n")).collect()
    }

    fn json(&self) -> Value {
        let instructions: Vec<_> = self.instructions.iter().map(instruction_json).collect();
        json!({
            "instructions": instructions,
            "signers": self.signers(),
            "works": self.error.is_none(),
            "error": self.error.as_ref().map(ToString::to_string),
            "logs": self.logs,
            "compute_units": self.units,
            "changes": self.differences.iter().map(Difference::json).collect::<Vec<_>>(),
            "depends_on_earlier": self.is_rough,
        })
    }
}

/// An instruction as programs read it: its data is in base58.
pub(super) fn instruction_json(instruction: &Instruction) -> Value {
    let accounts = instruction
        .accounts
        .iter()
        .map(|meta| json!({ "key": meta.pubkey.to_string(), "signer": meta.is_signer, "writable": meta.is_writable }));
    json!({
        "program": instruction.program_id.to_string(),
        "accounts": accounts.collect::<Vec<_>>(),
        "data": bs58::encode(&instruction.data).into_string(),
    })
}

#[async_trait]
impl Chain for Rehearsal {
    fn payer(&self) -> Pubkey {
        self.chain.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.chain.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let mut found = self.chain.accounts(keys).await?;
        let played = self.played();
        for (key, found) in keys.iter().zip(&mut found) {
            if let Some(changed) = played.changed.get(key) {
                found.clone_from(changed);
            }
        }
        Ok(found)
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        let mut found = self.chain.owned_at(program, filters).await?;
        let played = self.played();
        found.accounts.retain(|(key, _)| !played.changed.contains_key(key));
        let matches = |account: &&Account| {
            account.owner == *program && filters.iter().all(|filter| filter.matches(&account.data))
        };
        let changed = played.changed.iter();
        let changed = changed.filter_map(|(key, account)| Some((*key, account.as_ref().filter(matches)?.clone())));
        found.accounts.extend(changed);
        Ok(found)
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        let metas = instructions.iter().flat_map(|each| &each.accounts);
        let mut written: Vec<_> = metas.filter(|meta| meta.is_writable).map(|meta| meta.pubkey).collect();
        written.push(self.payer());
        written.sort_unstable();
        written.dedup();
        let before = self.accounts(&written).await?;
        let simulated = self.chain.simulate(instructions, &written).await?;
        let mut played = self.played();
        let is_others = |key: &&Pubkey| **key != self.chain.payer();
        let is_rough = written
            .iter()
            .filter(is_others)
            .any(|key| played.changed.contains_key(key));
        let mut differences = Vec::new();
        if simulated.error.is_none() {
            for ((key, before), after) in written.iter().zip(&before).zip(&simulated.accounts) {
                differences.extend(difference::of(key, before.as_ref(), after.as_ref()));
                played.changed.insert(*key, after.clone());
            }
        }
        played.steps.push(Step {
            instructions: instructions.to_vec(),
            units: simulated.units,
            error: simulated.error.clone(),
            logs: simulated.logs,
            differences,
            is_rough,
        });
        match simulated.error {
            Some(error) => Err(error),
            None => Ok(Receipt {
                units: simulated.units,
                ..Receipt::default()
            }),
        }
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.chain.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.chain.wait(time).await;
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_testbed::{Machine, OnMachine, deploy_dir};
    use solana_instruction::AccountMeta;

    use super::*;

    /// The system program's transfer.
    fn transfer(from: Pubkey, to: Pubkey, lamports: u64) -> Instruction {
        Instruction {
            program_id: Pubkey::default(),
            accounts: vec![AccountMeta::new(from, true), AccountMeta::new(to, false)],
            data: [&[2, 0, 0, 0], &lamports.to_le_bytes()[..]].concat(),
        }
    }

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    #[tokio::test]
    async fn later_reads_see_what_earlier_transactions_would_change() {
        let machine = Machine::new(&deploy_dir(), &[]).expect("a machine");
        let rehearsal = Rehearsal::over(Box::new(OnMachine::new(machine, vec![])));
        let payer = rehearsal.payer();
        let before = rehearsal.account(&payer).await.expect("read").expect("funded").lamports;
        assert!(rehearsal.is_empty() && rehearsal.text("it").contains("would send nothing"));

        rehearsal
            .send(&[transfer(payer, key(8), 5_000_000_000)])
            .await
            .expect("works");
        let received = |account: Option<Account>| account.map_or(0, |account| account.lamports);
        assert_eq!(received(rehearsal.account(&key(8)).await.expect("read")), 5_000_000_000);
        assert!(received(rehearsal.account(&payer).await.expect("read")) < before);
        let owned = rehearsal
            .owned(&Pubkey::default(), &[Filter::Length(0)])
            .await
            .expect("read");
        assert!(
            owned
                .iter()
                .any(|(key, account)| *key == self::key(8) && account.lamports == 5_000_000_000)
        );
        // Nothing of it happened.
        assert_eq!(received(rehearsal.chain.account(&key(8)).await.expect("read")), 0);

        rehearsal
            .send(&[transfer(payer, key(9), 1_000_000_000)])
            .await
            .expect("works");
        rehearsal
            .send(&[transfer(payer, key(8), 1_000_000_000)])
            .await
            .expect("works");
        let steps = rehearsal.json("it")["transactions"].clone();
        let rough: Vec<_> = (0..3).map(|place| steps[place]["depends_on_earlier"] == true).collect();
        assert_eq!(
            rough,
            [false, false, true],
            "only the third writes what another wrote, but for the payer"
        );
        assert!(rehearsal.text("it").contains("transaction 3 of 3"));
    }

    #[tokio::test]
    async fn what_fails_changes_nothing() {
        let machine = Machine::new(&deploy_dir(), &[]).expect("a machine");
        let rehearsal = Rehearsal::over(Box::new(OnMachine::new(machine, vec![])));
        let payer = rehearsal.payer();
        let failed = rehearsal.send(&[transfer(payer, key(8), u64::MAX)]).await;
        assert!(failed.is_err());
        assert!(rehearsal.account(&key(8)).await.expect("read").is_none());
        assert_eq!(rehearsal.json("it")["transactions"][0]["works"], false);
        assert!(rehearsal.text("it").contains("FAILS"));
    }
}
