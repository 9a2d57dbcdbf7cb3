//! When the claims of a restoration end, and what then happens with the rest.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::acts::claim_deadline;
use bulkhead_interface::{constants::restoration_state, layout::Restoration};
use serde::Serialize;

use super::{json, words};

/// The end of a restoration's claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimsEnd {
    /// From when on nothing is paid. A notable sum that is shared out, or a proposal, moves it to a later time.
    pub ts: i64,
    /// Whose token account the rest then goes to.
    #[serde(serialize_with = "json::key")]
    pub rest_owner: Pubkey,
    /// Whether the rest was swept, which makes the end final.
    pub is_swept: bool,
}

impl ClaimsEnd {
    /// `None` if claims do not end.
    #[must_use]
    pub fn of(restoration: &Restoration) -> Option<Self> {
        Some(Self {
            ts: claim_deadline(restoration)?,
            rest_owner: restoration.rest_owner,
            is_swept: restoration.state == restoration_state::CLOSED,
        })
    }

    /// In words, at a time.
    #[must_use]
    pub fn words(&self, now: i64) -> String {
        let Self { ts, rest_owner, .. } = self;
        let when = words::when(*ts, now);
        if self.is_swept {
            format!("claims have ended; the rest was swept to {rest_owner}")
        } else if now < *ts {
            format!("claims end {when}; then anyone sweeps the rest to {rest_owner}")
        } else {
            format!("claims ended {when}; anyone sweeps the rest to {rest_owner}")
        }
    }
}
