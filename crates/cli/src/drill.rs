//! `bulkhead drill`: a real incident, replayed without Bulkhead and with it.

use std::{fs, path::PathBuf};

use anyhow::Context;
use bulkhead_drill::{INCIDENTS, Options, find, report, verify};
use clap::Parser;

use crate::{
    output::{self, Output},
    progress::Bar,
};

/// Replay a real incident on the built programs, without Bulkhead and with it
#[derive(Parser)]
pub struct Drill {
    /// Which incident; `--list` names them
    #[arg(required_unless_present = "list")]
    incident: Option<String>,
    /// Name the incidents that can be replayed
    #[arg(long)]
    list: bool,
    /// Margin accounts in the replay
    #[arg(long, default_value_t = 2_000)]
    positions: u32,
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// Also write the report as one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Folder with the built programs
    #[arg(long, value_name = "DIR", default_value = "target/deploy")]
    programs: PathBuf,
}

/// Runs a command.
///
/// # Errors
/// [`bulkhead_drill::DrillError`], and what cannot be written.
pub fn run(command: &Drill) -> anyhow::Result<()> {
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
        find(name).with_context(|| format!("UnknownIncident: {name}; `bulkhead drill --list` names them all"))?;
    let options = Options {
        positions: command.positions,
        programs: command.programs.clone(),
    };
    let progress = Bar::visible();
    let result = bulkhead_drill::run(incident, &options, &progress);
    progress.clear();
    let found = result?;
    // A broken law is told by the report too, so the report comes first.
    match command.output {
        Output::Text => output::print(&report::terminal(&found))?,
        Output::Json => output::line(report::json(&found)?)?,
    }
    if let Some(file) = &command.report {
        fs::write(file, report::html(&found)).with_context(|| format!("{} cannot be written", file.display()))?;
        output::note(&format!("report: {}", file.display()));
    }
    verify(&found)?;
    Ok(())
}
