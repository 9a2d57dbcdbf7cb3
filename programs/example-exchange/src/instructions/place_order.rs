//! An owner places an order: what it may spend is locked, it matches as far as it may, and the rest stays in the book
//! or is cancelled.
//!
//! Pass as remaining accounts the open-orders accounts it may trade with and, when the side is full, the account of the
//! worst order. A limit order whose counterparties are missing rests anyway, and `match_orders` matches it.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    engine::{Engine, NewOrder},
    error::ExchangeError,
    events::OrderPlaced,
    gate::require_market_open,
    parties::Present,
    state::{Book, Exchange, Market, OpenOrders, Order, Terms},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct PlaceOrderArgs {
    /// One of `constants::side`.
    pub side: u8,
    /// One of `constants::order_kind`.
    pub kind: u8,
    /// Price: ticks per lot.
    pub price: u64,
    /// Lots.
    pub lots: u64,
    /// Client id of the order: greater than every id used before.
    pub client_id: u64,
    /// Maximum number of matches it may make now.
    pub most: u8,
}

#[derive(Accounts)]
pub struct PlaceOrder<'info> {
    pub owner: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        mut,
        has_one = exchange @ ExchangeError::ForeignAccount,
        has_one = book @ ExchangeError::ForeignAccount,
        has_one = fees @ ExchangeError::ForeignAccount,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(mut)]
    pub book: AccountLoader<'info, Book>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = market @ ExchangeError::ForeignAccount,
        constraint = orders.key() != fees.key() @ ExchangeError::FeesDoNotTrade,
    )]
    pub orders: AccountLoader<'info, OpenOrders>,
    #[account(mut)]
    pub fees: AccountLoader<'info, OpenOrders>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
}

pub fn handle_place_order<'info>(ctx: Context<'info, PlaceOrder<'info>>, args: PlaceOrderArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (terms, sequence) = accounts.next_order()?;
    let order = Order {
        price: args.price,
        lots: args.lots,
        sequence,
        client_id: args.client_id,
        account: accounts.orders.key(),
    };
    let new = NewOrder {
        side: args.side,
        kind: args.kind,
        order,
        most: args.most,
    };
    let mut parties = Present {
        market: accounts.market.key(),
        named: &[&accounts.orders, &accounts.fees],
        others: ctx.remaining_accounts,
    };
    let mut engine = Engine {
        book: &mut *accounts.book.load_mut()?,
        terms,
        fees: accounts.fees.key(),
    };
    let resting = engine.place(&mut parties, &new)?;
    emit!(OrderPlaced {
        market: accounts.market.key(),
        orders: order.account,
        sequence,
        client_id: order.client_id,
        side: args.side,
        price: order.price,
        lots: order.lots,
        resting,
    });
    Ok(())
}

impl PlaceOrder<'_> {
    /// Checks the guard and assigns the order's number.
    fn next_order(&self) -> Result<(Terms, u64)> {
        let mut market = self.market.load_mut()?;
        require_market_open(&*self.exchange.load()?, &market, &self.board, action::TRADE)?;
        let sequence = market.next_sequence;
        market.next_sequence = sequence.checked_add(1).ok_or(ExchangeError::Overflow)?;
        Ok((market.terms, sequence))
    }
}
