//! An owner withdraws tokens that no order has locked from a market to any token account: proceeds of trades and
//! amounts freed by cancelled orders.
//!
//! As for the margin account, Bulkhead's limit decides what moves now, what waits and what stays.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    constants::side::BID,
    custody::*,
    error::ExchangeError,
    gate::require_market_open,
    state::{Exchange, Market, OpenOrders},
};

#[derive(Accounts)]
pub struct Settle<'info> {
    /// Also pays the rent of the record if the release has to wait.
    #[account(mut)]
    pub owner: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut, has_one = exchange @ ExchangeError::ForeignAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = market @ ExchangeError::ForeignAccount,
    )]
    pub orders: AccountLoader<'info, OpenOrders>,
    pub payout: Payout<'info>,
}

pub fn handle_settle(ctx: Context<Settle>, side: u8, amount: u64, release_index: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (asset, pool) = {
        let (exchange, market) = (accounts.exchange.load()?, accounts.market.load()?);
        require_market_open(&exchange, &market, &accounts.payout.board, action::WITHDRAW)?;
        let is_within = side != BID || amount <= exchange.withdraw_limit;
        require!(is_within, ExchangeError::OverWithdrawLimit);
        market.asset(&exchange, side)?
    };
    require!(
        amount <= accounts.orders.load()?.purse(side)?.free(),
        ExchangeError::NotEnoughFree
    );
    let payout = &accounts.payout;
    let outflow = payout.pay_out_of(
        &accounts.exchange,
        &asset,
        &pool,
        &accounts.owner,
        amount,
        release_index,
    )?;
    if let Outflow::Debit(amount) = outflow {
        accounts.orders.load_mut()?.purse_mut(side)?.take(amount)?;
        let mut market = accounts.market.load_mut()?;
        let held = market.held_mut(side)?;
        *held = held.checked_sub(amount).ok_or(ExchangeError::Overflow)?;
    }
    Ok(())
}
