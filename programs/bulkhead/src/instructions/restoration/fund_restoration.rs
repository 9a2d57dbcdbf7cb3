//! Anyone pays into the pool that claims are paid from, at most the amount that the claims lack.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts;
use bulkhead_interface::layout::Restoration;

use super::require_claims_run;
use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::RestorationFunded,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct FundRestoration<'info> {
    pub funder: Signer<'info>,
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = restoration.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_fund_restoration(ctx: Context<FundRestoration>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let amount = {
        let restoration = accounts.restoration.current()?;
        require_claims_run(&restoration)?;
        acts::fund(&restoration, accounts.pool.amount, amount).map_err(core_error)?
    };
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.source).as_ref(),
        mint: (*accounts.mint).as_ref(),
        to: (*accounts.pool).as_ref(),
        authority: accounts.funder.as_ref(),
        decimals: accounts.mint.decimals,
    };
    let moved = token::transfer(&transfer, amount, &[])?;
    emit_cpi!(RestorationFunded {
        restoration: accounts.restoration.key(),
        source: accounts.source.key(),
        amount: moved.received,
        balance: token::balance(transfer.to)?,
    });
    Ok(())
}
