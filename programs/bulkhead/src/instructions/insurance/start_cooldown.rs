//! Begins the cooldown of an owner's shares, in place of any before; with 0 shares it ends it.
//!
//! The number of shares, the end of the cooldown and the end of the window are fixed now. The shares stay slashable
//! until they are unstaked. It works in every phase.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{InsurancePool, InsuranceStake};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::CooldownStarted,
};

#[event_cpi]
#[derive(Accounts)]
pub struct StartCooldown<'info> {
    pub owner: Signer<'info>,
    #[account(address = stake.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: AccountLoader<'info, InsurancePool>,
    #[account(mut, constraint = stake.current()?.owner == owner.key() @ BulkheadError::ForeignAccount)]
    pub stake: AccountLoader<'info, InsuranceStake>,
}

pub fn handle_start_cooldown(ctx: Context<StartCooldown>, shares: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let mut stake = accounts.stake.current_mut()?;
        acts::start_cooldown(&*accounts.pool.current()?, &mut stake, shares, clock()?.now).map_err(core_error)?;
        CooldownStarted {
            pool: stake.pool,
            owner: stake.owner,
            shares,
            cooldown_end_ts: stake.cooldown_end_ts,
            window_end_ts: stake.window_end_ts,
        }
    };
    emit_cpi!(event);
    Ok(())
}
