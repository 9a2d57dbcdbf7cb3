//! Which of several daemons acts: the one that holds the lease, a row with a name and an end.
//!
//! **The database's clock decides.** It alone dates the end and compares it. The holder measures nothing but how long ago
//! it asked, by a clock that only it has, and stops acting well before the end. So no difference between the clocks of
//! two machines matters, and a daemon that is cut off from the database has stopped before another can start.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{AnyConnection, Row};

/// How long a lease lasts, in milliseconds of the database.
pub const LEASE_MILLIS: u64 = 12_000;
/// How long its holder acts, in its own milliseconds since it asked. The rest is for what is being sent at that moment.
pub const ACTING_MILLIS: u64 = 7_000;
/// Time between two renewals, and between two attempts to take the lead.
const RENEWAL_MILLIS: u64 = 2_000;
/// Longest wait for the database. Several of them fit into what is left of a lease after a renewal.
pub(super) const PATIENCE: Duration = Duration::from_millis(1_500);

/// The time of the database in milliseconds: not of the transaction, which may have waited.
const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// What a daemon knows of its lease.
#[derive(Debug, Default)]
pub(super) struct Lease {
    holder: OnceLock<String>,
    /// It acts before this, by its own clock.
    until: AtomicU64,
    /// When it asked last.
    asked: AtomicU64,
}

impl Lease {
    /// Whether this daemon may act.
    pub(super) fn holds(&self, now: u64) -> bool {
        now < self.until.load(Ordering::SeqCst)
    }

    /// Whether it is time to ask the database. Marks it as asked.
    pub(super) fn is_due(&self, now: u64) -> bool {
        let asked = self.asked.load(Ordering::SeqCst);
        let is_due = asked == 0 || now.saturating_sub(asked) >= RENEWAL_MILLIS;
        if is_due {
            self.asked.store(now.max(1), Ordering::SeqCst);
        }
        is_due
    }

    /// The database has answered what was asked at `asked`.
    pub(super) fn answered(&self, asked: u64, is_holder: bool) {
        let until = if is_holder {
            asked.saturating_add(ACTING_MILLIS)
        } else {
            0
        };
        self.until.store(until, Ordering::SeqCst);
    }

    /// Takes the lease if it is free or this daemon's, and prolongs it. Whether this daemon has it.
    pub(super) async fn ask(&self, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        let holder = self.holder(connection).await?;
        let sql = format!(
            "INSERT INTO leases (name, holder, until_ms) VALUES ('acts', $1, {NOW} + $2) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms \
             WHERE leases.holder = excluded.holder OR leases.until_ms <= {NOW} RETURNING holder"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(holder)
            .bind(super::rows::stored(LEASE_MILLIS))
            .fetch_optional(connection)
            .await?;
        Ok(row.is_some())
    }

    /// Fails with [`sqlx::Error::RowNotFound`] unless this daemon holds the lease, and keeps it held until the
    /// transaction ends: whoever takes the lead sees everything that the daemon before it wrote, and nothing of it comes
    /// later.
    pub(super) async fn fence(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        let holder = self.holder(connection).await?;
        let sql = format!("SELECT 1 AS one FROM leases WHERE holder = $1 AND until_ms > {NOW} FOR SHARE");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(holder);
        query.fetch_one(connection).await.map(drop)
    }

    /// Gives the lease back, if this daemon has it.
    pub(super) async fn give_back(&self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        self.until.store(0, Ordering::SeqCst);
        let Some(holder) = self.holder.get() else {
            return Ok(());
        };
        let query = sqlx::query("DELETE FROM leases WHERE holder = $1").bind(holder.as_str());
        query.execute(connection).await.map(drop)
    }

    /// A name that no other daemon has, nor this one after a restart.
    async fn holder(&self, connection: &mut AnyConnection) -> Result<&str, sqlx::Error> {
        if let Some(holder) = self.holder.get() {
            return Ok(holder);
        }
        let row = sqlx::query("SELECT gen_random_uuid()::text AS name")
            .fetch_one(connection)
            .await?;
        let name: String = row.try_get("name")?;
        Ok(self.holder.get_or_init(|| name))
    }
}
