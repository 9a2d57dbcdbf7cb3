//! Questions.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::ensure;

use crate::output::{self, Output};

/// Asks on standard error, so that standard output contains only the result. Goes on only after a yes.
pub(super) fn confirm(question: &str, format: Output) -> anyhow::Result<()> {
    ensure!(
        !format.is_json(),
        "ConfirmationNeeded: JSON output cannot ask for confirmation; look at it as text or with --dry-run, then add --yes"
    );
    write!(io::stderr(), "{} Type yes: ", output::clean(question))?;
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    // Without an interactive input the answer is not yes.
    if !io::stdin().is_terminal() {
        output::note("");
    }
    ensure!(line.trim() == "yes", "NotConfirmed: nothing was sent");
    Ok(())
}
