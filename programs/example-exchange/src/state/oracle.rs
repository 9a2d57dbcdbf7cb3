//! The price of a collateral, as its publisher reports it.

use anchor_lang::prelude::*;

/// First eight bytes of an oracle.
pub const ORACLE_DISCRIMINATOR: [u8; 8] = *b"exOracle";

/// The price of one collateral, from one market. Little money can move a thin market, so its price is not what the
/// collateral could be sold for. Price and time are at fixed offsets, so that a Bulkhead price breaker can watch them.
#[account(zero_copy, discriminator = &ORACLE_DISCRIMINATOR)]
#[derive(Debug)]
pub struct Oracle {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Native units of the quote token for `constants::PRICE_SCALE` native units of the collateral.
    pub price: u64,
    /// When it was published. Unix seconds.
    pub published_ts: i64,
    /// Its exchange.
    pub exchange: Pubkey,
    /// The collateral.
    pub mint: Pubkey,
    /// The publisher.
    pub publisher: Pubkey,
}

const _: () = assert!(core::mem::size_of::<Oracle>() == 120 && core::mem::align_of::<Oracle>() == 8);

/// Offset of `price: u64` in the account.
pub const ORACLE_PRICE_OFFSET: usize = 16;
/// Offset of `published_ts: i64` in the account.
pub const ORACLE_TIME_OFFSET: usize = 24;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Oracle, price) == ORACLE_PRICE_OFFSET - 8);
    assert!(offset_of!(Oracle, published_ts) == ORACLE_TIME_OFFSET - 8);
};
