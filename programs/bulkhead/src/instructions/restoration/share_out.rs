//! Anyone shares out what the pool holds and no share needs.
//!
//! All of it, always: nobody chooses an amount, and there is no number of times. What a leaf gets of many small sums is
//! what it gets of one large one. Works whatever phase the domain is in, and whatever incident came later.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Incident, Restoration};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::SharedOut,
};

#[event_cpi]
#[derive(Accounts)]
pub struct ShareOut<'info> {
    #[account(mut, address = restoration.current()?.incident @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn handle_share_out(ctx: Context<ShareOut>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let mut restoration = accounts.restoration.current_mut()?;
        let mut incident = accounts.incident.current_mut()?;
        let amount =
            acts::share_out(&mut restoration, &mut incident, accounts.pool.amount, clock()?).map_err(core_error)?;
        SharedOut {
            restoration: accounts.restoration.key(),
            amount,
            shared: restoration.shared,
            total: restoration.total,
        }
    };
    emit_cpi!(event);
    Ok(())
}
