//! Restoration and claim events.

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
    /// Amount that arrived, after the token's own fees.
    pub amount: u64,
    /// Pool balance afterwards.
    pub balance: u64,
}

#[event]
pub struct SharedOut {
    pub restoration: Pubkey,
    /// Amount shared out by this instruction.
    pub amount: u64,
    /// Total amount shared out so far.
    pub shared: u64,
    /// Sum of all claims.
    pub total: u64,
}

#[event]
pub struct SurplusReturned {
    pub restoration: Pubkey,
    pub destination: Pubkey,
    /// Amount that left the pool.
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

/// An owner has said what it wishes for its claims.
#[event]
pub struct ClaimsWished {
    pub domain: Pubkey,
    pub owner: Pubkey,
    /// One of `constants::claim_wish`.
    pub wish: u8,
    /// The address that is paid, or that may consume the claims. Zero if none is.
    pub to: Pubkey,
}

#[event]
pub struct ClaimPageOpened {
    pub restoration: Pubkey,
    pub page: u16,
    /// Number of claims in the page.
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
    /// Amount that left the pool.
    pub amount: u64,
}

#[event]
pub struct ClaimTermsSet {
    pub domain: Pubkey,
    pub ledger_index: u8,
    /// How many days claims run, or 0 for no end.
    pub claim_days: u16,
    pub rest_owner: Pubkey,
    /// PDA of the program that may consume claims after the owners' notice, or zero.
    pub successor: Pubkey,
}

#[event]
pub struct ClaimsExtended {
    pub restoration: Pubkey,
    pub previous_days: u16,
    /// How many days claims run, or 0 for no end.
    pub claim_days: u16,
}

#[event]
pub struct UnclaimedSwept {
    pub restoration: Pubkey,
    pub destination: Pubkey,
    /// Amount that left the pool.
    pub amount: u64,
}

#[event]
pub struct RestorationClosed {
    pub restoration: Pubkey,
    pub receiver: Pubkey,
}
