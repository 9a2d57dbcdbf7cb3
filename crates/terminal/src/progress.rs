//! Shows progress on standard error, only if standard error is a terminal.

use std::time::Duration;

use bulkhead_snapshot::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// The progress bar of the current step. Dropping it clears it.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar on standard error, if that is a terminal.
    #[must_use]
    pub fn visible() -> Self {
        let bar = ProgressBar::no_length();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Shows that `done` of `total` is done.
    pub fn stand(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    /// Hides the bar while something else is written.
    pub fn aside(&self, write: impl FnOnce()) {
        self.0.suspend(write);
    }

    /// Clears the bar before other output is printed.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}

impl Progress for Bar {
    fn begin(&self, step: &str, of: Option<u64>) {
        let template = match of {
            None => "{spinner} {msg:<30} {human_pos} ({per_sec})",
            Some(_) => "{spinner} {msg:<30} {wide_bar:.green} {human_pos}/{human_len} ({per_sec}, {eta} left)",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
        self.0.reset();
        match of {
            Some(of) => self.0.set_length(of),
            None => self.0.unset_length(),
        }
        self.0.set_message(step.to_owned());
    }

    fn advance(&self, by: u64) {
        self.0.inc(by);
    }

    fn resumed(&self, shards: usize) {
        self.0
            .println(format!("resuming: an earlier run finished {shards} of 16 shards"));
    }
}
