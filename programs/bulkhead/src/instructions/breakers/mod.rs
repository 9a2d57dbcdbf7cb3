//! Outflow breakers: limits, what they are measured by, the latch, and the trip that carries a latch to the board.

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
use bulkhead_core::{
    latch,
    verdict::Verdict,
    window::{self, Moment, WindowError},
};
use bulkhead_interface::layout::OutflowBreaker;

use crate::{error::BulkheadError, events::BreakerLatched};

/// Names the program's error for a window that cannot be kept.
pub(crate) fn window_error(error: WindowError) -> Error {
    match error {
        WindowError::OutOfRange => BulkheadError::ArgumentOutOfRange,
        WindowError::NoSuchCompartment => BulkheadError::CompartmentOutOfRange,
    }
    .into()
}

/// Asks the breaker at `key`, and reports a latch that this outflow set off.
pub(crate) fn meter(breaker: &mut OutflowBreaker, key: &Pubkey, amount: u64, at: &Moment) -> Verdict {
    let was_latched = latch::is_in_force(&breaker.latch, at.lifted_slot, at.now);
    let verdict = window::meter(breaker, amount, at);
    if verdict == Verdict::Queued && !was_latched {
        report_latch(breaker, key, amount, at);
    }
    verdict
}

/// Reports a latch that an outflow of `amount` set off, if it did.
#[cold]
pub(crate) fn report_latch(breaker: &OutflowBreaker, key: &Pubkey, amount: u64, at: &Moment) {
    if latch::is_in_force(&breaker.latch, at.lifted_slot, at.now) {
        emit!(BreakerLatched {
            breaker: *key,
            breach_amount: amount,
            slot: at.slot,
            until: breaker.latch.until,
        });
    }
}
