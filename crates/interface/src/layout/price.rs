//! The price breaker: which price it reads, what it trips on, and its statistics.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};
use crate::constants::TWAP_POINTS;

/// What prices a breaker accepts and what it trips on. A rule whose first number is 0 is disabled.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct PriceRules {
    /// TWAP rule: maximum deviation from the TWAP, as the natural logarithm of the ratio, Q32.
    pub deviation: i64,
    /// Minimum variance of the log return per second, Q64. Nobody can suppress the variance below it.
    pub variance_floor: u64,
    /// Maximum variance of the log return per second, Q64. Nobody can inflate the variance above it.
    pub variance_cap: u64,
    /// Maximum age of an update. Older updates are refused.
    pub max_age_seconds: u32,
    /// How far an update's timestamp may be ahead of the cluster's clock, which sometimes lags.
    pub max_ahead_seconds: u32,
    /// Minimum time between two updates, by their own timestamps.
    pub min_interval_seconds: u32,
    /// Stale rule: an account whose price is older than this trips the breaker.
    pub stale_seconds: u32,
    /// Confidence rule: a confidence interval wider than this share of the price trips the breaker.
    pub max_confidence_bps: u32,
    /// Number of updates that only feed the statistics before the deviation, z-score and CUSUM rules take effect.
    pub warmup: u32,
    /// TWAP rule: length of the TWAP window.
    pub twap_seconds: u32,
    /// Time constant of the variance's moving average.
    pub tau_seconds: u32,
    /// z-score rule: maximum return in standard deviations, in thousandths.
    pub z_milli: u32,
    /// CUSUM rule: the sum at which it trips, in thousandths.
    pub cusum_h_milli: u32,
    /// CUSUM rule: the amount subtracted at every update, in thousandths.
    pub cusum_k_milli: u32,
    /// CUSUM rule: the maximum that one update adds, in thousandths.
    pub cusum_clip_milli: u32,
}

const _: () = assert!(core::mem::size_of::<PriceRules>() == 72 && core::mem::align_of::<PriceRules>() == 8);

/// Sum of log price × seconds up to a point in time.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// That time. Unix seconds of the source.
    pub ts: i64,
    /// The sum, Q32, modulo 2^64. Differences over a window are exact.
    pub sum: i64,
}

const _: () = assert!(core::mem::size_of::<PricePoint>() == 16);

/// A price breaker's statistics. Prices are natural logarithms in Q32. Times are the source's.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct PriceState {
    /// Index of the oldest entry of `points`.
    pub oldest: u8,
    /// Number of `points` in use.
    pub count: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Number of prices in the statistics.
    pub observations: u64,
    /// Timestamp of the first price in the statistics.
    pub first_ts: i64,
    /// Timestamp of the last price in the statistics.
    pub last_ts: i64,
    /// Newest timestamp accepted, whether or not its price entered the statistics.
    pub seen_ts: i64,
    /// Newest timestamp on which the stale rule has tripped.
    pub stale_ts: i64,
    /// Last price in the statistics.
    pub log_price: i64,
    /// Sum of log price × seconds up to `last_ts`, modulo 2^64.
    pub sum: i64,
    /// Variance of the log return per second, Q64.
    pub variance: u64,
    /// CUSUM of rises, in millionths of a standard deviation.
    pub rise: u64,
    /// CUSUM of falls, in millionths of a standard deviation.
    pub fall: u64,
    /// Ring buffer of sums that are at least a fifteenth of the window apart.
    pub points: [PricePoint; TWAP_POINTS],
}

const _: () = assert!(core::mem::size_of::<PriceState>() == 344 && core::mem::align_of::<PriceState>() == 8);

/// Latches when a price moves abnormally, is stale, or has too wide a confidence interval.
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
    /// Unused, zero. `latch` has the state.
    pub state: u8,
    /// Bit 0: the host's price is a signed number.
    pub flags: u8,
    /// Compartment whose price it watches.
    pub compartment: u8,
    /// One of `constants::price_source`.
    pub kind: u8,
    /// Bytes of the host's price and confidence: 8 or 16. 8 for Pyth.
    pub width: u8,
    /// 1 from a restart of the cluster until the next price enters the statistics.
    pub restarted: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Its trip.
    pub latch: Latch,
    /// Pyth's feed id, or the address of the host's account.
    pub source: Pubkey,
    /// The only account that is read, or zero for any update of the feed.
    pub account: Pubkey,
    /// Owner program of the account that is read.
    pub program: Pubkey,
    /// Offset of the host's price.
    pub price_offset: u32,
    /// Offset of the host's timestamp: i64, unix seconds.
    pub time_offset: u32,
    /// Offset of the host's confidence interval, or 2^32 - 1 for none.
    pub confidence_offset: u32,
    /// Rule that latched last, one of `constants::price_rule`. 0 once a price was within all rules again.
    pub noted: u8,
    /// Zero.
    pub padding2: [u8; 3],
    /// Exponent: the host's price is a multiple of ten to this power.
    pub exponent: i64,
    /// What it trips on.
    pub rules: PriceRules,
    /// Its statistics.
    pub statistics: PriceState,
    /// Slot of the last observation.
    pub looked_slot: u64,
    /// Time of the last observation.
    pub looked_ts: i64,
    /// Timestamp of the price at the last observation.
    pub still_ts: i64,
    /// Slot of the first observation with that timestamp.
    pub still_slot: u64,
    /// Slot of the first observation that found no price in the only account that is read, or 0.
    pub lost_slot: u64,
    /// Smallest value observed since `noted` latched.
    pub noted_seen: u64,
    /// Creation slot of the proposal that opened it, or 0 if it was opened during set-up. An older proposal does not
    /// close it.
    pub decided_slot: u64,
}

begins_like_a_detector!(PriceBreaker);
const _: () = assert!(core::mem::size_of::<PriceBreaker>() == 720 && core::mem::align_of::<PriceBreaker>() == 8);
