//! Acts of more than one transaction, each from its goal: read where things stand, skip what is done, do the rest.
//!
//! Every flow is idempotent and resumable: run again after a kill, it goes on where the accounts say that it stopped.
//! The names are those of the TypeScript client.

mod ballot;
pub mod checkpoint;
pub mod claim;
mod confirm;
mod emergency;
mod escape;
mod evacuate;
mod execute;
mod heartbeat;
pub mod interim;
mod leftovers;
mod override_seal;
mod pause;
mod propagate;
mod proposals;
mod reading;
mod refusal;
mod releases;
mod restart;
pub mod restore;
mod send;
pub mod snapshot;
mod unpause;
mod upgrade;
mod vote;

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead_core::CoreError;

use crate::{
    chain::{Chain, ChainError, Receipt},
    decode,
};

pub use self::{
    ballot::{Balloted, open_ballot_with},
    confirm::{Confirmed, confirm, confirm_evacuation},
    emergency::{Plan, StepTrial, plan_emergency_run, run_emergency_action, try_emergency_steps},
    escape::escape,
    evacuate::{Evacuated, MintSum, VaultRow, due_evacuations, evacuate, keys_of},
    execute::{execute, execution},
    heartbeat::heartbeat,
    leftovers::{Leftovers, close_leftovers},
    pause::{lapse, pause},
    propagate::{due_propagations, propagate},
    proposals::{Proposed, ReadProposal, approve, parse_proposal, propose, read_proposal, veto, withdraw},
    reading::{Scene, reading},
    releases::{due_settlements, settle_releases},
    restart::check_restart,
    unpause::{Stepped, advance, advance_of, reopen, reopen_of, resume, resume_of},
    upgrade::{confirm_emergency_build, deploy_emergency_build, find_buffer},
    vote::{Voted, deposit_votes, vote},
};

pub(crate) use self::{
    evacuate::{fault_of, judge as judge_evacuation},
    propagate::link_is_due,
};

/// Receives the progress of a flow.
pub trait Report: Send + Sync {
    /// `done` of `total` steps of `what` are done. `what` is a plural noun: "positions", "claims".
    fn progress(&self, what: &str, done: u64, total: u64);

    /// Something worth a line.
    fn note(&self, text: &str);
}

/// Reports nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Report for Quiet {
    fn progress(&self, _: &str, _: u64, _: u64) {}

    fn note(&self, _: &str) {}
}

/// What a flow works with.
#[derive(Clone, Copy)]
pub struct Session<'a> {
    /// The cluster.
    pub chain: &'a dyn Chain,
    /// Receives progress.
    pub report: &'a dyn Report,
    /// Transactions in flight at once, at least 1.
    pub parallel: usize,
}

/// What a flow did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The transactions that it sent.
    pub receipts: Vec<Receipt>,
    /// Steps that were already done and therefore skipped.
    pub skipped: u64,
}

/// Why a flow stopped. What landed before stays, and the next run skips it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowError {
    /// The cluster or a program refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A rule of the program would refuse, so nothing was sent.
    #[error("{0:?}: {1}")]
    Rule(CoreError, String),
    /// An account that the flow needs does not exist or is of another kind.
    #[error("NotFound: {what} {key} does not exist on this cluster; {next}")]
    NotFound {
        /// What it would be.
        what: &'static str,
        /// Its address.
        key: Pubkey,
        /// What to do next.
        next: String,
    },
    /// The flow cannot go on yet, or not without somebody else.
    #[error("NotYet: {why}; {next}")]
    NotYet {
        /// What is missing.
        why: String,
        /// What to do next, and who or when.
        next: String,
    },
    /// The arguments contradict each other or the accounts.
    #[error("NotPossible: {why}; {next}")]
    NotPossible {
        /// What is wrong.
        why: String,
        /// What to do next.
        next: String,
    },
}

impl Session<'_> {
    /// Reads and decodes an account of Bulkhead. `None` if it does not exist or is of another kind.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn find<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Result<Option<T>, ChainError> {
        let account = self.chain.account(key).await?;
        Ok(account.and_then(|account| decode::owned(&account.owner, &account.data)))
    }

    /// As [`Session::find`], for an account that has to exist. `next` says what to do if it does not.
    ///
    /// # Errors
    /// [`FlowError`]
    pub async fn load<T: ZeroCopy + Discriminator>(
        &self,
        what: &'static str,
        key: &Pubkey,
        next: &str,
    ) -> Result<T, FlowError> {
        self.find(key).await?.ok_or_else(|| FlowError::NotFound {
            what,
            key: *key,
            next: next.into(),
        })
    }
}
