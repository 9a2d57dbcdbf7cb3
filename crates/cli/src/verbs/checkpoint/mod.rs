//! `bulkhead checkpoint`: the state of a ledger, attested in normal operation, and what speaks for and against it.

mod evidence;
pub(crate) mod files;
mod log;
mod node;
mod post;
mod publish;
mod samples;
mod snapshots;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_core::checkpoints::checkpoint;
use bulkhead_interface::layout::{Checkpoint, CheckpointLog};
use clap::{Args, Parser, Subcommand};

use super::{find, ledger_at::not_possible};
use crate::context::Context;

/// Post and attest checkpoints, show them, and prove them right or wrong
#[derive(Parser)]
pub struct CheckpointCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Run(post::Run),
    Post(post::Post),
    Attest(post::Attest),
    List(log::List),
    Show(log::Show),
    ProveLeaf(evidence::ProveLeaf),
    Contest(evidence::Contest),
    ContestNode(node::ContestNode),
    Dispute(evidence::Dispute),
    Publish(publish::Publish),
    FinishPublication(publish::FinishPublication),
    Sample(samples::Sample),
    Compare(samples::Compare),
    CloseEvidence(evidence::CloseEvidence),
    CloseSample(samples::CloseSample),
    OpenSnapshot(snapshots::OpenSnapshot),
    OpenShard(snapshots::OpenShard),
    Void(snapshots::Void),
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &CheckpointCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Run(run) => run.run(context).await,
        What::Post(post) => post.run(context).await,
        What::Attest(attest) => attest.run(context).await,
        What::List(list) => list.run(context).await,
        What::Show(show) => show.run(context).await,
        What::ProveLeaf(prove) => prove.run(context).await,
        What::Contest(contest) => contest.run(context).await,
        What::ContestNode(contest) => contest.run(context).await,
        What::Dispute(dispute) => dispute.run(context).await,
        What::Publish(publish) => publish.run(context).await,
        What::FinishPublication(finish) => finish.run(context).await,
        What::Sample(sample) => sample.run(context).await,
        What::Compare(compare) => compare.run(context).await,
        What::CloseEvidence(close) => close.run(context).await,
        What::CloseSample(close) => close.run(context).await,
        What::OpenSnapshot(open) => open.run(context).await,
        What::OpenShard(open) => open.run(context).await,
        What::Void(void) => void.run(context).await,
    }
}

/// The checkpoint log of a ledger.
#[derive(Args, Clone, Debug)]
pub struct LogAt {
    /// Number of the ledger
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) ledger_index: u8,
}

impl LogAt {
    /// Address of the log.
    fn key(&self, context: &Context) -> anyhow::Result<Pubkey> {
        Ok(pda::checkpoint_log(&context.domain()?, self.ledger_index))
    }

    /// Reads the log.
    async fn read(&self, context: &Context) -> anyhow::Result<(Pubkey, CheckpointLog)> {
        let key = self.key(context)?;
        let next = "a ledger has no checkpoints before its log is opened: `bulkhead propose open-checkpoint-log`";
        Ok((key, find::one(context, "checkpoint log", &key, next).await?))
    }
}

/// The checkpoint of a slot.
fn entry_of(log: &CheckpointLog, slot: u64) -> anyhow::Result<&Checkpoint> {
    checkpoint::find(log, slot).map_err(|_| {
        let why = format!("the log has no checkpoint of slot {slot}");
        not_possible(why, "`bulkhead checkpoint list` shows those it has")
    })
}
