//! Anyone shares out the part of the pool's balance that is not shared out yet.
//!
//! It always shares out all of it: nobody chooses an amount, and the number of calls is unlimited. A leaf receives the
//! same from many small sums as from one large sum. It works in every phase and in every later incident.

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
