//! Reading and writing the tables.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use sqlx::Row;

use super::{
    Cause, DutyRow, Pause, PauseState, StateError, Store,
    notices::insert,
    rows::{response_name, stored},
};
use crate::notice::Notice;

/// What a rule remembers of a domain, by the endpoint that reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The endpoint.
    pub eye: String,
    /// The rule.
    pub rule: String,
    /// The domain.
    pub domain: String,
    /// JSON.
    pub memory: String,
}

const SAVE_CAUSE: &str = "INSERT INTO causes (id, domain, rule, subject, severity, text, eyes, opened_slot, opened_ts, \
    seen_ts, quorate_ts, confirmed_ts, cleared_ts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
    ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, text = excluded.text, eyes = excluded.eyes, \
    seen_ts = excluded.seen_ts, quorate_ts = excluded.quorate_ts, confirmed_ts = excluded.confirmed_ts, \
    cleared_ts = excluded.cleared_ts";
const SAVE_PAUSE: &str = "INSERT INTO pauses (cause, domain, kind, scope, mask, state, planned_slot, planned_ts, \
    expected, attempts, signature, force_slot, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
    ON CONFLICT (cause) DO UPDATE SET state = excluded.state, planned_slot = excluded.planned_slot, \
    planned_ts = excluded.planned_ts, expected = excluded.expected, attempts = excluded.attempts, \
    signature = excluded.signature, force_slot = excluded.force_slot, \
    note = excluded.note";
const SAVE_DUTY: &str = "INSERT INTO duties (duty, domain, number, state, slot, ts, failures, retry_ts, note) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (duty) DO UPDATE SET number = excluded.number, \
    state = excluded.state, slot = excluded.slot, ts = excluded.ts, failures = excluded.failures, \
    retry_ts = excluded.retry_ts, note = excluded.note";

