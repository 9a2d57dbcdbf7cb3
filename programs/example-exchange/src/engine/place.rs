//! An owner places an order.

use anchor_lang::prelude::*;

use super::{Engine, Parties, locked_by};
use crate::{
    constants::{MAX_RESTING_EACH, order_kind},
    error::ExchangeError,
    state::Order,
};

/// An owner's order request.
#[derive(Clone, Copy, Debug)]
pub struct NewOrder {
    /// One of `constants::side`.
    pub side: u8,
    /// One of `constants::order_kind`.
    pub kind: u8,
    /// The order, with the market's number for it.
    pub order: Order,
    /// Maximum number of matches it may make now.
    pub most: u8,
}

impl Engine<'_> {
    /// Locks what the order may spend, inserts it, matches it, and returns what remains in the book.
    pub fn place(&mut self, parties: &mut impl Parties, new: &NewOrder) -> Result<u64> {
        let (number, order) = (new.side, new.order);
        self.check(new)?;
        let locked = locked_by(&self.terms, number, &order)?;
        parties.with(&order.account, &mut |account| {
            // A client id is used only once: a repeated order is refused, even after the first was filled.
            require!(order.client_id > account.last_client_id, ExchangeError::ClientIdUsed);
            require!(account.resting < MAX_RESTING_EACH, ExchangeError::TooManyOrders);
            account.last_client_id = order.client_id;
            account.purse_mut(number)?.lock(locked)?;
            account.rests()
        })?;
        self.book.side_mut(number)?.insert(order)?;
        if new.kind != order_kind::POST_ONLY {
            self.cross(parties, new.most)?;
        }
        let rest = self.book.side(number)?.place_of(order.sequence);
        match rest {
            None => Ok(0),
            Some(at) if new.kind == order_kind::IOC => {
                self.take_out(number, at, parties)?;
                Ok(0)
            }
            Some(at) => {
                let lots = self.book.side(number)?.orders().get(at).map_or(0, |order| order.lots);
                self.make_room(number, order.sequence, parties)?;
                Ok(lots)
            }
        }
    }

    fn check(&self, new: &NewOrder) -> Result<()> {
        let order = &new.order;
        let is_kind = matches!(new.kind, order_kind::LIMIT | order_kind::POST_ONLY | order_kind::IOC);
        require!(is_kind, ExchangeError::UnknownOrderKind);
        require!(order.price > 0, ExchangeError::OrderOutOfRange);
        require!(order.lots >= self.terms.min_lots, ExchangeError::OrderTooSmall);
        // Both must fit: the amount that a bid locks, and the amount that it will demand from an ask.
        self.terms.base(order.lots)?;
        self.terms.quote(order.price, order.lots)?;
        let would_take = self.book.would_take(new.side, order.price);
        let is_refused = new.kind == order_kind::POST_ONLY && would_take;
        require!(!is_refused, ExchangeError::WouldTake);
        Ok(())
    }

    /// Evicts the worst order from a side that is over full. It must not be the new order. So anyone with a better
    /// price can displace an attacker who fills a book with dust far from the price, and a worse price displaces
    /// nobody.
    fn make_room(&mut self, number: u8, newest: u64, parties: &mut impl Parties) -> Result<()> {
        let side = self.book.side(number)?;
        let Some(worst) = side.worst().filter(|_| side.is_over_full()) else {
            return Ok(());
        };
        require!(worst.sequence != newest, ExchangeError::BookFull);
        require!(parties.has(&worst.account), ExchangeError::EvictedAccountMissing);
        self.take_out(number, 0, parties)?;
        Ok(())
    }
}
