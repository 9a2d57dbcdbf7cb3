//! The notices that webhooks have not taken yet. They are written together with what they announce.

use sqlx::{AnyConnection, Row};

use super::{StateError, Store};
use crate::notice::Notice;

impl Store {
    /// Keeps notices for their webhooks.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn add_notices(&self, notices: &[(String, Notice)]) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            insert(&mut transaction, notices).await?;
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// The notices for one webhook that are due at `now`, each with the attempts so far. The oldest first.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn due_notices(&self, hook: &str, now: i64) -> Result<Vec<(Notice, u32)>, StateError> {
        let mut connection = self.connection().await?;
        let query = "SELECT notice, attempts FROM notices WHERE hook = $1 AND due_ts <= $2 ORDER BY due_ts LIMIT 100";
        let rows = sqlx::query(query).bind(hook).bind(now).fetch_all(&mut *connection);
        let rows = self.within(rows).await;
        let mut due = Vec::new();
        for row in self.judged(rows)? {
            let (text, attempts): (String, i64) = (row.try_get("notice")?, row.try_get("attempts")?);
            let notice = serde_json::from_str(&text).map_err(|error| StateError::Unreadable {
                reason: format!("a notice: {error}"),
            })?;
            due.push((notice, u32::try_from(attempts).unwrap_or(u32::MAX)));
        }
        Ok(due)
    }

    /// Drops what waits for webhooks of other names: they are no longer in the file.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn drop_strays(&self, hooks: &[&str]) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT DISTINCT hook FROM notices")
            .fetch_all(&mut *connection)
            .await;
        for row in self.judged(rows)? {
            let hook: String = row.try_get("hook")?;
            if !hooks.contains(&hook.as_str()) {
                let query = sqlx::query("DELETE FROM notices WHERE hook = $1").bind(hook);
                let written = query.execute(&mut *connection).await;
                self.judged(written)?;
            }
        }
        Ok(())
    }

    /// A webhook has taken a notice, or will never take it.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn drop_notice(&self, id: &str, hook: &str) -> Result<(), StateError> {
        let query = sqlx::query("DELETE FROM notices WHERE id = $1 AND hook = $2")
            .bind(id)
            .bind(hook);
        self.write(query).await
    }

    /// A webhook has not taken a notice; it is tried again at `due`.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn put_off_notice(&self, id: &str, hook: &str, attempts: u32, due: i64) -> Result<(), StateError> {
        let query = sqlx::query("UPDATE notices SET attempts = $1, due_ts = $2 WHERE id = $3 AND hook = $4")
            .bind(i64::from(attempts))
            .bind(due)
            .bind(id)
            .bind(hook);
        self.write(query).await
    }
}

/// Writes notices, in the transaction of what they announce.
pub(super) async fn insert(connection: &mut AnyConnection, notices: &[(String, Notice)]) -> Result<(), sqlx::Error> {
    for (hook, notice) in notices {
        let text = serde_json::to_string(notice).map_err(|error| sqlx::Error::Encode(error.into()))?;
        sqlx::query(
            "INSERT INTO notices (id, hook, notice, attempts, due_ts) VALUES ($1, $2, $3, 0, $4) \
             ON CONFLICT (id, hook) DO NOTHING",
        )
        .bind(notice.id.as_str())
        .bind(hook.as_str())
        .bind(text)
        .bind(notice.ts)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
