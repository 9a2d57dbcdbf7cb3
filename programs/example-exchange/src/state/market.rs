//! A token that is traded for the quote token.

use anchor_lang::prelude::*;

use super::{Exchange, Pool};
use crate::{
    constants::{MAX_TAKER_FEE_BPS, VERSION, side},
    custody::Asset,
    error::ExchangeError,
};

/// First eight bytes of a market.
pub const MARKET_DISCRIMINATOR: [u8; 8] = *b"exMarket";

const BPS: u128 = 10_000;

/// Units of prices and sizes. They never change, because resting orders depend on them.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct Terms {
    /// Native units of base in a lot.
    pub base_lot: u64,
    /// Native units of quote for a lot, for each unit of price.
    pub tick: u64,
    /// Smallest order. Lots.
    pub min_lots: u64,
    /// Share of what a taker receives that goes to the fees, rounded up.
    pub taker_fee_bps: u16,
    /// Zero.
    pub padding: [u8; 6],
}

const _: () = assert!(core::mem::size_of::<Terms>() == 32);

impl Terms {
    /// Refuses terms that make anything free or worthless.
    pub fn check(&self) -> Result<()> {
        let is_positive = self.base_lot > 0 && self.tick > 0 && self.min_lots > 0;
        let is_valid = is_positive && self.taker_fee_bps <= MAX_TAKER_FEE_BPS;
        require!(is_valid, ExchangeError::InvalidMarket);
        Ok(())
    }

    /// Native units of base.
    pub fn base(&self, lots: u64) -> Result<u64> {
        let base = lots.checked_mul(self.base_lot);
        base.ok_or_else(|| ExchangeError::OrderOutOfRange.into())
    }

    /// Native units of quote: a whole number of ticks, so that nothing is ever rounded.
    pub fn quote(&self, price: u64, lots: u64) -> Result<u64> {
        let quote = lots.checked_mul(self.tick).and_then(|ticks| ticks.checked_mul(price));
        quote.ok_or_else(|| ExchangeError::OrderOutOfRange.into())
    }

    /// Fee that a taker pays out of `received`, rounded up; never more than `received`.
    pub fn fee_ceil(&self, received: u64) -> u64 {
        let fee = u128::from(received)
            .saturating_mul(self.taker_fee_bps.into())
            .div_ceil(BPS);
        u64::try_from(fee).unwrap_or(received).min(received)
    }
}

/// A market. Matching and cancelling change neither total, because tokens only move between accounts of the market.
/// Only deposits and withdrawals change a total.
#[account(zero_copy, discriminator = &MARKET_DISCRIMINATOR)]
#[derive(Debug)]
pub struct Market {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Decimals of the base token.
    pub base_decimals: u8,
    /// Zero.
    pub padding: [u8; 5],
    /// Sum of `quote.held` of all open-orders accounts. Native units.
    pub quote_held: u64,
    /// Sum of `base.held` of all open-orders accounts. Native units.
    pub base_held: u64,
    /// Number of the next order. Never used twice.
    pub next_sequence: u64,
    /// Units of prices and sizes.
    pub terms: Terms,
    /// Its exchange.
    pub exchange: Pubkey,
    /// Token that is traded.
    pub base_mint: Pubkey,
    /// SPL Token or Token-2022.
    pub base_token_program: Pubkey,
    /// Its book.
    pub book: Pubkey,
    /// The open-orders account that receives fees.
    pub fees: Pubkey,
    /// Base tokens of open-orders accounts. Their compartment is the market's.
    pub base_pool: Pool,
    /// Quote tokens of open-orders accounts, in the same compartment.
    pub quote_pool: Pool,
    /// Zero; room for later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Market>() == 496 && core::mem::align_of::<Market>() == 8);

/// Offset of `quote_held: u64` in the account.
pub const QUOTE_HELD_OFFSET: usize = 16;
/// Offset of `base_held: u64` in the account.
pub const BASE_HELD_OFFSET: usize = 24;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Market, quote_held) == QUOTE_HELD_OFFSET - 8);
    assert!(offset_of!(Market, base_held) == BASE_HELD_OFFSET - 8);
};

impl Market {
    /// Refuses an account whose layout this program does not support. The book and open-orders accounts of a market
    /// have the market's version, because the same program created them.
    pub fn require_known(&self) -> Result<()> {
        require!(self.version == VERSION, ExchangeError::UnknownVersion);
        Ok(())
    }

    /// The token that orders of a side spend, and where it is held: quote for bids, base for asks.
    pub fn asset(&self, exchange: &Exchange, number: u8) -> Result<(Asset, Pool)> {
        let base = Asset {
            mint: self.base_mint,
            token_program: self.base_token_program,
            decimals: self.base_decimals,
        };
        match number {
            side::BID => Ok((exchange.quote(), self.quote_pool)),
            side::ASK => Ok((base, self.base_pool)),
            _ => err!(ExchangeError::UnknownSide),
        }
    }

    /// The total of what orders of a side spend.
    pub fn held_mut(&mut self, number: u8) -> Result<&mut u64> {
        match number {
            side::BID => Ok(&mut self.quote_held),
            side::ASK => Ok(&mut self.base_held),
            _ => err!(ExchangeError::UnknownSide),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(taker_fee_bps: u16) -> Terms {
        Terms {
            base_lot: 10,
            tick: 3,
            min_lots: 1,
            taker_fee_bps,
            padding: [0; 6],
        }
    }

    #[test]
    fn a_fee_is_rounded_up_and_within_what_is_received() {
        assert_eq!(terms(0).fee_ceil(u64::MAX), 0);
        assert_eq!(terms(1).fee_ceil(0), 0);
        assert_eq!(terms(1).fee_ceil(1), 1);
        assert_eq!(terms(100).fee_ceil(10_001), 101);
        assert_eq!(terms(100).fee_ceil(u64::MAX), u64::MAX / 100 + 1);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let too_large = |result: Result<u64>| result.is_err_and(|error| error == ExchangeError::OrderOutOfRange.into());
        assert_eq!(terms(0).quote(u64::MAX / 3, 1).ok(), Some(u64::MAX / 3 * 3));
        assert!(too_large(terms(0).quote(u64::MAX / 3 + 1, 1)));
        assert!(too_large(terms(0).quote(1, u64::MAX)));
        assert!(too_large(terms(0).base(u64::MAX / 10 + 1)));
    }

    #[test]
    fn terms_that_make_something_out_of_nothing_are_refused() {
        assert!(terms(100).check().is_ok());
        let bad = [
            Terms {
                base_lot: 0,
                ..terms(0)
            },
            Terms { tick: 0, ..terms(0) },
            Terms {
                min_lots: 0,
                ..terms(0)
            },
            terms(101),
        ];
        assert!(bad.iter().all(|terms| terms.check().is_err()));
    }
}
