//! Anyone sweeps what a pool holds after the end of claims: open -> closed.
//!
//! It goes to the associated token account of the owner that was fixed before the vote. The first sweep makes the end
//! final; later ones move what was sent to the pool by mistake since.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{layout::Restoration, seeds::SEED_RESTORATION};

use super::require_rest_account;
use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::UnclaimedSwept,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct SweepUnclaimed<'info> {
    #[account(mut)]
    pub restoration: AccountLoader<'info, Restoration>,
    /// CHECK: the restoration's pool, matched by the stored address.
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: the handler checks address, mint and holder.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: the restoration's mint, matched by the stored address.
    #[account(address = restoration.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: UncheckedAccount<'info>,
    /// CHECK: the restoration's token program, matched by the stored address.
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: UncheckedAccount<'info>,
}

pub fn handle_sweep_unclaimed(ctx: Context<SweepUnclaimed>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, incident, ledger_index, bump, decimals) = {
        let mut plan = accounts.restoration.current_mut()?;
        let balance = token::balance(&accounts.pool)?;
        let amount = acts::sweep_unclaimed(&mut plan, balance, clock()?.now).map_err(core_error)?;
        require_rest_account(&accounts.destination, &plan.rest_owner, &plan.mint)?;
        (amount, plan.incident, plan.ledger_index, plan.bump, plan.decimals)
    };
    if amount > 0 {
        let transfer = Transfer {
            program: &accounts.token_program,
            from: &accounts.pool,
            mint: &accounts.mint,
            to: &accounts.destination,
            authority: accounts.restoration.as_ref(),
            decimals,
        };
        let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
        token::transfer(&transfer, amount, &[seeds])?;
    }
    emit_cpi!(UnclaimedSwept {
        restoration: accounts.restoration.key(),
        destination: accounts.destination.key(),
        amount,
    });
    Ok(())
}
