//! Progress on standard error, and only when that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The bar of the part that runs.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar where there is a terminal to draw it on.
    #[must_use]
    pub fn visible() -> Self {
        let bar = ProgressBar::no_length();
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar }
    }

    /// Draws nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self {
            bar: ProgressBar::hidden(),
        }
    }

    /// Begins a part of `steps`; 0 when nobody knows how many.
    pub(super) fn begin(&self, part: &str, steps: usize) {
        let template = if steps == 0 {
            "{spinner} {msg}"
        } else {
            "{spinner} {msg:<34} {wide_bar:.green} {pos}/{len}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_position(0);
        self.bar.set_length(u64::try_from(steps).unwrap_or(0));
        self.bar.set_message(part.to_owned());
    }

    /// `steps` more are done.
    pub(super) fn advance(&self, steps: usize) {
        self.bar.inc(u64::try_from(steps).unwrap_or(0));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
