//! A token that can be borrowed against.

use anchor_lang::prelude::*;

use super::Oracle;
use crate::{
    constants::{MAX_PRICE_AGE_SECONDS, VERSION},
    error::ExchangeError,
};

/// A listed collateral. If the admin sets its price, whoever holds the admin key can list a worthless token at any
/// price. If an oracle sets it, so can whoever moves the market that the oracle reads.
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
    /// The oracle that replaces `price`, or zero.
    pub oracle: Pubkey,
}

impl Collateral {
    /// The applicable price at `now`. `oracle` is the account that the caller passed.
    pub fn price_now(&self, oracle: Option<&AccountLoader<Oracle>>, now: i64) -> Result<u64> {
        if self.oracle == Pubkey::default() {
            return Ok(self.price);
        }
        let oracle = oracle.ok_or(ExchangeError::WrongOracle)?;
        require_keys_eq!(oracle.key(), self.oracle, ExchangeError::WrongOracle);
        let oracle = oracle.load()?;
        require!(oracle.version == VERSION, ExchangeError::UnknownVersion);
        let age = now.saturating_sub(oracle.published_ts);
        let is_usable = oracle.price > 0 && age <= MAX_PRICE_AGE_SECONDS;
        require!(is_usable, ExchangeError::PriceNotUsable);
        Ok(oracle.price)
    }
}
