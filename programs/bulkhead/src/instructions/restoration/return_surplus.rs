//! Anyone returns the part of a pool's balance that exceeds all its claims can still be paid. It goes to the domain's
//! associated token account, from which a matured proposal can move it on.
//!
//! Funding never takes more than the claims lack, so a surplus is what someone sent to the pool by a plain transfer.

use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::get_associated_token_address_with_program_id,
    token_interface::{Mint, TokenAccount, TokenInterface},
};
use bulkhead_core::acts;
use bulkhead_interface::{layout::Restoration, seeds::SEED_RESTORATION};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::SurplusReturned,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct ReturnSurplus<'info> {
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, constraint = destination.owner == restoration.current()?.domain @ BulkheadError::WrongDestination)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = restoration.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_return_surplus(ctx: Context<ReturnSurplus>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, domain, incident, ledger_index, bump) = {
        let plan = accounts.restoration.current()?;
        let amount = acts::surplus(&plan, accounts.pool.amount).map_err(core_error)?;
        (amount, plan.domain, plan.incident, plan.ledger_index, plan.bump)
    };
    let (mint, token_program) = (accounts.mint.key(), accounts.token_program.key());
    require_keys_eq!(
        accounts.destination.key(),
        get_associated_token_address_with_program_id(&domain, &mint, &token_program),
        BulkheadError::WrongDestination
    );
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.pool).as_ref(),
        mint: (*accounts.mint).as_ref(),
        to: (*accounts.destination).as_ref(),
        authority: accounts.restoration.as_ref(),
        decimals: accounts.mint.decimals,
    };
    let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
    let moved = token::transfer(&transfer, amount, &[seeds])?;
    emit_cpi!(SurplusReturned {
        restoration: accounts.restoration.key(),
        destination: accounts.destination.key(),
        amount: moved.sent,
    });
    Ok(())
}
