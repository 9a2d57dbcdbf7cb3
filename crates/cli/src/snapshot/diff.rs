//! `bulkhead snapshot diff`

use std::{fmt::Write, path::PathBuf};

use bulkhead_snapshot::{Diff, diff};
use bulkhead_terminal::Bar;
use clap::Parser;

use crate::output::Output;

#[derive(Parser)]
pub(super) struct DiffCommand {
    /// Folder of the earlier snapshot
    before: PathBuf,
    /// Folder of the later snapshot
    after: PathBuf,
}

impl DiffCommand {
    pub(super) fn run(&self, output: Output, progress: &Bar) -> anyhow::Result<()> {
        let found = diff(&self.before, &self.after, progress)?;
        progress.clear();
        output.print(&found, || lines(&found))
    }
}

fn lines(found: &Diff) -> String {
    let mut text = format!(
        "total     {} -> {}\nleaves    {} -> {}\nunchanged {}\nowners    {} with a difference\n",
        found.total_before,
        found.total_after,
        found.count_before,
        found.count_after,
        found.unchanged,
        found.owners.len(),
    );
    for own in &found.owners {
        let delta = i128::from(own.after) - i128::from(own.before);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<44} {delta:>+21} added {} removed {} changed {}",
            own.owner.to_string(),
            own.came,
            own.went,
            own.changed
        );
    }
    text
}
