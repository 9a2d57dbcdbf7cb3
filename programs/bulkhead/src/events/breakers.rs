//! Breaker events.

use anchor_lang::prelude::*;

#[event]
pub struct BreakerOpened {
    pub domain: Pubkey,
    pub breaker: Pubkey,
    pub mint: Pubkey,
    pub authority: Pubkey,
    pub limit: u64,
    pub slot_limit: u64,
    pub window_seconds: i64,
    pub shards: u8,
    pub limit_bps: u16,
    pub slot_bps: u16,
    pub reference: Pubkey,
    pub inflow_credit: u64,
    pub trip_limit: u64,
    pub trip_bps: u16,
}

#[event]
pub struct LimitSet {
    pub breaker: Pubkey,
    pub previous_limit: u64,
    pub previous_slot_limit: u64,
    pub limit: u64,
    pub slot_limit: u64,
    pub limit_bps: u16,
    pub slot_bps: u16,
    pub inflow_credit: u64,
    pub previous_trip_limit: u64,
    pub trip_limit: u64,
    pub trip_bps: u16,
}

#[event]
pub struct LimitLowered {
    pub breaker: Pubkey,
    pub guardian: Pubkey,
    pub previous_limit: u64,
    pub previous_slot_limit: u64,
    pub limit: u64,
    pub slot_limit: u64,
    pub limit_bps: u16,
    pub slot_bps: u16,
    pub inflow_credit: u64,
    pub rights_left: u8,
    /// Time at which the previous limits return automatically.
    pub until: i64,
}

#[event]
pub struct OutflowMetered {
    pub breaker: Pubkey,
    pub amount: u64,
    /// One of `constants::verdict`.
    pub verdict: u8,
}

#[event]
pub struct InflowRecorded {
    pub breaker: Pubkey,
    pub amount: u64,
}

#[event]
pub struct ReferenceObserved {
    pub breaker: Pubkey,
    pub balance: u64,
    /// Reference balance to which the bps limits apply from now on.
    pub reference_min: u64,
}

#[event]
pub struct BreakerLatched {
    pub breaker: Pubkey,
    /// Amount requested in the window that had to wait. For a host that keeps its own tokens: the amount paid plus one
    /// request.
    pub breach_amount: u64,
    /// The trip limit in force.
    pub allowed: u64,
    pub slot: u64,
    pub until: i64,
}

#[event]
pub struct TripPropagated {
    pub domain: Pubkey,
    pub detector: Pubkey,
    pub incident: Pubkey,
    pub scope: u8,
    pub mask: u32,
    pub until: i64,
}
