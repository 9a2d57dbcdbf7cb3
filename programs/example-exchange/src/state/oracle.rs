//! What a collateral is worth, as its publisher says.

use anchor_lang::prelude::*;

/// First eight bytes of an oracle.
pub const ORACLE_DISCRIMINATOR: [u8; 8] = *b"exOracle";

/// The price of one collateral, from one market. A thin market is moved with little money: what it says is not what
/// could be had for the collateral. Price and time lie at fixed offsets, so that a Bulkhead price breaker can watch them.
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
    /// Who publishes.
    pub publisher: Pubkey,
}

const _: () = assert!(core::mem::size_of::<Oracle>() == 120 && core::mem::align_of::<Oracle>() == 8);

/// Where `price: u64` lies in the account.
pub const ORACLE_PRICE_OFFSET: usize = 16;
/// Where `published_ts: i64` lies in the account.
pub const ORACLE_TIME_OFFSET: usize = 24;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Oracle, price) == ORACLE_PRICE_OFFSET - 8);
    assert!(offset_of!(Oracle, published_ts) == ORACLE_TIME_OFFSET - 8);
};
