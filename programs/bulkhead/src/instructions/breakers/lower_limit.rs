//! One guardian lowers a breaker's limits immediately.
//!
//! The instruction never raises a limit and lowers each to no less than half. Each use burns a pause right and counts
//! as one of the guardian's pauses of that day, so a stolen key cannot close a protocol this way. The lowered limits
//! last as long as a guardian pause and then end automatically. The trip limit stays, so releases wait but nothing
//! latches because of the lower limits. The inflow credit alone may be lowered to zero, because T works without it. A
//! bps limit of 0 is disabled and stays disabled. Only a proposal created later raises the limits again early.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, breakers::window::Limits};
use bulkhead_interface::layout::{Council, OutflowBreaker};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::LimitLowered,
};

/// The new limits. They cover all shards together, as stored in the account.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Default)]
pub struct LowerLimitArgs {
    /// T: the most that may leave in any window. Native units.
    pub limit: u64,
    /// The most that may leave in one slot. Native units.
    pub slot_limit: u64,
    /// The most that may leave in any window, in bps of the reference.
    pub limit_bps: u16,
    /// The most that may leave in one slot, in bps of the reference.
    pub slot_bps: u16,
    /// The most that inflow adds to T in any window; at most T / k.
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
    let at = clock()?;
    let guardian = ctx.accounts.guardian.key();
    let limits = Limits {
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
    };
    let (previous, rights_left, until) = {
        let mut council = ctx.accounts.council.current_mut()?;
        let mut breaker = ctx.accounts.breaker.current_mut()?;
        let (previous, rights_left) =
            acts::lower_limit(&mut council, &mut breaker, &guardian, &limits, at).map_err(core_error)?;
        (previous, rights_left, breaker.lowered_until)
    };
    emit_cpi!(LimitLowered {
        breaker: ctx.accounts.breaker.key(),
        guardian,
        previous_limit: previous.limit,
        previous_slot_limit: previous.slot_limit,
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
        rights_left,
        until,
    });
    Ok(())
}
