//! Progress of flows on standard error.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bulkhead_client::flows::Report;
use bulkhead_snapshot::Progress;
use bulkhead_terminal::Bar;

use crate::output;

/// A progress bar that appears with the first step, if standard error is a terminal; and notes, one line each.
#[derive(Default)]
pub(super) struct Reporter(Mutex<Option<Shown>>);

struct Shown {
    bar: Bar,
    what: String,
}

impl Reporter {
    /// Clears the bar before other output is printed.
    pub(super) fn clear(&self) {
        *self.shown() = None;
    }

    fn shown(&self) -> MutexGuard<'_, Option<Shown>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report for Reporter {
    fn progress(&self, what: &str, done: u64, total: u64) {
        let mut shown = self.shown();
        let shown = shown.get_or_insert_with(|| Shown {
            bar: Bar::visible(),
            what: String::new(),
        });
        if shown.what != what {
            shown.bar.begin(what, Some(total));
            what.clone_into(&mut shown.what);
        }
        shown.bar.stand(done, total);
    }

    fn note(&self, text: &str) {
        match &*self.shown() {
            Some(shown) => shown.bar.aside(|| output::note(text)),
            None => output::note(text),
        }
    }
}