impl Store {
    /// Records a cause together with what is announced about it.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn save_cause(&self, cause: &Cause, notices: &[(String, Notice)]) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            sqlx::query(SAVE_CAUSE)
                .bind(cause.id.as_str())
                .bind(cause.domain.to_string())
                .bind(cause.rule.as_str())
                .bind(cause.subject.as_str())
                .bind(cause.severity.name())
                .bind(cause.text.as_str())
                .bind(stored(cause.eyes))
                .bind(stored(cause.opened_slot))
                .bind(cause.opened_ts)
                .bind(cause.seen_ts)
                .bind(cause.quorate_ts)
                .bind(cause.confirmed_ts)
                .bind(cause.cleared_ts)
                .execute(&mut *transaction)
                .await?;
            insert(&mut transaction, notices).await?;
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// The causes that are not over.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn open_causes(&self) -> Result<Vec<Cause>, StateError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT * FROM causes WHERE cleared_ts = 0").fetch_all(&mut *connection);
        let rows = self.within(rows).await;
        self.judged(rows)?.iter().map(Cause::of).collect()
    }

    /// Records how far a pause is, together with what is announced about it.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn save_pause(&self, pause: &Pause, notices: &[(String, Notice)]) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            sqlx::query(SAVE_PAUSE)
                .bind(pause.cause.as_str())
                .bind(pause.domain.to_string())
                .bind(response_name(pause.kind))
                .bind(i64::from(pause.scope))
                .bind(i64::from(pause.mask))
                .bind(pause.state.name())
                .bind(stored(pause.planned_slot))
                .bind(pause.planned_ts)
                .bind(pause.expected)
                .bind(stored(pause.attempts))
                .bind(pause.signature.as_str())
                .bind(stored(pause.force_slot))
                .bind(pause.note.as_str())
                .execute(&mut *transaction)
                .await?;
            insert(&mut transaction, notices).await?;
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// The pause that answers a cause.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn pause(&self, cause: &str) -> Result<Option<Pause>, StateError> {
        let mut connection = self.connection().await?;
        let row = sqlx::query("SELECT * FROM pauses WHERE cause = $1")
            .bind(cause)
            .fetch_optional(&mut *connection);
        let row = self.within(row).await;
        self.judged(row)?.as_ref().map(Pause::of).transpose()
    }

    /// The pauses that were planned and are not known to be in force.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn unfinished_pauses(&self) -> Result<Vec<Pause>, StateError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT * FROM pauses WHERE state = $1")
            .bind(PauseState::Planned.name())
            .fetch_all(&mut *connection);
        let rows = self.within(rows).await;
        self.judged(rows)?.iter().map(Pause::of).collect()
    }

    /// Records the last acts of duties, all or none.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn save_duties(&self, rows: &[DutyRow]) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            for row in rows {
                sqlx::query(SAVE_DUTY)
                    .bind(row.duty.as_str())
                    .bind(row.domain.to_string())
                    .bind(row.number)
                    .bind(row.state_name())
                    .bind(stored(row.slot))
                    .bind(row.ts)
                    .bind(i64::from(row.failures))
                    .bind(row.retry_ts)
                    .bind(row.note.as_str())
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// The last act of every duty.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn duties(&self) -> Result<Vec<DutyRow>, StateError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT * FROM duties").fetch_all(&mut *connection);
        let rows = self.within(rows).await;
        self.judged(rows)?.iter().map(DutyRow::of).collect()
    }

    /// Records what rules remember, all or none.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn save_memories(&self, memories: &[Memory]) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            for memory in memories {
                sqlx::query(
                    "INSERT INTO memories (eye, rule, domain, memory) VALUES ($1, $2, $3, $4) \
                     ON CONFLICT (eye, rule, domain) DO UPDATE SET memory = excluded.memory",
                )
                .bind(memory.eye.as_str())
                .bind(memory.rule.as_str())
                .bind(memory.domain.as_str())
                .bind(memory.memory.as_str())
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// Everything that rules remember.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn memories(&self) -> Result<Vec<Memory>, StateError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT * FROM memories").fetch_all(&mut *connection);
        let rows = self.within(rows).await;
        let memory = |row: &sqlx::any::AnyRow| -> Result<Memory, StateError> {
            Ok(Memory {
                eye: row.try_get("eye")?,
                rule: row.try_get("rule")?,
                domain: row.try_get("domain")?,
                memory: row.try_get("memory")?,
            })
        };
        self.judged(rows)?.iter().map(memory).collect()
    }

    /// Forgets what a rule remembers: what is there now is in order. Returns whether it remembered anything.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn forget(&self, rule: &str) -> Result<bool, StateError> {
        let mut connection = self.connection().await?;
        let written = sqlx::query("DELETE FROM memories WHERE rule = $1")
            .bind(rule)
            .execute(&mut *connection);
        let written = self.within(written).await;
        Ok(self.judged(written)?.rows_affected() > 0)
    }

    /// Records the accounts of a domain together with what is announced about their changes. `changed` are the accounts
    /// that differ from what is recorded; those without data are gone.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn save_accounts(
        &self,
        domain: &Pubkey,
        changed: &[(Pubkey, Option<String>)],
        notices: &[(String, Notice)],
    ) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            for (key, data) in changed {
                let query = match data {
                    Some(data) => sqlx::query(
                        "INSERT INTO accounts (domain, account, data) VALUES ($1, $2, $3) \
                         ON CONFLICT (domain, account) DO UPDATE SET data = excluded.data",
                    )
                    .bind(domain.to_string())
                    .bind(key.to_string())
                    .bind(data.as_str()),
                    None => sqlx::query("DELETE FROM accounts WHERE domain = $1 AND account = $2")
                        .bind(domain.to_string())
                        .bind(key.to_string()),
                };
                query.execute(&mut *transaction).await?;
            }
            insert(&mut transaction, notices).await?;
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }

    /// The accounts of a domain whose changes were announced.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn accounts(&self, domain: &Pubkey) -> Result<BTreeMap<String, String>, StateError> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query("SELECT account, data FROM accounts WHERE domain = $1")
            .bind(domain.to_string())
            .fetch_all(&mut *connection);
        let rows = self.within(rows).await;
        let pair = |row: &sqlx::any::AnyRow| -> Result<(String, String), StateError> {
            Ok((row.try_get("account")?, row.try_get("data")?))
        };
        self.judged(rows)?.iter().map(pair).collect()
    }

    /// What routine transactions have cost on a day, in lamports.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn spent(&self, day: i64) -> Result<u64, StateError> {
        let mut connection = self.connection().await?;
        let row = sqlx::query("SELECT lamports FROM spent WHERE day = $1")
            .bind(day)
            .fetch_optional(&mut *connection);
        let row = self.within(row).await;
        let lamports: i64 = match self.judged(row)? {
            Some(row) => row.try_get("lamports")?,
            None => 0,
        };
        Ok(u64::try_from(lamports).unwrap_or(0))
    }

    /// Adds to what a day has cost.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn spend(&self, day: i64, lamports: u64) -> Result<(), StateError> {
        let query = sqlx::query(
            "INSERT INTO spent (day, lamports) VALUES ($1, $2) \
             ON CONFLICT (day) DO UPDATE SET lamports = spent.lamports + excluded.lamports",
        )
        .bind(day)
        .bind(stored(lamports));
        self.write(query).await
    }

    /// Forgets what was over before then, in unix seconds.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn prune(&self, before: i64) -> Result<(), StateError> {
        let mut connection = self.connection().await?;
        let written = async {
            let mut transaction = self.begin(&mut connection).await?;
            sqlx::query(
                "DELETE FROM pauses WHERE cause IN (SELECT id FROM causes WHERE cleared_ts > 0 AND cleared_ts < $1)",
            )
            .bind(before)
            .execute(&mut *transaction)
            .await?;
            sqlx::query("DELETE FROM causes WHERE cleared_ts > 0 AND cleared_ts < $1")
                .bind(before)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM duties WHERE ts < $1")
                .bind(before)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM spent WHERE day < $1")
                .bind(before.div_euclid(86_400))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await
        };
        let written = self.within(written).await;
        self.judged(written)
    }
}
