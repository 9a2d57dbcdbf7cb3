//! `bulkhead completions` and `bulkhead man`: what a shell needs to know about the command.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::output;

/// Arguments of `bulkhead completions`.
#[derive(Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Arguments of `bulkhead man`.
#[derive(Args)]
pub struct Man {
    /// Write one page for each command into this folder, instead of the first page to standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Completions {
    /// Prints a script that the shell loads.
    ///
    /// # Errors
    /// The error of the output.
    pub fn run(&self, mut command: Command) -> anyhow::Result<()> {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        output::print(&String::from_utf8_lossy(&script))
    }
}

impl Man {
    /// Prints or writes the manual.
    ///
    /// # Errors
    /// `NotWritten`
    pub fn run(&self, command: Command) -> anyhow::Result<()> {
        let Some(folder) = &self.out else {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            return output::print(&String::from_utf8_lossy(&page));
        };
        let name = folder.display();
        let next = format!("NotWritten: {name}; give a folder that can be written with --out");
        fs::create_dir_all(folder).with_context(|| next.clone())?;
        clap_mangen::generate_to(command, folder).with_context(|| next)?;
        output::note(&format!(
            "written to {name}; read it with `man -M` or copy it to a `man1` folder"
        ));
        Ok(())
    }
}
