//! The file in which a node survives its process.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::table::Changes;
use crate::error::LocalnetError;

/// Layout of the file. Another one is refused.
const LAYOUT: i64 = 1;

/// Where the chain stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    /// The slot.
    pub slot: u64,
    /// The clock that programs see, in milliseconds since 1970.
    pub time_ms: u64,
    /// Number of blocks, from which blockhashes are made.
    pub block: u64,
}

/// An SQLite file.
pub(super) struct Database {
    connection: Connection,
    path: PathBuf,
}

impl Database {
    /// Opens or creates the file.
    pub(super) fn open(path: &Path) -> Result<Self, LocalnetError> {
        let unreadable = |error: rusqlite::Error| LocalnetError::State {
            path: path.to_path_buf(),
            reason: error.to_string(),
        };
        let connection = Connection::open(path).map_err(unreadable)?;
        // With NORMAL, what was committed survives the process however it ends; a power failure may take the last
        // moments, but never half a commit.
        connection
            .execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=5000;")
            .map_err(unreadable)?;
        let layout: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(unreadable)?;
        if layout != 0 && layout != LAYOUT {
            return Err(LocalnetError::State {
                path: path.to_path_buf(),
                reason: format!("another version wrote it (layout {layout}, not {LAYOUT})"),
            });
        }
        connection
            .execute_batch(&format!(
                "CREATE TABLE IF NOT EXISTS rows (
                    number INTEGER PRIMARY KEY,
                    name TEXT NOT NULL,
                    key TEXT NOT NULL,
                    value BLOB NOT NULL,
                    UNIQUE (name, key)
                );
                CREATE TABLE IF NOT EXISTS clock (
                    id INTEGER PRIMARY KEY CHECK (id = 0),
                    slot INTEGER NOT NULL,
                    time_ms INTEGER NOT NULL,
                    block INTEGER NOT NULL
                );
                PRAGMA user_version = {LAYOUT};"
            ))
            .map_err(unreadable)?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
        })
    }

    /// The rows of a table, in the order in which they came.
    pub(super) fn rows(&self, table: &str) -> Result<Vec<(String, Vec<u8>)>, LocalnetError> {
        let read = || {
            let mut query = self
                .connection
                .prepare("SELECT key, value FROM rows WHERE name = ?1 ORDER BY number")?;
            let rows = query.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect::<Result<_, _>>()
        };
        read().map_err(|error: rusqlite::Error| self.unreadable(error))
    }

    /// Where the chain stood, unless it never ran.
    pub(super) fn clock(&self) -> Result<Option<Clock>, LocalnetError> {
        let query = "SELECT slot, time_ms, block FROM clock";
        let clock = self.connection.query_row(query, [], |row| {
            Ok(Clock {
                slot: row.get::<_, i64>(0)?.unsigned_abs(),
                time_ms: row.get::<_, i64>(1)?.unsigned_abs(),
                block: row.get::<_, i64>(2)?.unsigned_abs(),
            })
        });
        clock.optional().map_err(|error| self.unreadable(error))
    }

    /// Writes everything or nothing.
    pub(super) fn write(&mut self, changes: &Changes, clock: Clock) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction()?;
        {
            let mut store = transaction.prepare(
                "INSERT INTO rows (name, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name, key) DO UPDATE SET value = excluded.value",
            )?;
            let mut delete = transaction.prepare("DELETE FROM rows WHERE name = ?1 AND key = ?2")?;
            for ((name, key), value) in changes {
                match value {
                    Some(value) => store.execute(params![name, key, value])?,
                    None => delete.execute(params![name, key])?,
                };
            }
            let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            transaction.execute(
                "INSERT OR REPLACE INTO clock (id, slot, time_ms, block) VALUES (0, ?1, ?2, ?3)",
                params![number(clock.slot), number(clock.time_ms), number(clock.block)],
            )?;
        }
        transaction.commit()
    }

    pub(super) fn unreadable(&self, reason: impl ToString) -> LocalnetError {
        LocalnetError::State {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite");
        let clock = Clock {
            slot: 7,
            time_ms: 8_000,
            block: 6,
        };
        {
            let mut database = Database::open(&path).unwrap();
            assert_eq!(database.clock().unwrap(), None);
            for key in ["b", "a"] {
                let changes = Changes::from([(("things", key.to_string()), Some(key.as_bytes().to_vec()))]);
                database.write(&changes, clock).unwrap();
            }
        }
        let mut database = Database::open(&path).unwrap();
        assert_eq!(database.clock().unwrap(), Some(clock));
        let rows = vec![("b".to_string(), b"b".to_vec()), ("a".to_string(), b"a".to_vec())];
        assert_eq!(database.rows("things").unwrap(), rows);
        database
            .write(&Changes::from([(("things", "b".to_string()), None)]), clock)
            .unwrap();
        assert_eq!(database.rows("things").unwrap(), rows[1..]);
    }

    #[test]
    fn a_file_of_another_layout_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.sqlite");
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", 9)
            .unwrap();
        assert!(matches!(Database::open(&path), Err(LocalnetError::State { .. })));
    }
}
