//! The arguments of the `bulkhead` command.

use clap::{Parser, Subcommand};

use crate::{
    adopt::Adopt,
    calibrate::Calibrate,
    context::Globals,
    exit,
    init::Init,
    ledger::LedgerCommand,
    neighbour::Neighbour,
    shell::{Completions, Man},
    snapshot::SnapshotCommand,
    verbs::{operate::Operate, recover::Recover},
};

/// Disaster recovery that plugs into a protocol.
#[derive(Parser)]
#[command(name = "bulkhead", version, arg_required_else_help = true, after_help = exit::HELP)]
pub struct Cli {
    /// The arguments that every command takes.
    #[command(flatten)]
    pub globals: Globals,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands, in the order of their help.
#[derive(Subcommand)]
pub enum Command {
    /// Replay a real incident on the built programs, without and with Bulkhead
    #[command(
        disable_help_flag = true,
        after_help = "Example:\n  bulkhead drill drift-2026-04 --positions 500"
    )]
    Drill(Neighbour),
    /// Draft a domain from a program's IDL: positions, totals, actions, watches, guards
    Adopt(Adopt),
    /// Derive limits and thresholds from a history of flows or prices
    Calibrate(Calibrate),
    /// Open a domain from a configuration file
    Init(Init),
    /// A verb that operates a domain.
    #[command(flatten)]
    Operate(Operate),
    /// Try a ledger's description on dumps of accounts
    Ledger(LedgerCommand),
    /// Collect, build, verify and serve snapshots; read them on chain
    Snapshot(SnapshotCommand),
    /// A verb that brings a ledger back.
    #[command(flatten)]
    Recover(Recover),
    /// Start the daemon that watches domains and pauses by rule
    #[command(
        disable_help_flag = true,
        after_help = "Example:\n  bulkhead sentinel --config sentinel.toml --check"
    )]
    Sentinel(Neighbour),
    /// Print the script that completes this command in a shell
    Completions(Completions),
    /// Print the manual page, or write one page for each command
    Man(Man),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Global arguments and those of every command do not clash.
    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
