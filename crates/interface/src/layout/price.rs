//! The price breaker: which price it reads, what it trips on, what it remembers.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};
use crate::constants::TWAP_POINTS;

/// What a price has to be, and what it trips on. A rule whose first number is 0 is off.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct PriceRules {
    /// TWAP rule: the natural logarithm of the ratio that a price may be away from the mean, Q32.
    pub deviation: i64,
    /// Least variance of the log return per second, Q64: nobody can starve it.
    pub variance_floor: u64,
    /// Greatest variance of the log return per second, Q64: nobody can inflate it.
    pub variance_cap: u64,
    /// An update older than this is refused.
    pub max_age_seconds: u32,
    /// How far an update may be ahead of the cluster's clock, which lags at times.
    pub max_ahead_seconds: u32,
    /// Least time between two updates, by their own timestamps.
    pub min_interval_seconds: u32,
    /// Stale rule: an account whose price is older than this trips.
    pub stale_seconds: u32,
    /// Confidence rule: a confidence interval of more than this part of the price trips.
    pub max_confidence_bps: u32,
    /// Updates that are only learnt from before deviation, z-score and CUSUM act.
    pub warmup: u32,
    /// TWAP rule: the mean's window.
    pub twap_seconds: u32,
    /// Time constant of the variance's moving average.
    pub tau_seconds: u32,
    /// z rule: standard deviations a return may have, in thousandths.
    pub z_milli: u32,
    /// CUSUM rule: where the sum trips, in thousandths.
    pub cusum_h_milli: u32,
    /// CUSUM rule: what every update forgives, in thousandths.
    pub cusum_k_milli: u32,
    /// CUSUM rule: most that one update adds, in thousandths.
    pub cusum_clip_milli: u32,
}

const _: () = assert!(core::mem::size_of::<PriceRules>() == 72 && core::mem::align_of::<PriceRules>() == 8);

/// Sum of log price × seconds up to a time.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// The time. Unix seconds of the source.
    pub ts: i64,
    /// The sum, Q32, modulo 2^64: differences over a window are exact.
    pub sum: i64,
}

const _: () = assert!(core::mem::size_of::<PricePoint>() == 16);

/// What a price breaker has learnt. Prices are natural logarithms in Q32, times are the source's.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct PriceState {
    /// Where the oldest of `points` lies.
    pub oldest: u8,
    /// How many of `points` count.
    pub count: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Prices learnt.
    pub observations: u64,
    /// Timestamp of the first price learnt.
    pub first_ts: i64,
    /// Timestamp of the last price learnt.
    pub last_ts: i64,
    /// Newest timestamp accepted, learnt from or not.
    pub seen_ts: i64,
    /// Newest timestamp the stale rule has tripped on.
    pub stale_ts: i64,
    /// Last price learnt.
    pub log_price: i64,
    /// Sum of log price × seconds up to `last_ts`, modulo 2^64.
    pub sum: i64,
    /// Variance of the log return per second, Q64.
    pub variance: u64,
    /// CUSUM of rises, in millionths of a standard deviation.
    pub rise: u64,
    /// CUSUM of falls, in millionths of a standard deviation.
    pub fall: u64,
    /// Ring of sums at least a fifteenth of the window apart.
    pub points: [PricePoint; TWAP_POINTS],
}

const _: () = assert!(core::mem::size_of::<PriceState>() == 344 && core::mem::align_of::<PriceState>() == 8);

/// Latches when a price moves as it never does, is stale, or is not sure of itself.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PRICE_BREAKER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct PriceBreaker {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero: `latch` has it.
    pub state: u8,
    /// Bit 0: the host's price is a signed number.
    pub flags: u8,
    /// Compartment whose price it is.
    pub compartment: u8,
    /// One of `constants::price_source`.
    pub kind: u8,
    /// Bytes of the host's price and confidence: 8 or 16. 8 for Pyth.
    pub width: u8,
    /// 1 from a restart of the cluster until the next price is learnt.
    pub restarted: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Its trip.
    pub latch: Latch,
    /// Pyth's feed id, or the host's account.
    pub source: Pubkey,
    /// The one account that is read, or zero for any update of the feed.
    pub account: Pubkey,
    /// Owner program of what is read.
    pub program: Pubkey,
    /// Where the host's price lies.
    pub price_offset: u32,
    /// Where the host's timestamp lies: i64, unix seconds.
    pub time_offset: u32,
    /// Where the host's confidence interval lies, or 2^32 - 1 for none.
    pub confidence_offset: u32,
    /// Rule that latched last, one of `constants::price_rule`; 0 once a price was in order again.
    pub noted: u8,
    /// Zero.
    pub padding2: [u8; 3],
    /// The host's price is a multiple of ten to this power.
    pub exponent: i64,
    /// What it trips on.
    pub rules: PriceRules,
    /// What it has learnt.
    pub statistics: PriceState,
    /// Slot of the last look.
    pub looked_slot: u64,
    /// Time of the last look.
    pub looked_ts: i64,
    /// Timestamp of the price at the last look.
    pub still_ts: i64,
    /// Slot of the first look that saw that timestamp.
    pub still_slot: u64,
    /// Slot of the first look that found no price in the one account, or 0.
    pub lost_slot: u64,
    /// The least that was seen of it since.
    pub noted_seen: u64,
    /// Slot in which the proposal was made that opened it, or 0 if it was opened during set-up: an older one does not close it.
    pub decided_slot: u64,
}

begins_like_a_detector!(PriceBreaker);
const _: () = assert!(core::mem::size_of::<PriceBreaker>() == 720 && core::mem::align_of::<PriceBreaker>() == 8);
