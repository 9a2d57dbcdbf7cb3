//! Checkpoints: posted, also by liars, and attested.

use bulkhead_client::instructions as ix;
use bulkhead_core::checkpoints::checkpoint;
use bulkhead_interface::constants::{phase, role};

use super::{Move, Table};
use crate::{acts::Act, posted::Posted};

/// Slots that the runtime remembers.
const SLOT_HASHES: u64 = 500;

impl Table<'_> {
    /// Mostly the slot that has just ended, or one that somebody sampled.
    pub(super) fn post_checkpoint(&mut self) -> Option<Move> {
        let (ledger, now) = (self.rng.byte(2), self.machine.clock().slot);
        let has_log = self.now.logs.iter().any(|(_, log)| log.ledger_index == ledger);
        if (self.now.domain.state != phase::OPERATING || !has_log) && !self.rng.percent(5) {
            return None;
        }
        let back = 1 + self.rng.below(3) * self.rng.below(300);
        let sampled = self
            .site
            .samples
            .iter()
            .rev()
            .find(|sample| sample.ledger == ledger && sample.slot < now && sample.slot + SLOT_HASHES > now);
        let slot = match sampled {
            Some(sample) if self.rng.percent(80) => sample.slot,
            _ => now.saturating_sub(back),
        };
        let held = &self.site.holdings[usize::from(ledger)];
        let posted = Posted::new(self.rng, ledger, slot, self.site.tag(ledger, slot), &held.positions);
        let (signer, total) = (self.member(role::ATTESTER), held.total);
        Some(Move {
            name: "post_checkpoint",
            instruction: ix::post_checkpoint(self.domain(), signer, ledger, total, posted.statement()),
            signer,
            act: Act::Post(posted),
        })
    }

    pub(super) fn attest_checkpoint(&mut self) -> Option<Move> {
        let logs = self.now.logs.len();
        let (_, log) = self.now.logs.get(self.rng.index(logs))?;
        let (ledger, latest) = (log.ledger_index, *checkpoint::latest(log)?);
        let signer = self.member(role::ATTESTER);
        Some(Move {
            name: "attest_checkpoint",
            instruction: ix::attest_checkpoint(self.domain(), signer, ledger, latest.slot, latest.hash),
            signer,
            act: Act::Other,
        })
    }
}
