//! Anyone sweeps what a pool holds after the end of claims: open -> closed.
//!
//! It goes to the associated token account of the owner that was fixed before the vote. The first sweep makes the end
//! final; later ones move what was sent to the pool by mistake since.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
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
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = restoration.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_sweep_unclaimed(ctx: Context<SweepUnclaimed>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, incident, ledger_index, bump) = {
        let mut plan = accounts.restoration.current_mut()?;
        let amount = acts::sweep_unclaimed(&mut plan, accounts.pool.amount, clock()?.now).map_err(core_error)?;
        require_rest_account((*accounts.destination).as_ref(), &plan.rest_owner, &plan.mint)?;
        (amount, plan.incident, plan.ledger_index, plan.bump)
    };
    if amount > 0 {
        let transfer = Transfer {
            program: accounts.token_program.as_ref(),
            from: (*accounts.pool).as_ref(),
            mint: (*accounts.mint).as_ref(),
            to: (*accounts.destination).as_ref(),
            authority: accounts.restoration.as_ref(),
            decimals: accounts.mint.decimals,
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
