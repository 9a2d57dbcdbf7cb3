//! Events of price and solvency breakers and authority watches.

use anchor_lang::prelude::*;

#[event]
pub struct PriceBreakerOpened {
    pub domain: Pubkey,
    pub breaker: Pubkey,
    /// Pyth's feed id, or the host's account.
    pub source: Pubkey,
    /// The one account that is read, if it is one.
    pub account: Option<Pubkey>,
    pub compartment: u8,
}

#[event]
pub struct SolvencyBreakerOpened {
    pub domain: Pubkey,
    pub breaker: Pubkey,
    pub liabilities: Pubkey,
    pub compartment: u8,
}

#[event]
pub struct AuthorityWatchOpened {
    pub domain: Pubkey,
    pub watch: Pubkey,
    pub account: Pubkey,
    pub expected: [Pubkey; 3],
}

#[event]
pub struct PriceObserved {
    pub breaker: Pubkey,
    /// When the price was true. Unix seconds.
    pub ts: i64,
    /// Its natural logarithm, Q32; 0 when it was stale or unsure.
    pub log_price: i64,
    /// The mean it was compared with, Q32.
    pub mean: i64,
    /// Its return in millionths of a standard deviation.
    pub z: i64,
    /// The rule it broke, one of `constants::price_rule`.
    pub rule: u8,
}

#[event]
pub struct ShortfallObserved {
    pub breaker: Pubkey,
    pub liabilities: u128,
    pub reserves: u128,
    /// When the shortfall was first seen. Unix seconds.
    pub suspect_ts: i64,
}

#[event]
pub struct AuthorityChangeObserved {
    pub watch: Pubkey,
    /// Owner program of the account now.
    pub program: Pubkey,
    /// The authorities now; zero where there is none or nothing can be read.
    pub keys: [Pubkey; 3],
    /// Slot the program was deployed in, where that is watched.
    pub slot: u64,
}

#[event]
pub struct DetectorLatched {
    pub detector: Pubkey,
    /// What was seen, in the detector's unit.
    pub seen: u64,
    /// What would have been in order, in the same unit.
    pub allowed: u64,
    pub slot: u64,
    pub until: i64,
}

#[event]
pub struct DetectorClosed {
    pub domain: Pubkey,
    pub detector: Pubkey,
    pub receiver: Pubkey,
    /// Lamports.
    pub rent: u64,
}
