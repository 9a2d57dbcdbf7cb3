//! An owner deposits tokens into a market, to be spent by orders of one side: quote for bids, base for asks. The amount
//! that arrives counts.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    error::ExchangeError,
    gate::require_market_open,
    state::{Exchange, Market, OpenOrders},
    tokens::*,
};

#[derive(Accounts)]
pub struct FundOrders<'info> {
    /// With custody, also pays the rent of Bulkhead's note.
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
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub payin: Payin<'info>,
}

pub fn handle_fund_orders(ctx: Context<FundOrders>, side: u8, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (asset, pool) = {
        let (exchange, market) = (accounts.exchange.load()?, accounts.market.load()?);
        require_market_open(&exchange, &market, &accounts.board, action::DEPOSIT)?;
        market.asset(&exchange, side)?
    };
    let arrived = accounts.payin.take(
        &accounts.owner,
        &accounts.board,
        &pool,
        &asset.token_program,
        amount,
        asset.decimals,
    )?;
    accounts.orders.load_mut()?.purse_mut(side)?.put(arrived)?;
    let mut market = accounts.market.load_mut()?;
    let held = market.held_mut(side)?;
    *held = held.checked_add(arrived).ok_or(ExchangeError::Overflow)?;
    Ok(())
}
