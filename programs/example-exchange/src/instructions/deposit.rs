//! An owner deposits tokens into the margin account. The amount that arrives counts.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    error::ExchangeError,
    gate::require_open,
    state::{Exchange, MarginAccount},
    tokens::*,
};

#[derive(Accounts)]
pub struct Deposit<'info> {
    /// With custody, also pays the rent of Bulkhead's note.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = exchange @ ExchangeError::ForeignAccount,
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub payin: Payin<'info>,
}

pub fn handle_deposit(ctx: Context<Deposit>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (pool, token_program, decimals) = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &accounts.board, action::DEPOSIT)?;
        (exchange.margin_pool, exchange.token_program, exchange.decimals)
    };
    let arrived = accounts.payin.take(
        &accounts.owner,
        &accounts.board,
        &pool,
        &token_program,
        amount,
        decimals,
    )?;
    let mut margin = accounts.margin.load_mut()?;
    let mut exchange = accounts.exchange.load_mut()?;
    margin.deposit = margin.deposit.checked_add(arrived).ok_or(ExchangeError::Overflow)?;
    exchange.total_deposits = exchange
        .total_deposits
        .checked_add(arrived)
        .ok_or(ExchangeError::Overflow)?;
    Ok(())
}
