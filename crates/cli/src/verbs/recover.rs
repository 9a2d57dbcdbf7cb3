//! The verbs that bring a ledger back: from its checkpoints to its last claim.

use clap::Subcommand;

use super::{
    ballot::{self, BallotCommand},
    checkpoint::{self, CheckpointCommand},
    claim::{self, ClaimCommand},
    escape::{self, Escape, RestartCheck, Sweep},
    funds::{self, Fund, Share, Surplus},
    insurance::{self, InsuranceCommand},
    interim::{self, InterimCommand},
    proof::{self, ProofCommand},
    restore::{self, Restore},
    vote::{self, VoteCommand},
};
use crate::context::Context;

/// The verbs, in the order of a recovery. `snapshot` stands beside them, because it has commands that need no cluster.
// The help of a verb is the documentation of its arguments; text here would replace it.
#[allow(missing_docs)]
#[derive(Subcommand)]
pub enum Recover {
    Checkpoint(CheckpointCommand),
    Ballot(BallotCommand),
    Vote(VoteCommand),
    Restore(Restore),
    Fund(Fund),
    Share(Share),
    Surplus(Surplus),
    Claim(ClaimCommand),
    Interim(InterimCommand),
    Escape(Escape),
    Sweep(Sweep),
    RestartCheck(RestartCheck),
    Proof(ProofCommand),
    Insurance(InsuranceCommand),
}

/// Runs a verb.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(verb: &Recover, context: &Context) -> anyhow::Result<()> {
    match verb {
        Recover::Checkpoint(command) => checkpoint::run(command, context).await,
        Recover::Ballot(command) => ballot::run(command, context).await,
        Recover::Vote(command) => vote::run(command, context).await,
        Recover::Restore(command) => restore::run(command, context).await,
        Recover::Fund(command) => funds::fund(command, context).await,
        Recover::Share(command) => funds::share(command, context).await,
        Recover::Surplus(command) => funds::surplus(command, context).await,
        Recover::Claim(command) => claim::run(command, context).await,
        Recover::Interim(command) => interim::run(command, context).await,
        Recover::Escape(command) => escape::escape(command, context).await,
        Recover::Sweep(command) => escape::sweep(command, context).await,
        Recover::RestartCheck(command) => escape::restart_check(command, context).await,
        Recover::Proof(command) => proof::run(command, context).await,
        Recover::Insurance(command) => insurance::run(command, context).await,
    }
}
