//! Resting orders, in matching order.

use anchor_lang::prelude::*;

use crate::{
    constants::{MAX_RESTING, VERSION, side},
    error::ExchangeError,
};

/// First eight bytes of a book.
pub const BOOK_DISCRIMINATOR: [u8; 8] = *b"exOrdBok";

/// One more than the maximum of resting orders: the order that is being placed.
const SLOTS: usize = MAX_RESTING.saturating_add(1);

/// An order.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct Order {
    /// Price: ticks per lot.
    pub price: u64,
    /// Remaining size.
    pub lots: u64,
    /// Number of the order in its market: the lower number came first.
    pub sequence: u64,
    /// The owner's client id.
    pub client_id: u64,
    /// Open-orders account whose funds it locks.
    pub account: Pubkey,
}

/// One side of a book: a sorted array, the best order last.
///
/// Finding a position takes at most nine comparisons, and making room is one memory move, which is cheaper than
/// following links. There are also no links that could lose an order.
#[zero_copy]
#[derive(Debug)]
pub struct BookSide {
    /// Number of orders.
    pub count: u32,
    /// Which side, one of `constants::side`.
    pub side: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Sorted by priority, the next order to match last; zero from `count` on.
    pub orders: [Order; SLOTS],
}

const _: () = assert!(core::mem::size_of::<BookSide>() == 8 + 64 * SLOTS);

impl BookSide {
    /// All orders, the best last.
    pub fn orders(&self) -> &[Order] {
        self.orders.get(..self.len()).unwrap_or_default()
    }

    /// The next order to match.
    pub fn best(&self) -> Option<&Order> {
        self.orders().last()
    }

    /// The order to evict.
    pub fn worst(&self) -> Option<&Order> {
        self.orders().first()
    }

    /// Are there more orders than may rest?
    pub fn is_over_full(&self) -> bool {
        self.len() > MAX_RESTING
    }

    /// Index of the order with a sequence number.
    pub fn place_of(&self, sequence: u64) -> Option<usize> {
        self.orders().iter().position(|order| order.sequence == sequence)
    }

    /// Index of an account's order.
    pub fn place_of_client(&self, account: &Pubkey, client_id: u64) -> Option<usize> {
        self.orders()
            .iter()
            .position(|order| order.client_id == client_id && order.account == *account)
    }

    /// Inserts an order by price and time.
    pub fn insert(&mut self, order: Order) -> Result<()> {
        let (count, rank) = (self.len(), self.rank(&order));
        let at = self.orders().partition_point(|resting| self.rank(resting) < rank);
        let behind = self.orders.get_mut(at..=count).ok_or(ExchangeError::BookFull)?;
        behind.rotate_right(1);
        if let Some(slot) = behind.first_mut() {
            *slot = order;
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Removes an order.
    pub fn remove(&mut self, at: usize) -> Result<Order> {
        let count = self.len();
        let behind = self.orders.get_mut(at..count).ok_or(ExchangeError::NoSuchOrder)?;
        behind.rotate_left(1);
        let slot = behind.last_mut().ok_or(ExchangeError::NoSuchOrder)?;
        let order = core::mem::replace(slot, bytemuck::Zeroable::zeroed());
        self.count = self.count.saturating_sub(1);
        Ok(order)
    }

    /// Removes the next order to match.
    pub fn remove_best(&mut self) -> Result<Order> {
        self.remove(self.len().saturating_sub(1))
    }

    /// Subtracts lots from the next order to match. Returns whether it is filled.
    pub fn fill_best(&mut self, lots: u64) -> Result<bool> {
        let at = self.len().saturating_sub(1);
        let best = self.orders.get_mut(at).ok_or(ExchangeError::NoSuchOrder)?;
        best.lots = best.lots.checked_sub(lots).ok_or(ExchangeError::Overflow)?;
        let is_done = best.lots == 0;
        if is_done {
            self.remove_best()?;
        }
        Ok(is_done)
    }

    /// Priority; the higher key matches first: the better price, and at one price the lower number.
    pub fn rank(&self, order: &Order) -> (u64, u64) {
        let price = if self.side == side::BID {
            order.price
        } else {
            !order.price
        };
        (price, !order.sequence)
    }

    fn len(&self) -> usize {
        (self.count as usize).min(SLOTS)
    }
}

/// The book of a market. Too large for a program to create: the client creates it and passes it to the program.
#[account(zero_copy, discriminator = &BOOK_DISCRIMINATOR)]
#[derive(Debug)]
pub struct Book {
    /// Layout version.
    pub version: u8,
    /// Zero.
    pub padding: [u8; 7],
    /// Its market.
    pub market: Pubkey,
    /// Bids.
    pub bids: BookSide,
    /// Asks.
    pub asks: BookSide,
}

const _: () = assert!(core::mem::size_of::<Book>() == 40 + 2 * core::mem::size_of::<BookSide>());
const _: () = assert!(core::mem::align_of::<Book>() == 8);

impl Book {
    /// Initializes an empty book in zeroed bytes.
    pub fn initialize(&mut self, market: Pubkey) {
        self.version = VERSION;
        self.market = market;
        self.bids.side = side::BID;
        self.asks.side = side::ASK;
    }

    /// One side.
    pub fn side(&self, number: u8) -> Result<&BookSide> {
        match number {
            side::BID => Ok(&self.bids),
            side::ASK => Ok(&self.asks),
            _ => err!(ExchangeError::UnknownSide),
        }
    }

    /// One side.
    pub fn side_mut(&mut self, number: u8) -> Result<&mut BookSide> {
        match number {
            side::BID => Ok(&mut self.bids),
            side::ASK => Ok(&mut self.asks),
            _ => err!(ExchangeError::UnknownSide),
        }
    }

    /// The best bid and the best ask, if they cross.
    pub fn crossing(&self) -> Option<(&Order, &Order)> {
        let (bid, ask) = (self.bids.best()?, self.asks.best()?);
        (bid.price >= ask.price).then_some((bid, ask))
    }

    /// Would an order at this price match now?
    pub fn would_take(&self, number: u8, price: u64) -> bool {
        if number == side::BID {
            self.asks.best().is_some_and(|ask| ask.price <= price)
        } else {
            self.bids.best().is_some_and(|bid| bid.price >= price)
        }
    }
}
