//! An owner moves quote from the margin account to a market, where orders can lock it.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use super::MoveQuote;
use crate::error::ExchangeError;

pub fn handle_fund_orders(ctx: Context<MoveQuote>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_open(action::WITHDRAW, action::DEPOSIT)?;
    require!(amount > 0, ExchangeError::ZeroAmount);
    let (mut exchange, mut market) = (accounts.exchange.load_mut()?, accounts.market.load_mut()?);
    let (mut margin, mut orders) = (accounts.margin.load_mut()?, accounts.orders.load_mut()?);
    let rest = margin.deposit.checked_sub(amount);
    margin.deposit = rest.ok_or(ExchangeError::DepositTooSmall)?;
    let total = exchange.total_deposits.checked_sub(amount);
    exchange.total_deposits = total.ok_or(ExchangeError::Overflow)?;
    orders.quote.put(amount)?;
    let held = market.quote_held.checked_add(amount);
    market.quote_held = held.ok_or(ExchangeError::Overflow)?;
    Ok(())
}
