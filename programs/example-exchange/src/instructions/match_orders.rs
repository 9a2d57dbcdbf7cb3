//! Anyone matches crossing orders of a book, best first, with the open-orders accounts of both sides as remaining
//! accounts.
//!
//! The caller chooses nothing: the book determines orders, prices and sizes. A missing account stops the matching
//! there, so that no later order goes first.

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
pub struct MatchOrders<'info> {
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        has_one = exchange @ ExchangeError::ForeignAccount,
        has_one = book @ ExchangeError::ForeignAccount,
        has_one = fees @ ExchangeError::ForeignAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(mut)]
    pub book: AccountLoader<'info, Book>,
    #[account(mut)]
    pub fees: AccountLoader<'info, OpenOrders>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
}

pub fn handle_match_orders<'info>(ctx: Context<'info, MatchOrders<'info>>, most: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let market = accounts.market.load()?;
    require_market_open(&*accounts.exchange.load()?, &market, &accounts.board, action::TRADE)?;
    let mut parties = Present {
        market: accounts.market.key(),
        named: &[&accounts.fees],
        others: ctx.remaining_accounts,
    };
    let mut engine = Engine {
        book: &mut *accounts.book.load_mut()?,
        terms: market.terms,
        fees: market.fees,
    };
    let done = engine.cross(&mut parties, most)?;
    require!(done > 0, ExchangeError::NothingToMatch);
    Ok(())
}
