//! The matching engine, over plain memory: handlers pass it accounts, tests pass it maps.
//!
//! There is one way to trade ([`Engine::cross`]): the best bid with the best ask, at the price of the earlier order. A
//! new order is sorted into the book before anything trades, so it cannot overtake the others, even if a transaction
//! that lacked accounts left the book crossed.

mod cancel;
mod cross;
mod place;

use anchor_lang::prelude::*;
pub use {cross::Fill, place::NewOrder};

use crate::{
    constants::side,
    error::ExchangeError,
    state::{Book, OpenOrders, Order, Terms},
};

/// The available open-orders accounts. A missing account stops the operation that needs it and is never skipped.
pub trait Parties {
    /// Is this account available?
    fn has(&self, account: &Pubkey) -> bool;
    /// Changes an account.
    fn with(&mut self, account: &Pubkey, change: &mut dyn FnMut(&mut OpenOrders) -> Result<()>) -> Result<()>;
    /// Called for every trade.
    fn filled(&mut self, _fill: &Fill) {}
    /// Called for every order that leaves the book unfilled.
    fn cancelled(&mut self, _side: u8, _order: &Order) {}
}

/// The state of one market during an operation.
pub struct Engine<'a> {
    /// Its book.
    pub book: &'a mut Book,
    /// Units of prices and sizes.
    pub terms: Terms,
    /// The open-orders account that fees go to.
    pub fees: Pubkey,
}

impl Engine<'_> {
    /// Removes a whole order from the book and frees what it locked.
    fn take_out(&mut self, number: u8, at: usize, parties: &mut impl Parties) -> Result<Order> {
        let order = self.book.side_mut(number)?.remove(at)?;
        let locked = locked_by(&self.terms, number, &order)?;
        parties.with(&order.account, &mut |account| {
            account.purse_mut(number)?.unlock(locked)?;
            account.left()
        })?;
        parties.cancelled(number, &order);
        Ok(order)
    }
}

/// What an order of this side locks: quote for a bid, base for an ask.
pub fn locked_by(terms: &Terms, number: u8, order: &Order) -> Result<u64> {
    match number {
        side::BID => terms.quote(order.price, order.lots),
        side::ASK => terms.base(order.lots),
        _ => err!(ExchangeError::UnknownSide),
    }
}
