//! What happens in a book, over plain memory: handlers give it accounts, tests give it maps.
//!
//! There is one way to trade ([`Engine::cross`]): the best bid with the best ask, at the price of the one that came
//! first. A new order is put among the others before anything trades, so it cannot overtake them, also not when the book
//! was left crossed by a transaction that lacked accounts.

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

/// The open-orders accounts at hand. An account that is not there stops what needs it; it never lets it pass.
pub trait Parties {
    /// Is this one there?
    fn has(&self, account: &Pubkey) -> bool;
    /// Changes one.
    fn with(&mut self, account: &Pubkey, change: &mut dyn FnMut(&mut OpenOrders) -> Result<()>) -> Result<()>;
    /// Hears of a trade.
    fn filled(&mut self, _fill: &Fill) {}
    /// Hears of an order that left unfilled.
    fn cancelled(&mut self, _side: u8, _order: &Order) {}
}

/// One market at work.
pub struct Engine<'a> {
    /// Its book.
    pub book: &'a mut Book,
    /// What prices and sizes mean.
    pub terms: Terms,
    /// The open-orders account that fees go to.
    pub fees: Pubkey,
}

impl Engine<'_> {
    /// Takes a whole order out of the book and frees what it locked.
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
