//! What may leave.

use bulkhead_interface::{
    Pubkey,
    constants::role,
    layout::{Council, OutflowBreaker},
};

use super::{ActError, At};
use crate::{
    council::{burn, member_index},
    verdict::Verdict,
    window::{self, Limits, Moment},
};

/// A pair of limits, as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Per window.
    pub limit: u64,
    /// Per slot.
    pub slot_limit: u64,
}

/// One guardian lowers the limits, at once and at most by half. Burns a pause right.
///
/// Returns what they were, and the pause rights left.
///
/// # Errors
/// [`ActError`] by name.
pub fn lower_limit(
    council: &mut Council,
    breaker: &mut OutflowBreaker,
    guardian: &Pubkey,
    limits: &Limits,
    at: At,
) -> Result<(Previous, u8), ActError> {
    let index = member_index(council, guardian, role::GUARDIAN)?;
    window::check_lowered(breaker, limits)?;
    let rights_left = burn(council, index, at.now)?;
    let previous = replace(breaker, limits);
    breaker.lowered_slot = at.slot;
    Ok((previous, rights_left))
}

/// Sets the limits. `proposed_slot` is when the matured proposal was made, `None` during set-up: one from before a
/// guardian lowered the limits cannot undo that.
///
/// # Errors
/// [`ActError`] by name.
pub fn set_limit(
    breaker: &mut OutflowBreaker,
    limits: &Limits,
    proposed_slot: Option<u64>,
) -> Result<Previous, ActError> {
    if proposed_slot.is_some_and(|slot| slot <= breaker.lowered_slot) {
        return Err(ActError::TightenedSince);
    }
    window::check_limits(breaker, limits)?;
    Ok(replace(breaker, limits))
}

/// Its authority asks a breaker whether an outflow may leave. `is_closed`: the board closes withdrawals.
///
/// # Errors
/// [`ActError`] by name.
pub fn meter(
    breaker: &mut OutflowBreaker,
    authority: &Pubkey,
    amount: u64,
    is_closed: bool,
    at: &Moment,
) -> Result<Verdict, ActError> {
    if amount == 0 {
        return Err(ActError::ZeroAmount);
    }
    if breaker.authority != *authority {
        return Err(ActError::NotMeterAuthority);
    }
    if is_closed {
        return Ok(Verdict::Denied);
    }
    Ok(window::meter(breaker, amount, at))
}

fn replace(breaker: &mut OutflowBreaker, limits: &Limits) -> Previous {
    let previous = Previous {
        limit: breaker.limit,
        slot_limit: breaker.slot_limit,
    };
    limits.put(breaker);
    previous
}
