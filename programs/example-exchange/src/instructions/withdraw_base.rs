//! An owner takes base tokens out of a market that no order has locked, to any token account.
//!
//! As for the margin account, Bulkhead's limit decides what moves now, what waits and what stays.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    custody::*,
    error::ExchangeError,
    gate::require_market_open,
    state::{Exchange, Market, OpenOrders},
};

#[derive(Accounts)]
pub struct WithdrawBase<'info> {
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

pub fn handle_withdraw_base(ctx: Context<WithdrawBase>, amount: u64, release_index: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (pool, base) = {
        let (exchange, market) = (accounts.exchange.load()?, accounts.market.load()?);
        require_market_open(&exchange, &market, &accounts.payout.board, action::WITHDRAW)?;
        (market.base_pool, market.base())
    };
    require!(
        amount <= accounts.orders.load()?.base.free(),
        ExchangeError::NotEnoughFree
    );
    let outflow =
        accounts
            .payout
            .pay_out_of(&accounts.exchange, &base, &pool, &accounts.owner, amount, release_index)?;
    if let Outflow::Debit(amount) = outflow {
        accounts.orders.load_mut()?.base.take(amount)?;
        let mut market = accounts.market.load_mut()?;
        let held = market.base_held.checked_sub(amount);
        market.base_held = held.ok_or(ExchangeError::Overflow)?;
    }
    Ok(())
}
