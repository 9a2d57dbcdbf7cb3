//! `bulkhead status`: a domain on one screen.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    time::Duration,
};

use anyhow::Context as _;
use bulkhead_client::status::{self, DomainStatus};
use bulkhead_snapshot::harmless;
use clap::Args;

use super::find::quiet;
use crate::context::Context;

/// Show where a domain stands.
///
/// What is wrong comes first, then what is closed and until when, the open incident with its next step and who has to
/// take it, the proposals with their clocks, and what breakers, vaults, detectors and members have left. No key is needed.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  bulkhead status --domain DOMAIN
  bulkhead status --watch 5
  bulkhead status --output json-compact | jq .warnings")]
pub struct Status {
    /// Read and print again after so many seconds, until interrupted
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    watch: Option<u64>,
}

/// Clears a terminal, and puts the cursor in its first cell.
const CLEAR: &str = "\u{1b}[2J\u{1b}[H";

/// Runs it.
///
/// # Errors
/// A named error that says what to do next.
pub async fn run(command: &Status, context: &Context) -> anyhow::Result<()> {
    let domain = context.domain()?;
    let read = async || -> anyhow::Result<DomainStatus> { Ok(status::read(&quiet(context)?, domain).await?) };
    let Some(seconds) = command.watch else {
        let found = read().await?;
        return context.print(&found, || status::text(&found));
    };
    let clears = !context.output().is_json() && io::stdout().is_terminal();
    loop {
        let found = read().await?;
        let screen = context.output().render(&found, || clean(&status::text(&found)))?;
        let screen = if clears { format!("{CLEAR}{screen}") } else { screen };
        if !still_read(&screen)? {
            return Ok(());
        }
        context.chain()?.wait(Duration::from_secs(seconds)).await;
    }
}

fn clean(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(|line| harmless(line, usize::MAX)).collect();
    lines.join("\n")
}

/// Prints, and tells whether anybody still reads: a closed pipe ends the watch.
fn still_read(text: &str) -> anyhow::Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("NotWritten: standard output cannot be written"),
    }
}
