//! What people are notified of.

use serde::{Deserialize, Serialize};

use crate::{
    config::Severity,
    state::{Cause, Pause, PauseState},
};

/// What happened.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// At least one endpoint reports something, and no quorum does.
    Reported,
    /// A quorum reports it, for as long as the rule asks.
    Confirmed,
    /// Nobody reports it any more.
    Cleared,
    /// A pause is being sent.
    Pausing,
    /// The pause is in force.
    Paused,
    /// The actions were closed already.
    Covered,
    /// No pause is possible, or none is seen in force yet.
    NotPaused,
    /// The pause has lapsed, and its cause has not.
    PauseLapsed,
    /// Something in the domain changed: a proposal, a limit, a member.
    Changed,
}

impl NoticeKind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Confirmed => "confirmed",
            Self::Cleared => "cleared",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Covered => "covered",
            Self::NotPaused => "not_paused",
            Self::PauseLapsed => "pause_lapsed",
            Self::Changed => "changed",
        }
    }
}

/// A notice.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub struct Notice {
    /// Its own name. A webhook that takes it twice has taken one notice.
    pub id: String,
    /// What happened.
    pub kind: NoticeKind,
    /// How bad it is.
    pub severity: Severity,
    /// The episode, which several notices belong to.
    pub cause: String,
    /// The domain, or empty for the daemon's own affairs.
    pub domain: String,
    /// The rule.
    pub rule: String,
    /// What it is about.
    pub subject: String,
    /// In words.
    pub text: String,
    /// Endpoints that report it.
    pub eyes: u64,
    /// Endpoints that have to.
    pub quorum: u64,
    /// The cluster's slot.
    pub slot: u64,
    /// Unix seconds of this machine.
    pub ts: i64,
}

/// When a notice is made.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The cluster's slot.
    pub slot: u64,
    /// Unix seconds of this machine.
    pub ts: i64,
    /// Endpoints that have to agree.
    pub quorum: usize,
}

impl Notice {
    /// About a cause.
    #[must_use]
    pub fn of_cause(kind: NoticeKind, cause: &Cause, now: Now) -> Self {
        let is_own = cause.domain == anchor_lang::prelude::Pubkey::default();
        Self {
            id: format!("{}/{}", cause.id, kind.name()),
            kind,
            severity: cause.severity,
            cause: cause.id.clone(),
            domain: if is_own {
                String::new()
            } else {
                cause.domain.to_string()
            },
            rule: cause.rule.clone(),
            subject: cause.subject.clone(),
            text: cause.text.clone(),
            eyes: cause.eyes,
            quorum: now.quorum as u64,
            slot: now.slot,
            ts: now.ts,
        }
    }

    /// About the pause that answers a cause.
    #[must_use]
    pub fn of_pause(pause: &Pause, cause: &Cause, now: Now) -> Self {
        let (kind, text) = match pause.state {
            PauseState::Planned if pause.attempts == 0 => (NoticeKind::Pausing, "a pause is being sent".to_owned()),
            PauseState::Planned => (
                NoticeKind::NotPaused,
                format!(
                    "after {} attempts no pause is seen in force: {}",
                    pause.attempts, pause.note
                ),
            ),
            PauseState::InForce => (
                NoticeKind::Paused,
                format!(
                    "the pause is in force since slot {}, {} slots after it was planned",
                    pause.force_slot,
                    pause.force_slot.saturating_sub(pause.planned_slot)
                ),
            ),
            PauseState::Covered => (
                NoticeKind::Covered,
                "these actions were closed already, so no pause was made".into(),
            ),
            PauseState::Exhausted | PauseState::Refused => (NoticeKind::NotPaused, pause.note.clone()),
        };
        Self {
            text: format!("{text} ({})", cause.text),
            ..Self::of_cause(kind, cause, now)
        }
    }
}
