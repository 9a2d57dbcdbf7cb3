//! `bulkhead snapshot` on chain: the program reads every position of a ledger while the domain is frozen.

mod crank;
mod shards;
mod show;

use clap::Subcommand;

use crate::context::Context;

/// What is done on the chain. The commands on files stand beside these.
// The help of a verb is the documentation of its arguments; text here would replace it.
#[allow(missing_docs)]
#[derive(Subcommand)]
pub enum OnChain {
    Crank(crank::Crank),
    Open(shards::Open),
    OpenShard(shards::OpenShard),
    Ingest(shards::Ingest),
    Seal(shards::Seal),
    CloseShard(shards::CloseShard),
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
