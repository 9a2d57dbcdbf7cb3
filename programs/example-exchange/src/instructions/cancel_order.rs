//! An owner cancels an order and frees what it locked. By default open in every emergency, because it makes users
//! safer.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    engine::Engine,
    error::ExchangeError,
    gate::require_market_open,
    parties::Present,
    state::{Book, Exchange, Market, OpenOrders},
};

#[derive(Accounts)]
pub struct CancelOrder<'info> {
    pub owner: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        has_one = exchange @ ExchangeError::ForeignAccount,
        has_one = book @ ExchangeError::ForeignAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(mut)]
    pub book: AccountLoader<'info, Book>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = market @ ExchangeError::ForeignAccount,
    )]
    pub orders: AccountLoader<'info, OpenOrders>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
}

pub fn handle_cancel_order(ctx: Context<CancelOrder>, client_id: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let market = accounts.market.load()?;
    require_market_open(&*accounts.exchange.load()?, &market, &accounts.board, action::CANCEL)?;
    let mut parties = Present {
        market: accounts.market.key(),
        named: &[&accounts.orders],
        others: &[],
    };
    let mut engine = Engine {
        book: &mut *accounts.book.load_mut()?,
        terms: market.terms,
        fees: market.fees,
    };
    engine.cancel(&mut parties, &accounts.orders.key(), client_id)?;
    Ok(())
}
