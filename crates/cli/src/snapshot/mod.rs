//! `bulkhead snapshot`: the balances of a ledger at a slot, as files that anyone can recompute.

mod build;
mod collect;
mod diff;
mod prove;
mod serve;
mod sources;
mod verify;

use bulkhead_terminal::Bar;
use clap::{Parser, Subcommand};

use crate::{
    context::Context,
    verbs::snapshot::{self, OnChain},
};

/// Collect, build, verify and serve snapshots; read them on chain
#[derive(Parser)]
pub struct SnapshotCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    #[command(flatten)]
    OnFiles(OnFiles),
    #[command(flatten)]
    OnChain(OnChain),
}

#[derive(Subcommand)]
enum OnFiles {
    /// Read positions from a node or from account dumps into a folder that `build` accepts
    Collect(collect::Collect),
    /// Build the tree: a folder with the leaves as Parquet and a manifest; resumes an interrupted run
    Build(build::Build),
    /// Hash the leaves of a snapshot again, or check proofs against its manifest
    Verify(verify::Verify),
    /// Print the proof of one position, or of all positions of an owner
    Prove(prove::Prove),
    /// Show what changed between two snapshots, by owner
    Diff(diff::DiffCommand),
    /// Serve proofs over HTTP
    Serve(serve::Serve),
}

/// Runs the command.
///
/// # Errors
/// The command's error; [`bulkhead_snapshot::Error`] names it.
pub async fn run(command: &SnapshotCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::OnChain(verb) => snapshot::run(verb, context).await,
        What::OnFiles(command) => tokio::task::block_in_place(|| run_on_files(command, context)),
    }
}

fn run_on_files(command: &OnFiles, context: &Context) -> anyhow::Result<()> {
    let output = context.output();
    let progress = Bar::visible();
    match command {
        OnFiles::Collect(collect) => collect.run(context, &progress),
        OnFiles::Build(build) => build.run(output, &progress),
        OnFiles::Verify(verify) => verify.run(output, &progress),
        OnFiles::Prove(prove) => prove.run(output, &progress),
        OnFiles::Diff(diff) => diff.run(output, &progress),
        OnFiles::Serve(serve) => serve.run(&progress),
    }
}
