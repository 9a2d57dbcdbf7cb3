//! `bulkhead drill`: replays a real incident without and with Bulkhead.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use bulkhead_drill::{INCIDENTS, Options, find, report, verify};
use clap::Parser;

use crate::{context::Context, output, progress::Bar};

/// Replay a real incident on the built programs, without and with Bulkhead
#[derive(Parser)]
pub struct Drill {
    /// The incident to replay; `--list` shows their names
    #[arg(required_unless_present = "list")]
    incident: Option<String>,
    /// List the incidents that can be replayed
    #[arg(long)]
    list: bool,
    /// Number of margin accounts in the replay
    #[arg(long, default_value_t = 2_000)]
    positions: u32,
    /// Also write the report as a single HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Directory of the built programs
    #[arg(long, value_name = "DIR", default_value = "target/deploy")]
    programs: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// [`bulkhead_drill::DrillError`], or an error when the output cannot be written.
pub fn run(command: &Drill, context: &Context) -> anyhow::Result<()> {
    if command.list {
        for incident in INCIDENTS {
            output::line(format_args!(
                "{:<18}{}: {}",
                incident.name, incident.title, incident.how
            ))?;
        }
        return Ok(());
    }
    let name = command.incident.as_deref().unwrap_or_default();
    let incident =
        find(name).with_context(|| format!("UnknownIncident: {name}; `bulkhead drill --list` shows every name"))?;
    let options = Options {
        positions: command.positions,
        programs: command.programs.clone(),
    };
    let progress = Bar::visible();
    let result = bulkhead_drill::run(incident, &options, &progress);
    progress.clear();
    let found = result?;
    // The report also shows a broken law, so print the report before failing.
    context.print(&found, || report::terminal(&found))?;
    if let Some(file) = &command.report {
        fs::write(file, report::html(&found)).with_context(|| format!("{} cannot be written", file.display()))?;
        output::note(&format!("report: {}", file.display()));
    }
    verify(&found)?;
    Ok(())
}
