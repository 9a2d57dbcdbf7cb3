//! Events of ledgers and snapshots.

use anchor_lang::prelude::*;

#[event]
pub struct LedgerRegistered {
    pub domain: Pubkey,
    pub ledger: Pubkey,
    pub index: u8,
    pub program: Pubkey,
    pub mint: Pubkey,
}

#[event]
pub struct SnapshotOpened {
    pub snapshot: Pubkey,
    pub incident: Pubkey,
    pub ledger: Pubkey,
    pub tag: [u8; 32],
}

#[event]
pub struct ShardOpened {
    pub snapshot: Pubkey,
    pub shard: Pubkey,
    pub number: u8,
    pub cranker: Pubkey,
}

#[event]
pub struct PositionsIngested {
    pub shard: Pubkey,
    /// Positions read so far, zero amounts included.
    pub seen: u32,
    /// Leaves so far.
    pub count: u32,
    pub sum: u64,
}

#[event]
pub struct ShardClosed {
    pub snapshot: Pubkey,
    pub shard: Pubkey,
}

#[event]
pub struct SnapshotSealed {
    pub snapshot: Pubkey,
    pub incident: Pubkey,
    pub ledger: Pubkey,
    pub root: [u8; 32],
    pub total: u64,
    pub count: u64,
    /// What `total` is above the host's own, within the ledger's tolerance.
    pub excess: u64,
    /// What `total` is below the host's own, within the ledger's tolerance.
    pub shortfall: u64,
    /// How often it was sealed, this time included.
    pub seals: u32,
}

#[event]
pub struct SealOverridden {
    pub snapshot: Pubkey,
    pub incident: Pubkey,
    pub ledger: Pubkey,
    pub root: [u8; 32],
    pub total: u64,
    pub count: u64,
    /// The host's own total, in native units; 0 when it cannot be read.
    pub host_total: u64,
    /// What `total` is above it.
    pub excess: u64,
    /// What `total` is below it.
    pub shortfall: u64,
    /// How often it was sealed, this time included.
    pub seals: u32,
}
