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
pub struct SharedOut {
    pub restoration: Pubkey,
    /// Shared out now.
    pub amount: u64,
    /// Shared out so far, all together.
    pub shared: u64,
    /// Sum of all claims.
    pub total: u64,
}

#[event]
pub struct SurplusReturned {
    pub restoration: Pubkey,
    pub destination: Pubkey,
    /// What left the pool.
    pub amount: u64,
}

#[event]
pub struct ClaimsRedirected {
    pub domain: Pubkey,
    pub restoration: Pubkey,
    pub owner: Pubkey,
    pub destination: Pubkey,
    pub holder: Pubkey,
}

#[event]
pub struct ClaimPageOpened {
    pub restoration: Pubkey,
    pub page: u16,
    /// Claims in the page.
    pub count: u32,
}

#[event]
pub struct ClaimPageClosed {
    pub restoration: Pubkey,
    pub page: u16,
}

#[event]
pub struct ClaimPaid {
    pub restoration: Pubkey,
    pub index: u32,
    pub owner: Pubkey,
    pub destination: Pubkey,
    /// What left the pool.
    pub amount: u64,
}
