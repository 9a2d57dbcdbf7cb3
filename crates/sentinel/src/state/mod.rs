//! What was seen and done, so that a kill at any point loses nothing and does nothing twice.
//!
//! SQLite by default, which a second daemon cannot open. PostgreSQL, with the feature `postgres`, for fleets: one daemon
//! holds a lease and acts; the others watch, and one of them takes over when the lease has run out.

pub mod lease;
mod notices;
mod rows;
mod schema;
mod tables;

use std::{
    fs,
    future::Future,
    io,
    path::Path,
    str::FromStr,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Any, AnyConnection, ConnectOptions, Connection, Row, Transaction,
    any::{AnyArguments, AnyConnectOptions},
    query::Query,
};
use tokio::{
    sync::{MappedMutexGuard, Mutex, MutexGuard},
    time::timeout,
};

use crate::clock::{Clock, System};
use lease::{Lease, PATIENCE};

pub use rows::{Cause, DutyRow, DutyState, Pause, PauseState};
pub use tables::Memory;

/// The advisory lock under which tables are created: two daemons that begin together would collide. Any number, the same
/// in every daemon.
const LOCK: i64 = 0x6275_6c6b_6865_6164;
/// What PostgreSQL does with a connection whose daemon is gone: whatever it holds is free before a lease runs out.
const LIMITS: [&str; 2] = [
    "SET statement_timeout = 1500",
    "SET idle_in_transaction_session_timeout = 3000",
];
/// Longest wait for the first connection to a shared database: no lease depends on it yet, and others may be creating
/// the tables.
const OPENING: Duration = Duration::from_secs(15);
/// Milliseconds for which a database that did not answer is not asked again. Meanwhile steps are not held up.
const REST_MILLIS: u64 = 1_000;

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The URL is of another kind.
    #[error(
        "StateUnknown: state {url:?} is no URL of a database this daemon knows; write sqlite:///path/to/file{postgres}"
    )]
    Unknown {
        /// What is there.
        url: String,
        /// The other kind, if it is built in.
        postgres: &'static str,
    },
    /// It cannot be opened.
    #[error("StateUnreachable: {place}: {reason}; does the folder exist, may this user write to it, is the server up?")]
    Unreachable {
        /// Where it is, without a password.
        place: String,
        /// What went wrong.
        reason: String,
    },
    /// Another daemon has it open.
    #[error("StateInUse: {place} is open in another sentinel; stop that one first, or give this one its own state")]
    InUse {
        /// Where it is.
        place: String,
    },
    /// It is of a later version.
    #[error("StateNewer: the state has version {found} and this daemon knows {known}; install the newer daemon")]
    Newer {
        /// Its version.
        found: i64,
        /// The known one.
        known: i64,
    },
    /// It holds something that this daemon did not write.
    #[error("StateUnreadable: {reason}; move the state away and start anew, the cluster is read again")]
    Unreadable {
        /// What is wrong.
        reason: String,
    },
    /// The database refused.
    #[error("StateRefused: {0}; is the disk full?")]
    Refused(String),
    /// Another daemon leads, so this one writes nothing.
    #[error("NotLeading: another sentinel that shares the state acts; this one waits for its turn")]
    NotLeading,
}

impl From<sqlx::Error> for StateError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { index, source } => Self::Unreadable {
                reason: format!("column {index}: {source}"),
            },
            sqlx::Error::ColumnNotFound(column) => Self::Unreadable {
                reason: format!("column {column} is missing"),
            },
            // Of the lease: nothing else has to be there.
            sqlx::Error::RowNotFound => Self::NotLeading,
            other => Self::Refused(other.to_string()),
        }
    }
}

/// The state.
pub struct Store {
    url: String,
    is_shared: bool,
    connection: Mutex<Option<AnyConnection>>,
    broken: AtomicBool,
    is_prepared: AtomicBool,
    clock: Arc<dyn Clock>,
    lease: Lease,
    /// Not before this is a database asked again that did not answer.
    rests: AtomicU64,
}

