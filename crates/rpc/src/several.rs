//! Several endpoints of one cluster.

use std::time::Duration;

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use futures_util::future::select_ok;
use solana_account::Account;
use solana_instruction::Instruction;

use crate::{Node, Price, send};

/// Endpoints of one cluster, any of which may lag or be down. Transactions are sent through all at once until they land.
/// Reads take the first answer; whoever fears that an endpoint lies compares the [`nodes`](Self::nodes) instead.
#[derive(Clone)]
pub struct Several {
    nodes: Vec<Node>,
    quorum: usize,
}

impl Several {
    /// The first node's keys sign, and its pace and options apply to sending.
    #[must_use]
    pub fn new(first: Node, others: Vec<Node>) -> Self {
        let mut nodes = vec![first];
        nodes.extend(others);
        Self { nodes, quorum: 1 }
    }

    /// A transaction counts as landed once this many endpoints say so; at most all of them.
    #[must_use]
    pub fn agreeing(mut self, quorum: usize) -> Self {
        self.quorum = quorum.clamp(1, self.nodes.len());
        self
    }

    /// The same endpoints with another price per compute unit.
    #[must_use]
    pub fn offering(mut self, price: Price) -> Self {
        self.nodes = self.nodes.into_iter().map(|node| node.offering(price)).collect();
        self
    }

    /// The endpoints.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}

#[async_trait]
impl Chain for Several {
    fn payer(&self) -> Pubkey {
        self.nodes.first().map(Chain::payer).unwrap_or_default()
    }

    async fn now(&self) -> Result<At, ChainError> {
        select_ok(self.nodes.iter().map(Chain::now))
            .await
            .map(|(found, _)| found)
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        select_ok(self.nodes.iter().map(|node| node.accounts(keys)))
            .await
            .map(|(found, _)| found)
    }

    /// From one endpoint after the other: such a response is large.
    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        let mut failed = None;
        for node in &self.nodes {
            match node.owned_at(program, filters).await {
                Ok(found) => return Ok(found),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or_else(|| Ok(OwnedAt::default()), Err)
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        send::send(&self.nodes, self.quorum, instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        select_ok(self.nodes.iter().map(|node| node.simulate(instructions, accounts)))
            .await
            .map(|(found, _)| found)
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
