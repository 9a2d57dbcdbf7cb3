//! An owner puts base tokens into a market, to be sold. Counts what arrives.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    error::ExchangeError,
    gate::require_market_open,
    state::{Exchange, Market, OpenOrders},
    tokens::*,
};

#[derive(Accounts)]
pub struct DepositBase<'info> {
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
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub payin: Payin<'info>,
}

pub fn handle_deposit_base(ctx: Context<DepositBase>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (pool, base) = {
        let (exchange, market) = (accounts.exchange.load()?, accounts.market.load()?);
        require_market_open(&exchange, &market, &accounts.board, action::DEPOSIT)?;
        (market.base_pool, market.base())
    };
    let arrived = accounts.payin.take(
        &accounts.owner,
        &pool.tokens,
        &base.token_program,
        amount,
        base.decimals,
    )?;
    accounts.orders.load_mut()?.base.put(arrived)?;
    let mut market = accounts.market.load_mut()?;
    let held = market.base_held.checked_add(arrived);
    market.base_held = held.ok_or(ExchangeError::Overflow)?;
    Ok(())
}
