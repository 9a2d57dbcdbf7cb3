//! One guardian lowers a breaker's limits, at once.
//!
//! Never raises any, halves them at most, and burns a pause right each time: a stolen key cannot
//! close a protocol with it. The inflow credit alone may fall to nothing, for T goes on without it.
//! What is not used, bps of 0, stays unused. A proposal made later raises them again.

use anchor_lang::prelude::*;
use bulkhead_core::window::{self, Limits};
use bulkhead_interface::{
    constants::role,
    layout::{Council, OutflowBreaker},
};

use super::window_error;
use crate::{
    authority::require_member, current::Current, error::BulkheadError, events::LimitLowered,
    instructions::pause::burn_pause_right,
};

/// What the limits become: all shards together, as in the account.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Default)]
pub struct LowerLimitArgs {
    /// T: most that may leave in any window. Native units.
    pub limit: u64,
    /// Most that may leave in one slot. Native units.
    pub slot_limit: u64,
    /// Most that may leave in any window, in bps of the reference.
    pub limit_bps: u16,
    /// Most that may leave in one slot, in bps of the reference.
    pub slot_bps: u16,
    /// Most that inflow adds to T in any window; at most T / k.
    pub inflow_credit: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct LowerLimit<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = breaker.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
}

pub fn handle_lower_limit(ctx: Context<LowerLimit>, args: LowerLimitArgs) -> Result<()> {
    let clock = Clock::get()?;
    let guardian = ctx.accounts.guardian.key();
    let limits = Limits {
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
    };
    let (previous_limit, previous_slot_limit, rights_left) = {
        let mut council = ctx.accounts.council.current_mut()?;
        let index = require_member(&council, &guardian, role::GUARDIAN)?;
        let mut breaker = ctx.accounts.breaker.current_mut()?;
        window::check_lowered(&breaker, &limits).map_err(window_error)?;
        let rights_left = burn_pause_right(&mut council, index, clock.unix_timestamp)?;
        let previous = (breaker.limit, breaker.slot_limit);
        limits.put(&mut breaker);
        breaker.lowered_slot = clock.slot;
        (previous.0, previous.1, rights_left)
    };
    emit_cpi!(LimitLowered {
        breaker: ctx.accounts.breaker.key(),
        guardian,
        previous_limit,
        previous_slot_limit,
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
        rights_left,
    });
    Ok(())
}
