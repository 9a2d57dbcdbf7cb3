//! A token that loans can be taken against.

use anchor_lang::prelude::*;

/// A listed collateral. Its price is what the admin says: the exchange has no oracle, and whoever
/// holds the admin key can list a worthless token at any price.
#[account]
#[derive(InitSpace, Debug)]
pub struct Collateral {
    /// Its exchange.
    pub exchange: Pubkey,
    /// The token.
    pub mint: Pubkey,
    /// Native units of the quote token for `constants::PRICE_SCALE` native units of this one.
    pub price: u64,
    /// Canonical bump of the PDA.
    pub bump: u8,
}
