//! The `bulkhead` command.

use std::process::ExitCode;

use bulkhead_cli::{
    adopt::{self, Adopt},
    calibrate::{self, Calibrate},
    context::{Context, Globals},
    exit,
    init::{self, Init},
    ledger::{self, LedgerCommand},
    neighbour::Neighbour,
    output,
    shell::{Completions, Man},
    snapshot::{self, SnapshotCommand},
    verbs::{
        operate::{self, Operate},
        recover::{self, Recover},
    },
};
use bulkhead_terminal::error;
use clap::{CommandFactory, Parser, Subcommand};

/// Disaster recovery that plugs into a protocol.
#[derive(Parser)]
#[command(name = "bulkhead", version, arg_required_else_help = true, after_help = exit::HELP)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
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
    #[command(flatten)]
    Operate(Operate),
    /// Try a ledger's description on dumps of accounts
    Ledger(LedgerCommand),
    /// Collect, build, verify and serve snapshots; read them on chain
    Snapshot(SnapshotCommand),
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

fn main() -> ExitCode {
    output::never_panic();
    let Cli { globals, command } = Cli::parse();
    match work(globals, command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {}", error::chain(&error)));
            ExitCode::from(exit::code(&error))
        }
    }
}

fn work(globals: Globals, command: Command) -> anyhow::Result<()> {
    let context = Context::new(globals)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(run(&command, &context));
    // A request that nobody waits for any more does not keep the process.
    runtime.shutdown_background();
    if result.is_err() {
        context.after_error()?;
    }
    result
}

async fn run(command: &Command, context: &Context) -> anyhow::Result<()> {
    match command {
        Command::Drill(command) => command.run("bulkhead-drill", context.output().arguments()),
        Command::Adopt(command) => adopt::run(command, context).await,
        Command::Calibrate(command) => tokio::task::block_in_place(|| calibrate::run(command, context.output())),
        Command::Init(command) => init::run(command, context).await,
        Command::Operate(verb) => operate::run(verb, context).await,
        Command::Ledger(command) => tokio::task::block_in_place(|| ledger::run(command, context)),
        Command::Snapshot(command) => snapshot::run(command, context).await,
        Command::Recover(verb) => recover::run(verb, context).await,
        Command::Sentinel(command) => command.run("bulkhead-sentinel", &[]),
        Command::Completions(command) => command.run(Cli::command()),
        Command::Man(command) => command.run(Cli::command()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Global arguments and those of every command do not clash.
    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
