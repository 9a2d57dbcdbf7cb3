//! Endpoints through which only the daemon that leads sends. Daemons that share a state check when they begin something;
//! this checks again at the moment of each transaction, because what was begun may take long, and the lead may be over.

use std::{sync::Arc, time::Duration};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use solana_account::Account;
use solana_instruction::Instruction;

use crate::{
    act::{Endpoint, Priced},
    state::Store,
};

/// The endpoint, through which this daemon sends while it leads.
#[must_use]
pub fn only(endpoint: Endpoint, store: &Arc<Store>) -> Endpoint {
    Endpoint {
        chain: Arc::new(Leading {
            chain: endpoint.chain,
            store: Arc::clone(store),
        }),
        priced: Arc::new(LeadingAt {
            priced: endpoint.priced,
            store: Arc::clone(store),
        }),
        ..endpoint
    }
}

struct LeadingAt {
    priced: Arc<dyn Priced>,
    store: Arc<Store>,
}

impl Priced for LeadingAt {
    fn at(&self, price: u64) -> Arc<dyn Chain> {
        Arc::new(Leading {
            chain: self.priced.at(price),
            store: Arc::clone(&self.store),
        })
    }
}

struct Leading {
    chain: Arc<dyn Chain>,
    store: Arc<Store>,
}

#[async_trait]
impl Chain for Leading {
    fn payer(&self) -> Pubkey {
        self.chain.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.chain.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.chain.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.chain.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        if self.store.leads() {
            return self.chain.send(instructions).await;
        }
        Err(ChainError::Refused {
            reason: "NotLeading: another sentinel that shares the state acts; nothing was sent".into(),
            logs: String::new(),
        })
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.chain.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.chain.wait(time).await;
    }
}
