//! Outflow breakers: limits, the references they are measured by, the latch, and the trip that propagates a latch to
//! the board.

mod lower_limit;
mod meter_outflow;
mod observe_reference;
mod open_breaker;
mod propagate_trip;
mod record_inflow;
mod set_limit;
mod view_outflow;

pub use {
    lower_limit::*, meter_outflow::*, observe_reference::*, open_breaker::*, propagate_trip::*, record_inflow::*,
    set_limit::*, view_outflow::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::breakers::window::Moment;
use bulkhead_interface::layout::OutflowBreaker;

use crate::events::BreakerLatched;

/// Emits the event of a latch that an outflow has just set.
pub(crate) fn report_latch(breaker: &OutflowBreaker, key: &Pubkey, before: i64, at: &Moment) {
    let latch = &breaker.latch;
    if (latch.ts, latch.slot) == (at.now, at.slot) && before != latch.until {
        emit!(BreakerLatched {
            breaker: *key,
            breach_amount: latch.seen,
            allowed: latch.allowed,
            slot: latch.slot,
            until: latch.until,
        });
    }
}
