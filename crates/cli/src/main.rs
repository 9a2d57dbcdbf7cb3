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

/// Disaster recovery that plugs into a protocol.
#[derive(Parser)]
#[command(name = "bulkhead", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Replay a real incident on the built programs, without and with Bulkhead
    Drill(Drill),
    /// Derive limits and thresholds from a history of flows or prices
    Calibrate(Calibrate),
    /// Open a domain from a configuration file
    Init(Init),
    /// Show proposals in plain text, and approve them
    Proposal(ProposalCommand),
    /// Collect, build, verify and serve snapshots
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
            output::note(&format!("error: {}", chain(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes on one line. A cause that the previous message already ends with is not repeated.
fn chain(error: &anyhow::Error) -> String {
    let mut chain = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if chain.is_empty() {
            chain = cause;
        } else if !chain.ends_with(&cause) {
            chain.push_str(": ");
            chain.push_str(&cause);
        }
    }
    chain
}