impl Store {
    /// Opens the state, and creates it if it does not exist.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn open(url: &str) -> Result<Self, StateError> {
        Self::open_at(url, Arc::new(System::default())).await
    }

    /// The same, with a clock by which the daemon measures how long ago it asked for the lead.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn open_at(url: &str, clock: Arc<dyn Clock>) -> Result<Self, StateError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let is_shared = url.starts_with("postgres://") || url.starts_with("postgresql://");
        let is_known = url.starts_with("sqlite:") || (is_shared && cfg!(feature = "postgres"));
        if !is_known {
            return Err(StateError::Unknown {
                url: place(url),
                postgres: if cfg!(feature = "postgres") {
                    " or postgres://…"
                } else {
                    ""
                },
            });
        }
        let store = Self {
            url: url.to_owned(),
            is_shared,
            connection: Mutex::new(None),
            broken: AtomicBool::new(false),
            is_prepared: AtomicBool::new(false),
            clock,
            lease: Lease::default(),
            rests: AtomicU64::new(0),
        };
        drop(store.connection().await?);
        Ok(store)
    }

    /// Gives the lead back and ends the connection, after everything that was written.
    pub async fn close(&self) {
        if let Some(mut connection) = self.connection.lock().await.take() {
            if self.is_shared && self.within(self.lease.give_back(&mut connection)).await.is_err() {
                tracing::warn!("the lead could not be given back; another daemon takes it when the lease has run out");
            }
            // What was written is written; the connection is over in either case.
            drop(self.within(connection.close()).await);
        }
    }

    /// Whether this daemon acts: asks the database for the lead, or for more of it, if it is time to. With SQLite,
    /// always: no second one has the state open.
    ///
    /// # Errors
    /// [`StateError`]. Whether it still acts, [`Store::leads`] says.
    pub async fn lead(&self) -> Result<bool, StateError> {
        let asked = self.clock.millis();
        if self.is_shared && self.lease.is_due(asked) {
            let mut connection = self.connection().await?;
            let answer = self.within(self.lease.ask(&mut connection)).await;
            self.lease.answered(asked, self.judged(answer)?);
        }
        Ok(self.leads())
    }

    /// Whether this daemon may act at this moment, as far as it knows. Asks nobody.
    #[must_use]
    pub fn leads(&self) -> bool {
        !self.is_shared || self.lease.holds(self.clock.millis())
    }

    /// Whether other daemons may share the state.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The connection, opened again if it broke.
    async fn connection(&self) -> Result<MappedMutexGuard<'_, AnyConnection>, StateError> {
        let mut guard = self.connection.lock().await;
        if self.broken.swap(false, Ordering::SeqCst) {
            *guard = None;
        }
        if guard.is_none() {
            *guard = Some(self.connect().await?);
        }
        MutexGuard::try_map(guard, Option::as_mut).map_err(|_| StateError::Refused("the connection was lost".into()))
    }

    async fn connect(&self) -> Result<AnyConnection, StateError> {
        let place = place(&self.url);
        if self.clock.millis() < self.rests.load(Ordering::SeqCst) {
            let reason = "it did not answer, and is asked again in a second".to_owned();
            return Err(StateError::Unreachable { place, reason });
        }
        let url = if self.is_shared {
            self.url.clone()
        } else {
            let path = self.url.trim_start_matches("sqlite:").trim_start_matches("//");
            let folder = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder {
                fs::create_dir_all(folder).map_err(|error| StateError::Unreachable {
                    place: place.clone(),
                    reason: error.to_string(),
                })?;
            }
            format!("{}?mode=rwc", self.url)
        };
        let unreachable = |error: sqlx::Error| StateError::Unreachable {
            place: place.clone(),
            reason: error.to_string(),
        };
        let options = AnyConnectOptions::from_str(&url)
            .map_err(unreachable)?
            .disable_statement_logging();
        let mut connection = self.within(options.connect()).await.map_err(|error| {
            self.rest();
            unreachable(error)
        })?;
        if !self.is_shared {
            for pragma in [
                // A daemon that was just stopped may still be writing.
                "PRAGMA busy_timeout = 1000",
                "PRAGMA locking_mode = EXCLUSIVE",
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                // Takes the lock, which the connection keeps.
                "BEGIN EXCLUSIVE",
                "COMMIT",
            ] {
                sqlx::raw_sql(pragma).execute(&mut connection).await.map_err(|error| {
                    if is_locked(&error) {
                        StateError::InUse { place: place.clone() }
                    } else {
                        unreachable(error)
                    }
                })?;
            }
        }
        // A file may be another one than before.
        if !self.is_shared || !self.is_prepared.load(Ordering::SeqCst) {
            self.within(prepare(&mut connection, self.is_shared)).await?;
            self.is_prepared.store(true, Ordering::SeqCst);
        }
        if self.is_shared {
            for limit in LIMITS {
                let set = sqlx::raw_sql(limit).execute(&mut connection);
                self.within(set).await.map_err(unreachable)?;
            }
        }
        Ok(connection)
    }

    /// A transaction, in which only the daemon that leads writes.
    async fn begin<'c>(&self, connection: &'c mut AnyConnection) -> Result<Transaction<'c, Any>, sqlx::Error> {
        let mut transaction = connection.begin().await?;
        if self.is_shared {
            self.lease.fence(&mut transaction).await?;
        }
        Ok(transaction)
    }

    /// Executes one statement in a transaction of its own.
    async fn write<'q>(&self, query: Query<'q, Any, AnyArguments>) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            query.execute(&mut *transaction).await?;
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// Waits for a shared database, but not for long: it may never answer. A file is waited for.
    async fn within<T, E: From<sqlx::Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        if !self.is_shared {
            return work.await;
        }
        let silent = |_| {
            sqlx::Error::Io(io::Error::new(
                io::ErrorKind::TimedOut,
                "the database did not answer in time",
            ))
        };
        let is_prepared = self.is_prepared.load(Ordering::SeqCst);
        let patience = if is_prepared { PATIENCE } else { OPENING };
        timeout(patience, work).await.map_err(silent)?
    }

    fn rest(&self) {
        let until = self.clock.millis().saturating_add(REST_MILLIS);
        self.rests.store(until, Ordering::SeqCst);
    }

    /// Passes a result on. A connection that failed is opened again for the next request.
    fn judged<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StateError> {
        result.map_err(|error| {
            if is_lost(&error) {
                self.broken.store(true, Ordering::SeqCst);
            }
            StateError::from(error)
        })
    }
}

