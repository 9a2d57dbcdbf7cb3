//! Events of interim claims.

use anchor_lang::prelude::*;

#[event]
pub struct InterimRuleSet {
    pub domain: Pubkey,
    pub ledger: Pubkey,
    /// Share of what custody holds, in basis points.
    pub bps: u16,
    /// The most that one position is paid.
    pub cap: u64,
    /// Minimum age of the checkpoint.
    pub age_seconds: i64,
}

#[event]
pub struct InterimOpened {
    pub interim: Pubkey,
    pub incident: Pubkey,
    pub snapshot: Pubkey,
    /// The checkpoint's snapshot account.
    pub checkpoint: Pubkey,
    pub pool: Pubkey,
    pub bps: u16,
    pub cap: u64,
}

#[event]
pub struct InterimFunded {
    pub interim: Pubkey,
    /// Custody or recovery account of a vault, or zero.
    pub source: Pubkey,
    /// Amount that arrived from there.
    pub amount: u64,
    /// Total shared out so far.
    pub shared: u64,
}

#[event]
pub struct InterimLeafProved {
    pub interim: Pubkey,
    pub proof: Pubkey,
    /// One of `constants::proved`.
    pub of: u8,
    pub index: u32,
}

#[event]
pub struct InterimClaimPaid {
    pub interim: Pubkey,
    /// Index of the snapshot's leaf.
    pub index: u32,
    pub owner: Pubkey,
    pub destination: Pubkey,
    /// Amount that left the pool.
    pub amount: u64,
}

#[event]
pub struct InterimClaimStopped {
    pub interim: Pubkey,
    pub guardian: Pubkey,
    pub position: Pubkey,
    pub rights_left: u8,
}

#[event]
pub struct InterimReturned {
    pub interim: Pubkey,
    pub destination: Pubkey,
    /// Amount that left the pool.
    pub amount: u64,
}

#[event]
pub struct InterimProofClosed {
    pub interim: Pubkey,
    pub proof: Pubkey,
}
