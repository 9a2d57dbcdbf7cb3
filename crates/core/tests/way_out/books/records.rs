//! What the books have: closings, findings, vetoes and consents.

use bulkhead_core::acts::At;
use bulkhead_guard::board::SCOPE_DOMAIN;
use bulkhead_interface::constants::VETO_SECONDS;

use crate::scene::{DELAY, DELAY_SLOTS};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Guardian,
    Trip,
    Link,
}

/// What closes actions somewhere for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closing {
    pub by: By,
    pub scope: u8,
    pub mask: u32,
    pub until: i64,
    pub slot: u64,
}

impl Closing {
    /// Guardians' pauses and linked ones go together; trips by where they close.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        self.by == other.by && (self.by != By::Trip || self.scope == other.scope)
    }

    pub(super) const fn closes(&self, compartment: u8, now: i64) -> bool {
        now < self.until && (self.scope == compartment || self.scope == SCOPE_DOMAIN)
    }
}

/// What a detector has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// Which authority, how much is missing; 0 is nothing.
    pub value: u64,
    /// First seen.
    pub slot: u64,
    pub ts: i64,
    pub until: i64,
    pub has_latched: bool,
    pub is_carried: bool,
}

impl Finding {
    pub const fn is_in_force(&self, unpaused: u64, now: i64) -> bool {
        self.has_latched && now < self.until && self.slot >= unpaused
    }
}

/// A veto, and whom it stands against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Veto {
    pub(super) by: u8,
    pub(super) against: u8,
    pub(super) ts: i64,
    /// Who gave it did not count.
    pub(super) is_silent: bool,
}

impl Veto {
    pub(super) const fn stands(&self, then: i64) -> bool {
        then < self.ts + VETO_SECONDS
    }
}

/// Who consents to a proposal, since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    pub slot: u64,
    pub(super) proposer: u8,
    pub(super) made: i64,
    pub approvals: u8,
    pub since: Option<At>,
    pub(super) expires: i64,
    pub(super) epoch: u64,
    pub(super) vetoes: u8,
    pub(super) removes: u8,
    pub(super) is_over: bool,
}

impl Consent {
    pub fn has_matured(&self, at: At) -> bool {
        self.since
            .is_some_and(|since| at.now >= since.now + DELAY && at.slot >= since.slot + DELAY_SLOTS)
    }
}
