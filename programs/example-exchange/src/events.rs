//! What happened, in the past tense.

use anchor_lang::prelude::*;

/// Tokens have left, wait in Bulkhead's queue, or were refused.
#[event]
pub struct OutflowDecided {
    pub exchange: Pubkey,
    pub destination: Pubkey,
    pub amount: u64,
    /// `verdict` of Bulkhead's constants.
    pub verdict: u8,
}

#[event]
pub struct CollateralListed {
    pub exchange: Pubkey,
    pub mint: Pubkey,
    pub price: u64,
}

#[event]
pub struct OracleOpened {
    pub exchange: Pubkey,
    pub mint: Pubkey,
    pub oracle: Pubkey,
    pub publisher: Pubkey,
    pub price: u64,
}

#[event]
pub struct WithdrawLimitSet {
    pub exchange: Pubkey,
    pub previous: u64,
    pub limit: u64,
}

#[event]
pub struct AdminUpdated {
    pub exchange: Pubkey,
    pub previous: Pubkey,
    pub admin: Pubkey,
}
