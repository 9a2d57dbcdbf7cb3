//! The verbs: what an operator does on the chain, in the program's words.
//!
//! One file a topic. A verb reads what it needs, builds its instructions, and leaves signing, sending and printing to the
//! [`Context`].

pub mod ballot;
pub mod checkpoint;
pub mod claim;
pub mod funds;
pub mod ledger_at;
pub mod restore;
pub mod snapshot;
pub mod vote;

use clap::Subcommand;

use crate::context::Context;

/// Every verb, as the command line names it.
#[derive(Subcommand)]
pub enum Verb {
    /// Post and attest checkpoints, show them, and prove them right or wrong
    Checkpoint(checkpoint::CheckpointCommand),
    /// Open a ballot, put states on it, start its vote, and show how it stands
    Ballot(ballot::BallotCommand),
    /// Vote for the state to restart from
    Vote(vote::VoteCommand),
    /// Restore a ledger to the state that its ballot chose
    Restore(restore::Restore),
    /// Fund a restoration
    Fund(funds::Fund),
    /// Share out what the pool holds, so that claims can be paid
    Share(funds::Share),
    /// Return what the pool holds beyond all claims to the domain
    Surplus(funds::Surplus),
    /// Pay claims to their owners
    Claim(claim::ClaimCommand),
}

/// Runs a verb.
///
/// # Errors
/// The verb's error, by name.
pub async fn run(verb: &Verb, context: &Context) -> anyhow::Result<()> {
    match verb {
        Verb::Checkpoint(command) => checkpoint::run(command, context).await,
        Verb::Ballot(command) => ballot::run(command, context).await,
        Verb::Vote(command) => vote::run(command, context).await,
        Verb::Restore(command) => restore::run(command, context).await,
        Verb::Fund(command) => funds::fund(command, context).await,
        Verb::Share(command) => funds::share(command, context).await,
        Verb::Surplus(command) => funds::surplus(command, context).await,
        Verb::Claim(command) => claim::run(command, context).await,
    }
}
