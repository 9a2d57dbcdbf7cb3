//! One guardian lowers a breaker's limits, at once.
//!
//! Never raises either, halves them at most, and burns a pause right each time: a stolen key
//! cannot close a protocol with it. A proposal made later raises them again.

use anchor_lang::prelude::*;
use bulkhead_core::window;
use bulkhead_interface::{
    constants::role,
    layout::{Council, OutflowBreaker},
};

use super::window_error;
use crate::{
    authority::require_member, current::Current, error::BulkheadError, events::LimitLowered,
    instructions::pause::burn_pause_right,
};

#[event_cpi]
#[derive(Accounts)]
pub struct LowerLimit<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = breaker.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
}

pub fn handle_lower_limit(ctx: Context<LowerLimit>, limit: u64, slot_limit: u64) -> Result<()> {
    let clock = Clock::get()?;
    let guardian = ctx.accounts.guardian.key();
    let (previous_limit, previous_slot_limit, rights_left) = {
        let mut council = ctx.accounts.council.current_mut()?;
        let index = require_member(&council, &guardian, role::GUARDIAN)?;
        let mut breaker = ctx.accounts.breaker.current_mut()?;
        window::check_lowered(&breaker, limit, slot_limit).map_err(window_error)?;
        let rights_left = burn_pause_right(&mut council, index, clock.unix_timestamp)?;
        let previous = (breaker.limit, breaker.slot_limit);
        breaker.limit = limit;
        breaker.slot_limit = slot_limit;
        breaker.lowered_slot = clock.slot;
        (previous.0, previous.1, rights_left)
    };
    emit_cpi!(LimitLowered {
        breaker: ctx.accounts.breaker.key(),
        guardian,
        previous_limit,
        previous_slot_limit,
        limit,
        slot_limit,
        rights_left,
    });
    Ok(())
}
