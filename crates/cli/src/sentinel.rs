//! `bulkhead sentinel`: starts the daemon. It is a program of its own, so that this one links no database and no server.

use std::{env, ffi::OsString, io::ErrorKind, path::PathBuf, process::Command};

use anyhow::{anyhow, bail};
use clap::Parser;

const PROGRAM: &str = "bulkhead-sentinel";

/// Start the daemon that watches domains and pauses by rule
#[derive(Parser)]
#[command(
    disable_help_flag = true,
    after_help = "Example:\n  bulkhead sentinel --config sentinel.toml --check"
)]
pub struct Sentinel {
    /// Arguments of `bulkhead-sentinel`; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Becomes the daemon that is installed beside this program, or else the one on the `PATH`.
///
/// # Errors
/// `NotInstalled`, or the daemon's own exit code as an error.
pub fn run(command: &Sentinel) -> anyhow::Result<()> {
    let beside = env::current_exe().ok().map(|own| own.with_file_name(PROGRAM));
    let program = beside
        .filter(|path| path.is_file())
        .unwrap_or_else(|| PathBuf::from(PROGRAM));
    let mut daemon = Command::new(&program);
    daemon.args(&command.arguments);
    let error = start(&mut daemon)?;
    if error.kind() == ErrorKind::NotFound {
        bail!(
            "NotInstalled: {PROGRAM} is neither beside this program nor on the PATH; `cargo build --workspace --bin {PROGRAM}` \
             builds it"
        );
    }
    Err(anyhow!("NotStarted: {}: {error}", program.display()))
}

/// Replaces this process, so that signals reach the daemon. Returns only the reason why that failed.
#[cfg(unix)]
fn start(daemon: &mut Command) -> anyhow::Result<std::io::Error> {
    use std::os::unix::process::CommandExt;
    Ok(daemon.exec())
}

#[cfg(not(unix))]
fn start(daemon: &mut Command) -> anyhow::Result<std::io::Error> {
    match daemon.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => Ok(error),
    }
}
