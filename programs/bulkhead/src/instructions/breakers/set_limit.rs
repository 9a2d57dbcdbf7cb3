//! Sets a breaker's limits, up or down.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. It also sets the trip limit. Outflow
//! that already left stays counted, so a new limit never allows a fresh burst. A proposal created before a guardian
//! lowered the limits cannot undo that. A proposal created before the newest latch raises nothing.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts,
    breakers::window::{Limits, TripLimits},
};
use bulkhead_interface::layout::OutflowBreaker;

use crate::{authority::*, current::Current, error::BulkheadError, events::LimitSet};

/// Payload of a `SetLimit` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Default)]
pub struct SetLimitArgs {
    /// The breaker.
    pub breaker: Pubkey,
    /// T: the most that may leave in any window, all shards together. Native units.
    pub limit: u64,
    /// The most that may leave in one slot, all shards together. Native units.
    pub slot_limit: u64,
    /// The most that may leave in any window, in bps of the reference; 0 disables it.
    pub limit_bps: u16,
    /// The most that may leave in one slot, in bps of the reference; 0 disables it.
    pub slot_bps: u16,
    /// The most that inflow adds to T in any window, all shards together; at most T / k.
    pub inflow_credit: u64,
    /// Trip limit: the breaker latches when the amount requested in any window that has to wait exceeds this, all
    /// shards together. 0 means twice the limit. Native units.
    pub trip_limit: u64,
    /// Trip limit in bps of the reference; 0 means twice `limit_bps`.
    pub trip_bps: u16,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: SetLimitArgs)]
pub struct SetLimit<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(
        mut,
        address = args.breaker @ BulkheadError::ForeignAccount,
        constraint = breaker.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
}

pub fn handle_set_limit(ctx: Context<SetLimit>, args: SetLimitArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let limits = Limits {
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
    };
    let trip = TripLimits {
        limit: args.trip_limit,
        bps: args.trip_bps,
    };
    let (previous, trip) = {
        let mut breaker = ctx.accounts.breaker.current_mut()?;
        let previous = acts::set_limit(&mut breaker, &limits, &trip, config.proposal_slot()?).map_err(core_error)?;
        (previous, TripLimits::of(&breaker))
    };
    emit_cpi!(LimitSet {
        breaker: args.breaker,
        previous_limit: previous.limit,
        previous_slot_limit: previous.slot_limit,
        limit: args.limit,
        slot_limit: args.slot_limit,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        inflow_credit: args.inflow_credit,
        previous_trip_limit: previous.trip_limit,
        trip_limit: trip.limit,
        trip_bps: trip.bps,
    });
    Ok(())
}
