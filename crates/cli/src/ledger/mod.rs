//! `bulkhead ledger`: a ledger's description, tried before it is registered.

mod try_on;

use clap::{Parser, Subcommand};

use crate::context::Context;

/// Try a ledger's description on dumps of accounts
#[derive(Parser)]
pub struct LedgerCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Read dumps of accounts through a description, offline: who has how much, or why an account is not read
    Try(try_on::Try),
}

/// Runs the command.
///
/// # Errors
/// The command's error.
pub fn run(command: &LedgerCommand, context: &Context) -> anyhow::Result<()> {
    match &command.what {
        What::Try(command) => command.run(context),
    }
}
