//! Commands that are programs of their own, so that this one links no database, no server and no virtual machine:
//! `bulkhead sentinel` starts the daemon, `bulkhead drill` replays an incident.

use std::{env, ffi::OsString, io::ErrorKind, path::PathBuf, process::Command};

use anyhow::{anyhow, bail};
use clap::Parser;

/// The arguments of another program.
#[derive(Parser)]
pub struct Neighbour {
    /// Arguments of that program; `--help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Neighbour {
    /// Becomes the program that is installed beside this one, or else the one on the `PATH`. `globals` are arguments
    /// that were given to this program and mean the same there.
    ///
    /// # Errors
    /// `NotInstalled`, or `NotStarted` with the system's reason.
    pub fn run(&self, name: &str, globals: &[&str]) -> anyhow::Result<()> {
        let beside = env::current_exe().ok().map(|own| own.with_file_name(name));
        let program = beside
            .filter(|path| path.is_file())
            .unwrap_or_else(|| PathBuf::from(name));
        let mut other = Command::new(&program);
        other.args(&self.arguments).args(globals);
        let error = start(&mut other)?;
        if error.kind() == ErrorKind::NotFound {
            bail!(
                "NotInstalled: {name} is neither beside this program nor on the PATH; `cargo build --workspace --bin \
                 {name}` builds it"
            );
        }
        Err(anyhow!("NotStarted: {}: {error}", program.display()))
    }
}

/// Replaces this process, so that signals reach the other. Returns only the reason why that failed.
#[cfg(unix)]
fn start(other: &mut Command) -> anyhow::Result<std::io::Error> {
    use std::os::unix::process::CommandExt;
    Ok(other.exec())
}

#[cfg(not(unix))]
fn start(other: &mut Command) -> anyhow::Result<std::io::Error> {
    match other.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => Ok(error),
    }
}
