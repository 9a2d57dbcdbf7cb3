//! Events of price and solvency breakers and authority watches.

use anchor_lang::prelude::*;

#[event]
pub struct PriceBreakerOpened {
    pub domain: Pubkey,
    pub breaker: Pubkey,
    /// Pyth's feed id, or the host's account.
    pub source: Pubkey,
    /// The only account the price is read from, if there is one.
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
    /// Publish time of the price. Unix seconds.
    pub ts: i64,
    /// Natural logarithm of the price, Q32; 0 when the price was stale or its confidence interval too wide.
    pub log_price: i64,
    /// The mean that the price was compared with, Q32.
    pub mean: i64,
    /// Return of the price in millionths of a standard deviation.
    pub z: i64,
    /// The rule that the price broke, one of `constants::price_rule`.
    pub rule: u8,
}

#[event]
pub struct ShortfallObserved {
    pub breaker: Pubkey,
    pub liabilities: u128,
    pub reserves: u128,
    /// When the shortfall was first observed. Unix seconds.
    pub suspect_ts: i64,
}

#[event]
pub struct AuthorityChangeObserved {
    pub watch: Pubkey,
    /// Current owner program of the account.
    pub program: Pubkey,
    /// The current authorities; zero where there is none or where the account cannot be read.
    pub keys: [Pubkey; 3],
    /// Slot in which the program was last deployed, if the watch covers it.
    pub slot: u64,
}

#[event]
pub struct DetectorLatched {
    pub detector: Pubkey,
    /// Observed value, in the detector's unit.
    pub seen: u64,
    /// Value at which the detector would not have latched, in the same unit.
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
