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

#[event]
pub struct MarketCreated {
    pub exchange: Pubkey,
    pub market: Pubkey,
    pub base_mint: Pubkey,
    pub book: Pubkey,
}

#[event]
pub struct OrderPlaced {
    pub market: Pubkey,
    pub orders: Pubkey,
    pub sequence: u64,
    pub client_id: u64,
    pub side: u8,
    pub price: u64,
    pub lots: u64,
    /// Of those, what rests now.
    pub resting: u64,
}

/// One trade. Buyer and seller are open-orders accounts.
#[event]
pub struct OrderFilled {
    pub market: Pubkey,
    pub buyer: Pubkey,
    pub seller: Pubkey,
    pub taker_side: u8,
    pub price: u64,
    pub lots: u64,
}

/// An order left the book unfilled: by its owner, against its owner's newer order, or to make room for a better one.
#[event]
pub struct OrderCancelled {
    pub market: Pubkey,
    pub orders: Pubkey,
    pub client_id: u64,
    pub side: u8,
    pub lots: u64,
}
