//! An owner repays debt. Open in every emergency, because it makes users safer.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use super::Deposit;
use crate::{error::ExchangeError, gate::require_open};

pub fn handle_repay(ctx: Context<Deposit>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (pool, token_program, decimals) = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &accounts.board, action::REPAY)?;
        (exchange.margin_pool, exchange.token_program, exchange.decimals)
    };
    require!(amount <= accounts.margin.load()?.debt, ExchangeError::DebtTooSmall);
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
    margin.debt = margin.debt.checked_sub(arrived).ok_or(ExchangeError::DebtTooSmall)?;
    exchange.total_debt = exchange
        .total_debt
        .checked_sub(arrived)
        .ok_or(ExchangeError::Overflow)?;
    Ok(())
}
