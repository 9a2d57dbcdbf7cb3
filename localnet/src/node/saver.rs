//! Saves the node while it runs. What happened between two moments is written as a whole, so a node that is killed
//! goes on from a moment between two transactions, at most a tenth of a second earlier.

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use surfpool_core::surfnet::locker::SurfnetSvmLocker;

use super::{
    database::{Clock, Database},
    state,
    table::{Changes, Journal},
};
use crate::error::LocalnetError;

/// How often changes are written. Shorter than a slot, so what is confirmed is usually saved.
const EVERY: Duration = Duration::from_millis(100);

/// A thread that saves. Dropped without [`Saver::finish`], it saves once more and ends by itself.
pub(super) struct Saver {
    stop: Sender<()>,
    thread: JoinHandle<Result<(), LocalnetError>>,
}

impl Saver {
    /// Starts to save.
    pub(super) fn start(locker: SurfnetSvmLocker, journal: Arc<Journal>, mut database: Database) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut last = None;
            let mut has_failed = false;
            loop {
                let ends = !matches!(stopped.recv_timeout(EVERY), Err(RecvTimeoutError::Timeout));
                match save(&locker, &journal, &mut database, &mut last) {
                    Ok(()) if has_failed => {
                        has_failed = false;
                        eprintln!("the state is saved again");
                    }
                    Ok(()) => {}
                    Err(error) if ends => return Err(database.unreadable(error)),
                    // The node goes on. What could not be written is kept, and tried again.
                    Err(error) if !has_failed => {
                        has_failed = true;
                        eprintln!("warning: StateNotSaved: {error}; free some space, nothing is lost while this runs");
                    }
                    Err(_) => {}
                }
                if ends {
                    return Ok(());
                }
            }
        });
        Self { stop, thread }
    }

    /// Saves for the last time.
    pub(super) fn finish(self) -> Result<(), LocalnetError> {
        drop(self.stop);
        self.thread.join().unwrap_or(Ok(()))
    }
}

fn save(
    locker: &SurfnetSvmLocker,
    journal: &Journal,
    database: &mut Database,
    last: &mut Option<Clock>,
) -> Result<(), rusqlite::Error> {
    // A transaction holds the writer's lock until all that it changes is noted.
    let (changes, clock): (Changes, Clock) = locker.with_svm_reader(|svm| (journal.take(), state::clock(svm)));
    if changes.is_empty() && *last == Some(clock) {
        return Ok(());
    }
    match database.write(&changes, clock) {
        Ok(()) => {
            *last = Some(clock);
            Ok(())
        }
        Err(error) => {
            journal.put_back(changes);
            Err(error)
        }
    }
}
