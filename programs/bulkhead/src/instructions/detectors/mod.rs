//! Detectors other than the outflow breaker: prices, solvency, authorities. Anyone may observe; a finding latches.

mod close_detector;
mod observe_authority;
mod observe_price;
mod observe_solvency;
mod open_authority_watch;
mod open_price_breaker;
mod open_solvency_breaker;

pub use {
    close_detector::*, observe_authority::*, observe_price::*, observe_solvency::*, open_authority_watch::*,
    open_price_breaker::*, open_solvency_breaker::*,
};

use anchor_lang::prelude::*;
use bulkhead_interface::layout::Latch;

use crate::events::DetectorLatched;

/// Emits the event of a latch that was just set.
fn report(detector: Pubkey, latch: &Latch) {
    emit!(DetectorLatched {
        detector,
        seen: latch.seen,
        allowed: latch.allowed,
        slot: latch.slot,
        until: latch.until,
    });
}
