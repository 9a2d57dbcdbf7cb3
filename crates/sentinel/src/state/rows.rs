//! What the tables hold.

use anchor_lang::prelude::Pubkey;
use sqlx::{Row, any::AnyRow};

use super::StateError;
use crate::config::{Response, Severity};

/// An episode: something that was found in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Its name: domain, rule, subject and the slot in which it was first seen.
    pub id: String,
    /// The domain, or the default key for the daemon's own affairs.
    pub domain: Pubkey,
    /// The rule.
    pub rule: String,
    /// What it is about: an account, an endpoint.
    pub subject: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, with numbers.
    pub text: String,
    /// The most endpoints that reported it at once.
    pub eyes: u64,
    /// Slot in which it was first seen.
    pub opened_slot: u64,
    /// The same in unix seconds of the cluster.
    pub opened_ts: i64,
    /// When it was last seen.
    pub seen_ts: i64,
    /// Since when a quorum reports it, or 0.
    pub quorate_ts: i64,
    /// When it was confirmed by a quorum for long enough, or 0.
    pub confirmed_ts: i64,
    /// When it was over, or 0.
    pub cleared_ts: i64,
}

/// How far a pause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseState {
    /// Recorded, and perhaps sent.
    Planned,
    /// Seen in force.
    InForce,
    /// The actions were closed already, so no right was used.
    Covered,
    /// The key has no right left that it may use.
    Exhausted,
    /// The key may not pause: it is no guardian, or has other roles.
    Refused,
}

impl PauseState {
    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::InForce => "in_force",
            Self::Covered => "covered",
            Self::Exhausted => "exhausted",
            Self::Refused => "refused",
        }
    }

    fn of(name: &str) -> Option<Self> {
        let all = [
            Self::Planned,
            Self::InForce,
            Self::Covered,
            Self::Exhausted,
            Self::Refused,
        ];
        all.into_iter().find(|state| state.name() == name)
    }
}

/// A pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The cause that it answers: one pause for each.
    pub cause: String,
    /// The domain.
    pub domain: Pubkey,
    /// A pause, or an incident.
    pub kind: Response,
    /// What is paused.
    pub scope: u8,
    /// Bits of the actions, or 0 for the council's default.
    pub mask: u32,
    /// How far it is.
    pub state: PauseState,
    /// Slot in which it was planned.
    pub planned_slot: u64,
    /// The same in unix seconds of the cluster.
    pub planned_ts: i64,
    /// The guardian's last activity that every attempt names, or -1. At most one attempt that names it can land.
    pub expected: i64,
    /// Attempts so far.
    pub attempts: u64,
    /// Signature of the one that landed.
    pub signature: String,
    /// Slot in which it was seen in force.
    pub force_slot: u64,
    /// The last error.
    pub note: String,
}

/// How the last of a duty's acts ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyState {
    /// It was begun; whether it was done is not known.
    Begun,
    /// Done.
    Done,
    /// It failed, and is repeated.
    Failed,
}

impl DutyState {
    const fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Begun, Self::Done, Self::Failed]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// The last act of a duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyRow {
    /// Its name: what is done, and to which account.
    pub duty: String,
    /// The domain.
    pub domain: Pubkey,
    /// Number of the act: of the period, or of what it is about.
    pub number: i64,
    /// How it ended.
    pub state: DutyState,
    /// Slot in which it was begun.
    pub slot: u64,
    /// The same in unix seconds of the cluster.
    pub ts: i64,
    /// Failures in a row.
    pub failures: u32,
    /// Not before this, if it failed.
    pub retry_ts: i64,
    /// The last error.
    pub note: String,
}

fn unreadable(table: &'static str, column: &'static str) -> StateError {
    StateError::Unreadable {
        reason: format!("table {table} has an unusable value in column {column}"),
    }
}

fn key(row: &AnyRow, table: &'static str) -> Result<Pubkey, StateError> {
    let text: String = row.try_get("domain")?;
    text.parse().map_err(|_| unreadable(table, "domain"))
}

fn whole<T: TryFrom<i64>>(row: &AnyRow, table: &'static str, column: &'static str) -> Result<T, StateError> {
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|_| unreadable(table, column))
}

/// A number as the tables keep it. Slots and counts fit.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Name of a severity.
pub(super) fn severity(name: &str) -> Option<Severity> {
    [Severity::Info, Severity::Warning, Severity::Critical]
        .into_iter()
        .find(|severity| severity.name() == name)
}

/// Name of a response.
pub(super) const fn response_name(response: Response) -> &'static str {
    match response {
        Response::Alarm => "alarm",
        Response::Pause => "pause",
        Response::Incident => "incident",
    }
}

impl Cause {
    pub(super) fn of(row: &AnyRow) -> Result<Self, StateError> {
        const TABLE: &str = "causes";
        let name: String = row.try_get("severity")?;
        Ok(Self {
            id: row.try_get("id")?,
            domain: key(row, TABLE)?,
            rule: row.try_get("rule")?,
            subject: row.try_get("subject")?,
            severity: severity(&name).ok_or_else(|| unreadable(TABLE, "severity"))?,
            text: row.try_get("text")?,
            eyes: whole(row, TABLE, "eyes")?,
            opened_slot: whole(row, TABLE, "opened_slot")?,
            opened_ts: row.try_get("opened_ts")?,
            seen_ts: row.try_get("seen_ts")?,
            quorate_ts: row.try_get("quorate_ts")?,
            confirmed_ts: row.try_get("confirmed_ts")?,
            cleared_ts: row.try_get("cleared_ts")?,
        })
    }
}

impl Pause {
    pub(super) fn of(row: &AnyRow) -> Result<Self, StateError> {
        const TABLE: &str = "pauses";
        let (kind, state): (String, String) = (row.try_get("kind")?, row.try_get("state")?);
        let kind = [Response::Pause, Response::Incident]
            .into_iter()
            .find(|each| response_name(*each) == kind);
        Ok(Self {
            cause: row.try_get("cause")?,
            domain: key(row, TABLE)?,
            kind: kind.ok_or_else(|| unreadable(TABLE, "kind"))?,
            scope: whole(row, TABLE, "scope")?,
            mask: whole(row, TABLE, "mask")?,
            state: PauseState::of(&state).ok_or_else(|| unreadable(TABLE, "state"))?,
            planned_slot: whole(row, TABLE, "planned_slot")?,
            planned_ts: row.try_get("planned_ts")?,
            expected: row.try_get("expected")?,
            attempts: whole(row, TABLE, "attempts")?,
            signature: row.try_get("signature")?,
            force_slot: whole(row, TABLE, "force_slot")?,
            note: row.try_get("note")?,
        })
    }
}

impl DutyRow {
    pub(super) fn of(row: &AnyRow) -> Result<Self, StateError> {
        const TABLE: &str = "duties";
        let state: String = row.try_get("state")?;
        Ok(Self {
            duty: row.try_get("duty")?,
            domain: key(row, TABLE)?,
            number: row.try_get("number")?,
            state: DutyState::of(&state).ok_or_else(|| unreadable(TABLE, "state"))?,
            slot: whole(row, TABLE, "slot")?,
            ts: row.try_get("ts")?,
            failures: whole(row, TABLE, "failures")?,
            retry_ts: row.try_get("retry_ts")?,
            note: row.try_get("note")?,
        })
    }

    pub(super) const fn state_name(&self) -> &'static str {
        self.state.name()
    }
}
