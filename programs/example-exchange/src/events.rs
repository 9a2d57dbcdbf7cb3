//! One event per state change, named in the past tense.

use anchor_lang::prelude::*;

/// Tokens left, wait in Bulkhead's queue, or were refused.
#[event]
pub struct OutflowDecided {
    pub exchange: Pubkey,
    pub destination: Pubkey,
    pub amount: u64,
    /// One of Bulkhead's `verdict` constants.
    pub verdict: u8,
}

/// A withdrawal that waited in Bulkhead's queue was cancelled, and its owner has the deposit again.
#[event]
pub struct WithdrawalRestored {
    pub exchange: Pubkey,
    pub margin: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
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
    /// The part of them that rests now.
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

/// An order left the book unfilled: cancelled by its owner, removed to prevent a self-trade with its owner's newer
/// order, or evicted by a better order.
#[event]
pub struct OrderCancelled {
    pub market: Pubkey,
    pub orders: Pubkey,
    pub client_id: u64,
    pub side: u8,
    pub lots: u64,
}
