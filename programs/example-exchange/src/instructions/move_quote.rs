//! The accounts of what moves quote between an owner's margin account and a market. No token moves: both lie in the margin pool.
//!
//! It leaves one ledger and enters another, so both compartments are asked. While either is closed neither ledger
//! changes: a unit that was counted in one cannot be counted again in the other.

use anchor_lang::prelude::*;

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

impl MoveQuote<'_> {
    /// Asks the compartment of the margin accounts, and that of the market.
    pub fn require_open(&self, margin: u32, market: u32) -> Result<()> {
        let exchange = self.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &self.board, margin)?;
        require_market_open(&exchange, &*self.market.load()?, &self.board, market)
    }
}