/// Whether a connection is of no use any longer.
fn is_lost(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    // PostgreSQL ends it: it is shut down, or the session idled in a transaction.
    let is_ended = code.is_some_and(|code| code.starts_with("57P") || code.starts_with("25P"));
    let is_lost = matches!(
        error,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed
    );
    is_ended || is_lost
}

/// Creates the tables, and checks their version.
async fn prepare(connection: &mut AnyConnection, is_shared: bool) -> Result<(), StateError> {
    let mut transaction = connection.begin().await?;
    if is_shared {
        sqlx::query("SELECT pg_advisory_xact_lock($1)::text AS nothing")
            .bind(LOCK)
            .execute(&mut *transaction)
            .await?;
    }
    for table in schema::TABLES {
        sqlx::query(*table).execute(&mut *transaction).await?;
    }
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'version'")
        .fetch_optional(&mut *transaction)
        .await?;
    let found = match row {
        Some(row) => row.try_get("value")?,
        None => schema::VERSION,
    };
    if found > schema::VERSION {
        return Err(StateError::Newer {
            found,
            known: schema::VERSION,
        });
    }
    sqlx::query("INSERT INTO meta (name, value) VALUES ('version', $1) ON CONFLICT (name) DO NOTHING")
        .bind(schema::VERSION)
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

/// A URL without user name and password.
fn place(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => url.to_owned(),
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    // SQLITE_BUSY and SQLITE_LOCKED, with their extended codes.
    let number = code.and_then(|code| code.parse::<u32>().ok());
    number.is_some_and(|number| matches!(number & 0xff, 5 | 6))
}
