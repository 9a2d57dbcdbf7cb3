//! The `bulkhead-sentinel-bench` command.

use std::{path::PathBuf, process::ExitCode};

use bulkhead_localnet::bench::{self, Bench};
use clap::Parser;

/// Measures the sentinel against a real node: slots from a breach to the pause in force, what watching costs, a hundred
/// kills, and endpoints that lie, are slow or restart. Ends with an error if a pause, an alarm or a payment is lost or
/// made twice.
#[derive(Parser)]
#[command(name = "bulkhead-sentinel-bench", version)]
struct Cli {
    /// Directory of the nodes, the sentinels' states and logs, and the figures. Nodes that are in it are deleted
    #[arg(long, value_name = "DIR", default_value = "target/bench-sentinel")]
    dir: PathBuf,
    #[command(flatten)]
    bench: Bench,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { dir, bench } = Cli::parse();
    if let Err(error) = std::fs::create_dir_all(&dir) {
        eprintln!("error: {}: {error}", dir.display());
        return ExitCode::FAILURE;
    }
    match bench::run(&dir, &bench).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
