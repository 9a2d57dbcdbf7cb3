//! An owner moves quote back that no order has locked, all of it: what sales and cancelled bids have left.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use super::MoveQuote;
use crate::error::ExchangeError;

pub fn handle_settle(ctx: Context<MoveQuote>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_open(action::DEPOSIT, action::WITHDRAW)?;
    let (mut exchange, mut market) = (accounts.exchange.load_mut()?, accounts.market.load_mut()?);
    let (mut margin, mut orders) = (accounts.margin.load_mut()?, accounts.orders.load_mut()?);
    let amount = orders.quote.free();
    require!(amount > 0, ExchangeError::ZeroAmount);
    orders.quote.take(amount)?;
    let held = market.quote_held.checked_sub(amount);
    market.quote_held = held.ok_or(ExchangeError::Overflow)?;
    let deposit = margin.deposit.checked_add(amount);
    margin.deposit = deposit.ok_or(ExchangeError::Overflow)?;
    let total = exchange.total_deposits.checked_add(amount);
    exchange.total_deposits = total.ok_or(ExchangeError::Overflow)?;
    Ok(())
}
