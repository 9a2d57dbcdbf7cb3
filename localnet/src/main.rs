//! The `bulkhead-localnet` command.

use std::{path::PathBuf, process::ExitCode};

use bulkhead_localnet::{
    attack::{self, Attack},
    error::LocalnetError,
    run::{self, Run},
    warp::{self, Warp},
};
use clap::{Parser, Subcommand};

/// A Solana node on this machine with Bulkhead's programs, a protected exchange, honest load, and a thief on request.
#[derive(Parser)]
#[command(name = "bulkhead-localnet", version, arg_required_else_help = true)]
struct Cli {
    /// Directory of the localnet: its state, its keys, localnet.json, config.yml
    #[arg(long, global = true, value_name = "DIR", default_value = "target/localnet")]
    dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the node; set up the sample when the directory is new; stop with Ctrl-C
    Run(Run),
    /// Rob the running localnet with a stolen key, until something stops it
    Attack(Attack),
    /// Move the clock of the running localnet forward, so that a delay has passed
    Warp(Warp),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { dir, command } = Cli::parse();
    let result = match command {
        Command::Run(command) => run::run(&dir, &command).await,
        Command::Attack(command) => attack::run(&dir, &command).await,
        Command::Warp(command) => warp::run(&dir, &command).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &LocalnetError) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::FAILURE
}
