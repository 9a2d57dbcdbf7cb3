//! The `bulkhead` command.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;
use bulkhead_cli::{
    calibrate::{self, Calibrate},
    drill::{self, Options, Progress},
    init::{self, Init},
    output::{self, Output},
    proposal::{self, ProposalCommand},
    report,
    snapshot::{self, SnapshotCommand},
};
use clap::{Parser, Subcommand};

/// Disaster recovery that a protocol plugs in.
#[derive(Parser)]
#[command(name = "bulkhead", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Replay a real incident on the built programs, without Bulkhead and with it
    Drill(Drill),
    /// Find limits and thresholds in a history of flow or prices
    Calibrate(Calibrate),
    /// Open a domain from a file
    Init(Init),
    /// Read proposals in words, and approve them
    Proposal(ProposalCommand),
    /// Collect, build, check and serve snapshots
    Snapshot(SnapshotCommand),
}

#[derive(Parser)]
struct Drill {
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

fn main() -> ExitCode {
    output::never_panic();
    let result = match Cli::parse().command {
        Command::Drill(command) => drill(&command),
        Command::Calibrate(command) => calibrate::run(&command),
        Command::Init(command) => init::run(&command),
        Command::Proposal(command) => proposal::run(&command),
        Command::Snapshot(command) => snapshot::run(&command),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::note(&format!("error: {}", told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes; what one says with the next in it is told once.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told.push_str(": ");
            told.push_str(&cause);
        }
    }
    told
}

fn drill(command: &Drill) -> anyhow::Result<()> {
    if command.list {
        for incident in drill::INCIDENTS {
            output::line(format_args!(
                "{:<18}{}: {}",
                incident.name, incident.title, incident.how
            ))?;
        }
        return Ok(());
    }
    let name = command.incident.as_deref().unwrap_or_default();
    let incident = drill::find(name)
        .with_context(|| format!("UnknownIncident: {name}; `bulkhead drill --list` names them all"))?;
    let options = Options {
        positions: command.positions,
        programs: command.programs.clone(),
    };
    let progress = Progress::visible();
    let result = drill::run(incident, &options, &progress);
    progress.finish();
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
    drill::verify(&found)?;
    Ok(())
}
