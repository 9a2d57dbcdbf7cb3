//! The machine as a cluster that can fail at any transaction, as networks and processes do.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anchor_lang::{
    Discriminator,
    prelude::{Pubkey, pubkey},
};
use async_trait::async_trait;
use bulkhead_client::{
    chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated},
    flows::{Quiet, Session},
};
use bulkhead_core::acts::At;
use bulkhead_testbed::{Machine, OnMachine};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;

/// Bytes a transaction may have.
const PACKET: usize = 1_232;
const COMPUTE_BUDGET: Pubkey = pubkey!("ComputeBudget111111111111111111111111111111");

/// What goes wrong. Transactions are numbered from 0 by the order in which they are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// The process dies before it sends this transaction.
    DiesBefore(usize),
    /// The process dies after this transaction has landed, before it hears of it.
    DiesAfter(usize),
    /// This transaction lands, and its answer is lost.
    LosesAnswer(usize),
}

#[derive(Default)]
struct State {
    sent: usize,
    is_dead: bool,
    /// Names of the instructions of each transaction that landed.
    landed: Vec<Vec<[u8; 8]>>,
}

/// A cluster with a fault. Each request gives other flows their turn.
pub struct Cluster {
    inner: OnMachine,
    fault: Fault,
    state: Mutex<State>,
}

impl Cluster {
    pub fn new(machine: Machine, keys: Vec<Keypair>, fault: Fault) -> Self {
        Self {
            inner: OnMachine::new(machine, keys),
            fault,
            state: Mutex::default(),
        }
    }

    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        self.inner.machine()
    }

    /// A copy of the machine as it stands.
    pub fn fork(&self) -> Machine {
        self.machine().fork()
    }

    /// A session of four transactions at once.
    pub fn session(&self) -> Session<'_> {
        Session {
            chain: self,
            report: &Quiet,
            parallel: 4,
        }
    }

    /// Number of transactions that landed.
    pub fn landed(&self) -> usize {
        self.state().landed.len()
    }

    /// How often an instruction landed.
    pub fn count<I: Discriminator>(&self) -> usize {
        let names = |names: &Vec<[u8; 8]>| names.iter().filter(|name| name[..] == *I::DISCRIMINATOR).count();
        self.state().landed.iter().map(names).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn turn(&self) -> Result<(), ChainError> {
        tokio::task::yield_now().await;
        if self.state().is_dead { Err(dead()) } else { Ok(()) }
    }
}

/// The error of whoever does not hear an answer.
pub fn dead() -> ChainError {
    ChainError::Unreachable {
        node: "machine".into(),
        reason: "it was killed".into(),
    }
}

/// The instructions as a node's client sends them: behind a limit of units, their price, and a limit of loaded bytes.
pub fn as_sent(instructions: &[Instruction]) -> Vec<Instruction> {
    let budget = |data: Vec<u8>| Instruction {
        program_id: COMPUTE_BUDGET,
        accounts: vec![],
        data,
    };
    let limit = budget([&[2][..], &1_400_000u32.to_le_bytes()].concat());
    let price = budget([&[3][..], &1_000u64.to_le_bytes()].concat());
    let loaded = budget([&[4][..], &(64u32 << 20).to_le_bytes()].concat());
    [limit, price, loaded]
        .into_iter()
        .chain(instructions.to_vec())
        .collect()
}

/// Bytes of a transaction, as it is really encoded.
pub fn size(payer: &Pubkey, instructions: &[Instruction]) -> usize {
    let message = Message::new(instructions, Some(payer));
    1 + 64 * usize::from(message.header.num_required_signatures) + message.serialize().len()
}

#[async_trait]
impl Chain for Cluster {
    fn payer(&self) -> Pubkey {
        self.inner.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.turn().await?;
        self.inner.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.turn().await?;
        self.inner.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.turn().await?;
        assert!(filters.len() <= 4, "a node takes four filters");
        self.inner.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        self.turn().await?;
        let number = {
            let mut state = self.state();
            state.sent += 1;
            state.sent - 1
        };
        if matches!(self.fault, Fault::DiesBefore(last) if number >= last) {
            self.state().is_dead = true;
            return Err(dead());
        }
        let sent = as_sent(instructions);
        let bytes = size(&self.payer(), &sent);
        assert!(bytes <= PACKET, "a transaction of {bytes} bytes");
        let receipt = self.inner.send(&sent).await?;
        let names = instructions.iter().filter_map(|each| each.data.first_chunk().copied());
        self.state().landed.push(names.collect());
        match self.fault {
            Fault::DiesAfter(last) if number == last => {
                self.state().is_dead = true;
                Err(dead())
            }
            Fault::LosesAnswer(lost) if number == lost => Err(dead()),
            _ => Ok(receipt),
        }
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.turn().await?;
        self.inner.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        tokio::task::yield_now().await;
        self.inner.wait(time).await;
        self.machine().write_slot_hashes(&[]);
    }
}
