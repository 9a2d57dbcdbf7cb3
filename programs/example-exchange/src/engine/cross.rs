//! Matches crossing orders.

use anchor_lang::prelude::*;

use super::{Engine, Parties};
use crate::{constants::side, error::ExchangeError, state::Terms};

/// One trade between two open-orders accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Receives base.
    pub buyer: Pubkey,
    /// Receives quote.
    pub seller: Pubkey,
    /// Side of the later order, which pays the fee.
    pub taker: u8,
    /// Price per lot that the bid had locked.
    pub bid_price: u64,
    /// Trade price: the price of the earlier order.
    pub price: u64,
    /// Size of the trade.
    pub lots: u64,
}

/// Amounts that a trade moves. Native units.
struct Amounts {
    /// Base, seller to buyer.
    base: u64,
    base_fee: u64,
    /// Quote, buyer to seller.
    quote: u64,
    quote_fee: u64,
    /// Amount that the bid had locked: `quote`, or more if the trade price is better than the bid's price.
    locked: u64,
}

impl Amounts {
    /// A taker pays the fee out of what it receives, so no order has to lock more than its price.
    fn of(fill: &Fill, terms: &Terms) -> Result<Self> {
        let (base, quote) = (terms.base(fill.lots)?, terms.quote(fill.price, fill.lots)?);
        let (base_fee, quote_fee) = if fill.taker == side::BID {
            (terms.fee_ceil(base), 0)
        } else {
            (0, terms.fee_ceil(quote))
        };
        Ok(Self {
            base,
            base_fee,
            quote,
            quote_fee,
            locked: terms.quote(fill.bid_price, fill.lots)?,
        })
    }
}

impl Engine<'_> {
    /// Matches the best bid with the best ask while they cross, at most `most` times and as far as the accounts are
    /// available. Returns the number of steps taken.
    ///
    /// Prevents self-trades: of two crossing orders of one account the older one is removed.
    pub fn cross(&mut self, parties: &mut impl Parties, most: u8) -> Result<u8> {
        for done in 0..most {
            let Some(fill) = self.next_fill() else {
                return Ok(done);
            };
            if !parties.has(&fill.buyer) || !parties.has(&fill.seller) {
                return Ok(done);
            }
            if fill.buyer == fill.seller {
                self.take_out_older(&fill, parties)?;
            } else {
                self.trade(&fill, parties)?;
                parties.filled(&fill);
            }
        }
        Ok(most)
    }

    /// The next match.
    pub fn next_fill(&self) -> Option<Fill> {
        let (bid, ask) = self.book.crossing()?;
        let (taker, price) = if bid.sequence > ask.sequence {
            (side::BID, ask.price)
        } else {
            (side::ASK, bid.price)
        };
        Some(Fill {
            buyer: bid.account,
            seller: ask.account,
            taker,
            bid_price: bid.price,
            price,
            lots: bid.lots.min(ask.lots),
        })
    }

    fn take_out_older(&mut self, fill: &Fill, parties: &mut impl Parties) -> Result<()> {
        let older = if fill.taker == side::BID { side::ASK } else { side::BID };
        let last = self.book.side(older)?.orders().len().checked_sub(1);
        self.take_out(older, last.ok_or(ExchangeError::NoSuchOrder)?, parties)?;
        Ok(())
    }

    fn trade(&mut self, fill: &Fill, parties: &mut impl Parties) -> Result<()> {
        let amounts = Amounts::of(fill, &self.terms)?;
        let is_bid_done = self.book.bids.fill_best(fill.lots)?;
        let is_ask_done = self.book.asks.fill_best(fill.lots)?;
        let less = |a: u64, b: u64| a.checked_sub(b).ok_or(ExchangeError::Overflow);
        parties.with(&fill.buyer, &mut |buyer| {
            buyer.quote.unlock(amounts.locked)?;
            buyer.quote.take(amounts.quote)?;
            buyer.base.put(less(amounts.base, amounts.base_fee)?)?;
            if is_bid_done { buyer.left() } else { Ok(()) }
        })?;
        parties.with(&fill.seller, &mut |seller| {
            seller.base.unlock(amounts.base)?;
            seller.base.take(amounts.base)?;
            seller.quote.put(less(amounts.quote, amounts.quote_fee)?)?;
            if is_ask_done { seller.left() } else { Ok(()) }
        })?;
        parties.with(&self.fees, &mut |fees| {
            fees.base.put(amounts.base_fee)?;
            fees.quote.put(amounts.quote_fee)
        })
    }
}
