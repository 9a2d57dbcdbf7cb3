//! An owner moves quote between the margin account and a market. No token moves: both lie in the margin pool.
//!
//! It leaves one ledger and enters another, so both compartments are asked. While either is closed neither ledger
//! changes: a unit that was counted in one cannot be counted again in the other.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    error::ExchangeError,
    gate::{require_market_open, require_open},
    state::{Exchange, MarginAccount, Market, OpenOrders},
};

#[derive(Accounts)]
pub struct MoveQuote<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut, has_one = exchange @ ExchangeError::ForeignAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = exchange @ ExchangeError::ForeignAccount,
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = market @ ExchangeError::ForeignAccount,
    )]
    pub orders: AccountLoader<'info, OpenOrders>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
}

/// From the margin account to the market.
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

/// All that no order has locked, from the market to the margin account.
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

impl MoveQuote<'_> {
    /// Asks the compartment of the margin accounts, and that of the market.
    fn require_open(&self, margin: u32, market: u32) -> Result<()> {
        let exchange = self.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &self.board, margin)?;
        require_market_open(&exchange, &*self.market.load()?, &self.board, market)
    }
}
