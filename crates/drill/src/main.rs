//! `bulkhead-drill`: replays a real incident without and with Bulkhead. `bulkhead drill` starts it.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use bulkhead_drill::{INCIDENTS, Options, find, report, verify};
use bulkhead_terminal::{Bar, Output, error, output};
use clap::Parser;

/// Replay a real incident on the built programs, without and with Bulkhead
#[derive(Parser)]
#[command(name = "bulkhead drill", version)]
struct Drill {
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
    /// Format of the result on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Output::Text)]
    output: Output,
}

fn main() -> ExitCode {
    output::never_panic();
    match run(&Drill::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {}", error::chain(&error)));
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Drill) -> anyhow::Result<()> {
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
    command.output.print(&found, || report::terminal(&found))?;
    if let Some(file) = &command.report {
        fs::write(file, report::html(&found)).with_context(|| format!("{} cannot be written", file.display()))?;
        output::note(&format!("report: {}", file.display()));
    }
    verify(&found)?;
    Ok(())
}
