//! Where accounts come from. Each endpoint is read again and again, and may have a source of changes besides: a
//! websocket, or a Geyser stream.
//!
//! The slot of a websocket notification is not to be relied on: a node may freeze it at the subscription. So reports are
//! put in order by when they were asked for or arrived, per endpoint ([`Order`]): a read that began before a
//! notification arrived never replaces it. A Geyser stream names slot and number of each write ([`Version`]); those
//! order its changes, among each other and beside the reads.

#[cfg(feature = "geyser")]
pub mod geyser;
mod nudge;
mod poll;
pub mod program;
pub mod quorum;
mod websocket;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::ChainError;
use solana_account::Account;
use solana_instruction::Instruction;
use tokio::sync::{mpsc, watch};

pub use nudge::Nudge;
pub use poll::{Pace, Poller};
pub use websocket::Socket;

/// What is wanted of every endpoint.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The domains whose accounts are searched for.
    pub domains: Vec<Pubkey>,
    /// Their vaults, whose releases are searched for.
    pub vaults: BTreeSet<(Pubkey, Pubkey)>,
    /// The accounts that are read.
    pub keys: BTreeSet<Pubkey>,
    /// The program data accounts that are read, which are large: only their headers are kept, and a hash of the code.
    pub programs: BTreeSet<Pubkey>,
    /// The transactions that are simulated.
    pub canaries: Vec<Canary>,
}

/// A transaction that is simulated again and again.
#[derive(Clone, Debug)]
pub struct Canary {
    /// The rule's name.
    pub rule: String,
    /// Its instructions.
    pub instructions: Vec<Instruction>,
    /// Milliseconds between two simulations.
    pub every_millis: u64,
    /// The program's error number that is expected. Success without it.
    pub expect_error: Option<u32>,
}

impl Canary {
    /// What is not as expected about a simulation.
    #[must_use]
    pub fn failure(&self, error: Option<ChainError>) -> Option<String> {
        match (error, self.expect_error) {
            (None, None) => None,
            (None, Some(code)) => Some(format!("it would succeed, and error {code} was expected")),
            (Some(error), Some(code)) if error.code() == Some(code) => None,
            (Some(error), _) => Some(error.to_string()),
        }
    }
}

/// An account as an endpoint reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its address.
    pub key: Pubkey,
    /// The account, or `None` if it does not exist.
    pub account: Option<Account>,
    /// The domain that it was found for.
    pub domain: Option<Pubkey>,
}

/// The place of a write among all writes of a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The slot.
    pub slot: u64,
    /// The number of the write. It grows, and each node has its own.
    pub write: u64,
}

/// What a source reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Accounts that were read together, with their place in the order.
    Read(u64, Vec<Report>),
    /// An account that changed, with its place in the order.
    Pushed(u64, Report),
    /// An account as a write left it, with its place in the order.
    Streamed(u64, Version, Report),
    /// The node of a stream went back, to a snapshot or on another fork: slots of before are not compared with any longer.
    WentBack,
    /// The cluster has reached a slot.
    Slot(u64),
    /// Every question for new accounts was answered.
    Discovered,
    /// A question for new accounts was not answered.
    NotDiscovered(String),
    /// A transaction was simulated.
    Simulated {
        /// The rule's name.
        rule: String,
        /// What was not as expected.
        failure: Option<String>,
    },
    /// The endpoint did not answer.
    Failed(String),
    /// The websocket or the stream is connected, or no longer.
    Connected(bool),
}

/// The order of reports of one endpoint.
#[derive(Clone, Debug, Default)]
pub struct Order(Arc<AtomicU64>);

impl Order {
    /// The next place.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }
}

/// Where the sources of one endpoint report to.
#[derive(Clone, Debug)]
pub struct Out {
    /// Number of the endpoint.
    pub eye: usize,
    /// Receives number and events.
    pub sender: mpsc::Sender<(usize, Vec<Event>)>,
}

impl Out {
    /// Reports. Whether anybody still listens.
    pub async fn send(&self, events: Vec<Event>) -> bool {
        events.is_empty() || self.sender.send((self.eye, events)).await.is_ok()
    }
}

/// A source of one endpoint.
#[async_trait]
pub trait Source: Send {
    /// Reports until nobody listens any more. What is wanted may change at any time.
    async fn run(self: Box<Self>, wanted: watch::Receiver<Arc<Wanted>>, out: Out);
}
