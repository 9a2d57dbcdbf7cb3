//! Insurance events.

use anchor_lang::prelude::*;

#[event]
pub struct InsuranceOpened {
    pub domain: Pubkey,
    pub pool: Pubkey,
    pub ledger_index: u8,
    pub order: u8,
    pub mint: Pubkey,
    pub cap_bps: u16,
    pub cooldown_seconds: i64,
    pub window_seconds: i64,
    pub freeze_seconds: i64,
    pub funding_seconds: i64,
    pub minimum_assets: u64,
    /// When the terms apply, or 0 if the pool was opened with them.
    pub from_ts: i64,
}

#[event]
pub struct Staked {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// Amount that arrived, after the token's own fees.
    pub amount: u64,
    /// New shares.
    pub shares: u64,
    /// Assets of the pool afterwards.
    pub assets: u64,
    /// Shares of all stakers afterwards.
    pub all_shares: u64,
}

#[event]
pub struct CooldownStarted {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// 0 if it ended a cooldown.
    pub shares: u64,
    pub cooldown_end_ts: i64,
    pub window_end_ts: i64,
}

#[event]
pub struct Unstaked {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub destination: Pubkey,
    pub shares: u64,
    /// Amount that left the pool.
    pub amount: u64,
}

#[event]
pub struct PremiumPaid {
    pub pool: Pubkey,
    pub source: Pubkey,
    /// Amount that arrived, after the token's own fees.
    pub amount: u64,
    /// Premium that is not earned yet, afterwards.
    pub premium: u64,
    /// When all of it is earned.
    pub premium_end_ts: i64,
}

#[event]
pub struct IncidentNoted {
    pub pool: Pubkey,
    pub incident: Pubkey,
    pub begun: bool,
    pub ended: bool,
    /// When this series of closures ends at the latest.
    pub freeze_end_ts: i64,
}

#[event]
pub struct ShortfallStated {
    pub pool: Pubkey,
    pub restoration: Pubkey,
    pub shortfall: u64,
    pub limit: u64,
    pub reserve: u64,
    pub custody: u64,
    pub due_ts: i64,
    pub end_ts: i64,
}

#[event]
pub struct InsuranceSlashed {
    pub pool: Pubkey,
    pub restoration: Pubkey,
    /// Amount that left the pool, or 0 if the reserve was released.
    pub amount: u64,
    /// Sum of all slashes for the restoration.
    pub slashed: u64,
    /// What is still held back for it.
    pub reserve: u64,
    /// Assets of the pool afterwards.
    pub assets: u64,
}

#[event]
pub struct RecoveredReturned {
    pub pool: Pubkey,
    pub restoration: Pubkey,
    pub source: Pubkey,
    /// Amount that arrived.
    pub amount: u64,
    /// Sum of all that left recovery accounts for the pool.
    pub returned: u64,
}
