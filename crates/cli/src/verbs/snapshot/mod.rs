//! `bulkhead snapshot` on chain: the program reads every position of a ledger while the domain is frozen.

mod crank;
mod shards;
mod show;

use clap::Subcommand;

use crate::context::Context;

/// What is done on the chain. The commands on files stand beside these.
#[derive(Subcommand)]
pub enum OnChain {
    /// Open the snapshot, read all shards, and seal it; run again after an interruption
    Crank(crank::Crank),
    /// Open the snapshot of a ledger of the frozen domain
    Open(shards::Open),
    /// Open a shard, to read positions into it
    OpenShard(shards::OpenShard),
    /// Read positions into a shard
    Ingest(shards::Ingest),
    /// Seal the snapshot
    Seal(shards::Seal),
    /// Close a shard that no seal depends on, and take its rent back
    CloseShard(shards::CloseShard),
    /// Show a snapshot and its shards
    Show(show::Show),
}

/// Runs the command.
///
/// # Errors
/// The command's error, by name.
pub async fn run(command: &OnChain, context: &Context) -> anyhow::Result<()> {
    match command {
        OnChain::Crank(crank) => crank.run(context).await,
        OnChain::Open(open) => open.run(context).await,
        OnChain::OpenShard(open) => open.run(context).await,
        OnChain::Ingest(ingest) => ingest.run(context).await,
        OnChain::Seal(seal) => seal.run(context).await,
        OnChain::CloseShard(close) => close.run(context).await,
        OnChain::Show(show) => show.run(context).await,
    }
}
