//! Events of restorations and claims.

use anchor_lang::prelude::*;

#[event]
pub struct RestorationChosen {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub restoration: Pubkey,
    pub snapshot: Pubkey,
    pub pool: Pubkey,
    pub total: u64,
    pub count: u64,
    pub previous_phase: u8,
    pub phase: u8,
}

#[event]
pub struct RestorationFunded {
    pub restoration: Pubkey,
    pub source: Pubkey,
    /// What arrived, after fees of the token.
    pub amount: u64,
    /// In the pool afterwards.
    pub balance: u64,
}

#[event]
pub struct TrancheOpened {
    pub restoration: Pubkey,
    pub tranche: u8,
    pub pool: u64,
    /// All tranches together.
    pub allotted: u64,
}

#[event]
pub struct ClaimPageOpened {
    pub restoration: Pubkey,
    pub tranche: u8,
    pub page: u16,
    /// Claims in the page.
    pub count: u32,
}

#[event]
pub struct ClaimPaid {
    pub restoration: Pubkey,
    pub tranche: u8,
    pub index: u32,
    pub owner: Pubkey,
    pub destination: Pubkey,
    /// What left the pool.
    pub amount: u64,
}
