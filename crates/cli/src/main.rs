//! The `bulkhead` command.

use std::process::ExitCode;

use bulkhead_cli::{
    calibrate::{self, Calibrate},
    drill::{self, Drill},
    init::{self, Init},
    output,
    proposal::{self, ProposalCommand},
    snapshot::{self, SnapshotCommand},
};
use clap::{Parser, Subcommand};

/// Disaster recovery that a protocol plugs in.
#[derive(Parser)]
#[command(name = "bulkhead", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Replay a real incident on the built programs, without Bulkhead and with it
    Drill(Drill),
    /// Find limits and thresholds in a history of flow or prices
    Calibrate(Calibrate),
    /// Open a domain from a file
    Init(Init),
    /// Read proposals in words, and approve them
    Proposal(ProposalCommand),
    /// Collect, build, check and serve snapshots
    Snapshot(SnapshotCommand),
}

fn main() -> ExitCode {
    output::never_panic();
    let result = match Cli::parse().command {
        Command::Drill(command) => drill::run(&command),
        Command::Calibrate(command) => calibrate::run(&command),
        Command::Init(command) => init::run(&command),
        Command::Proposal(command) => proposal::run(&command),
        Command::Snapshot(command) => snapshot::run(&command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
