//! The `bulkhead` command.

use std::process::ExitCode;

use bulkhead_cli::{
    adopt, calibrate,
    command_line::{Cli, Command},
    context::{Context, Globals},
    exit, init, ledger, output, snapshot,
    verbs::{operate, recover},
};
use bulkhead_terminal::error;
use clap::{CommandFactory, Parser};

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
