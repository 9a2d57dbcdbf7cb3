//! What was seen and done, so that a kill at any point loses nothing and does nothing twice.
//!
//! SQLite by default, which a second daemon cannot open. PostgreSQL, with the feature `postgres`, for fleets: one daemon
//! holds an advisory lock and acts; the others watch, and one of them takes over when the lock's connection ends.

mod notices;
mod rows;
mod schema;
mod tables;

use std::{
    fs,
    path::Path,
    str::FromStr,
    sync::{
        Once,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{AnyConnection, ConnectOptions, Connection, Row, any::AnyConnectOptions};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

pub use rows::{Cause, DutyRow, DutyState, Pause, PauseState};
pub use tables::Memory;

/// The advisory lock of PostgreSQL. Any number, the same in every daemon.
#[cfg(feature = "postgres")]
const LOCK: i64 = 0x6275_6c6b_6865_6164;

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
    leads: AtomicBool,
}

impl Store {
    /// Opens the state, and creates it if it does not exist.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn open(url: &str) -> Result<Self, StateError> {
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
            leads: AtomicBool::new(!is_shared),
        };
        drop(store.connection().await?);
        Ok(store)
    }

    /// Ends the connection, after everything that was written.
    pub async fn close(&self) {
        if let Some(connection) = self.connection.lock().await.take() {
            // What was written is written; the connection is over in either case.
            drop(connection.close().await);
        }
    }

    /// Whether this daemon acts. With SQLite, always: no second one has the state open.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn lead(&self) -> Result<bool, StateError> {
        if !self.is_shared {
            return Ok(true);
        }
        let mut connection = self.connection().await?;
        if self.leads.load(Ordering::SeqCst) {
            return Ok(true);
        }
        let is_leader = self.judged(try_lock(&mut connection).await)?;
        self.leads.store(is_leader, Ordering::SeqCst);
        Ok(is_leader)
    }

    /// The connection, opened again if it broke. With it ends the lock, and with the lock the lead.
    async fn connection(&self) -> Result<MappedMutexGuard<'_, AnyConnection>, StateError> {
        let mut guard = self.connection.lock().await;
        if self.broken.swap(false, Ordering::SeqCst) {
            *guard = None;
            self.leads.store(!self.is_shared, Ordering::SeqCst);
        }
        if guard.is_none() {
            *guard = Some(self.connect().await?);
        }
        MutexGuard::try_map(guard, Option::as_mut).map_err(|_| StateError::Refused("the connection was lost".into()))
    }

    async fn connect(&self) -> Result<AnyConnection, StateError> {
        let place = place(&self.url);
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
        let mut connection = options.connect().await.map_err(unreachable)?;
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
        prepare(&mut connection).await?;
        Ok(connection)
    }

    /// Passes a result on. A connection that failed is opened again for the next request.
    fn judged<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, StateError> {
        result.map_err(|error| {
            let is_lost = matches!(
                error,
                sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed
            );
            if is_lost {
                self.broken.store(true, Ordering::SeqCst);
            }
            StateError::from(error)
        })
    }
}

#[cfg(feature = "postgres")]
async fn try_lock(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT pg_try_advisory_lock($1) AS leads")
        .bind(LOCK)
        .fetch_one(connection)
        .await?;
    row.try_get("leads")
}

#[cfg(not(feature = "postgres"))]
#[expect(clippy::unused_async, reason = "has to be as with the feature")]
async fn try_lock(_: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    Ok(false)
}

/// Creates the tables, and checks their version.
async fn prepare(connection: &mut AnyConnection) -> Result<(), StateError> {
    for table in schema::TABLES {
        sqlx::query(*table).execute(&mut *connection).await?;
    }
    let row = sqlx::query("SELECT value FROM meta WHERE name = 'version'")
        .fetch_optional(&mut *connection)
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
        .execute(connection)
        .await?;
    Ok(())
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
