//! Endpoints over the machine: honest ones, and others.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use bulkhead_sentinel::act::Priced;
use bulkhead_testbed::{Machine, OnMachine};
use solana_account::Account;
use solana_instruction::Instruction;

/// How an endpoint behaves.
#[derive(Clone)]
pub enum Manner {
    /// Shows the machine.
    Honest,
    /// Shows the machine, except that these accounts have this data.
    Lies(Arc<Mutex<Vec<(Pubkey, Vec<u8>)>>>),
    /// Shows the accounts as they were when it was asked to stand still.
    Lags(Arc<Mutex<Option<Box<Machine>>>>),
    /// Answers so many requests and never again. The last one takes effect, or does not.
    Fuse(Arc<Fuse>),
    /// Shows the machine, and says of every transaction that it would fail.
    Denies,
    /// Shows the machine, and keeps every transaction to itself.
    Swallows,
    /// Refuses every request.
    Dead,
    /// Never answers.
    Hangs,
}

/// Burns with every request.
#[derive(Default)]
pub struct Fuse {
    /// Requests that are left.
    pub left: AtomicUsize,
    /// Whether the transaction of the last request lands although nobody hears of it.
    pub lands: AtomicBool,
}

impl Fuse {
    /// Whether another request is answered.
    fn burn(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
            .is_ok()
    }
}

/// An endpoint over the machine that behaves in some manner.
pub struct Behaving {
    pub machine: Arc<OnMachine>,
    pub manner: Manner,
    /// What it was asked to send.
    pub sent: Arc<Mutex<Vec<Vec<Instruction>>>>,
}

impl Behaving {
    async fn gate(&self) -> Result<(), ChainError> {
        match self.manner {
            Manner::Dead => Err(ChainError::Unreachable {
                node: "dead".into(),
                reason: "connection refused".into(),
            }),
            Manner::Hangs => std::future::pending().await,
            Manner::Fuse(ref fuse) if !fuse.burn() => std::future::pending().await,
            _ => Ok(()),
        }
    }

    fn shown(&self, key: &Pubkey, account: Option<Account>) -> Option<Account> {
        match &self.manner {
            Manner::Lies(lies) => {
                let lies = lies.lock().unwrap();
                let Some((_, data)) = lies.iter().find(|(about, _)| about == key) else {
                    return account;
                };
                Some(Account {
                    data: data.clone(),
                    ..account.unwrap_or_default()
                })
            }
            Manner::Lags(then) => match then.lock().unwrap().as_ref() {
                Some(machine) => machine.account(key),
                None => account,
            },
            _ => account,
        }
    }
}

#[async_trait]
impl Chain for Behaving {
    fn payer(&self) -> Pubkey {
        self.machine.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.gate().await?;
        self.machine.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.gate().await?;
        let accounts = self.machine.accounts(keys).await?;
        Ok(keys
            .iter()
            .zip(accounts)
            .map(|(key, account)| self.shown(key, account))
            .collect())
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.gate().await?;
        let found = self.machine.owned_at(program, filters).await?;
        let shown = |(key, account): (Pubkey, Account)| Some((key, self.shown(&key, Some(account))?));
        Ok(OwnedAt {
            slot: found.slot,
            accounts: found.accounts.into_iter().filter_map(shown).collect(),
        })
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        if let Manner::Fuse(fuse) = &self.manner
            && !fuse.burn()
        {
            if fuse.lands.load(Ordering::SeqCst) {
                self.sent.lock().unwrap().push(instructions.to_vec());
                drop(self.machine.send(instructions).await);
            }
            std::future::pending::<()>().await;
        }
        if !matches!(self.manner, Manner::Fuse(_)) {
            self.gate().await?;
        }
        self.sent.lock().unwrap().push(instructions.to_vec());
        match self.manner {
            Manner::Denies => return Err(ChainError::program(6_000, &[])),
            Manner::Swallows => std::future::pending().await,
            _ => {}
        }
        // As a node does: what would fail is not sent.
        if let Some(error) = self.machine.simulate(instructions, &[]).await?.error {
            return Err(error);
        }
        self.machine.send(instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.gate().await?;
        self.machine.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.machine.wait(time).await;
    }
}

/// Records the prices that were offered.
pub struct Offers {
    pub chain: Arc<dyn Chain>,
    pub prices: Arc<Mutex<Vec<u64>>>,
}

impl Priced for Offers {
    fn at(&self, price: u64) -> Arc<dyn Chain> {
        self.prices.lock().unwrap().push(price);
        Arc::clone(&self.chain)
    }
}
