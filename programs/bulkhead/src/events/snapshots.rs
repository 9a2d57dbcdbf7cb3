//! Ledger and snapshot events.

use anchor_lang::prelude::*;
use bulkhead_interface::layout::Snapshot;

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
    /// Positions read so far, including positions with a zero amount.
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
    /// Amount by which `total` exceeds the host's own total, within the ledger's tolerance.
    pub excess: u64,
    /// Amount by which `total` falls short of the host's own total, within the ledger's tolerance.
    pub shortfall: u64,
    /// Number of seals so far, including this one.
    pub seals: u32,
}

impl SnapshotSealed {
    /// The snapshot's last seal.
    pub(crate) fn of(key: Pubkey, snapshot: &Snapshot) -> Self {
        Self {
            snapshot: key,
            incident: snapshot.incident,
            ledger: snapshot.ledger,
            root: snapshot.root,
            total: snapshot.total,
            count: snapshot.count,
            excess: snapshot.excess,
            shortfall: snapshot.shortfall,
            seals: snapshot.seals,
        }
    }
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
    /// Amount by which `total` exceeds the host's own total.
    pub excess: u64,
    /// Amount by which `total` falls short of the host's own total.
    pub shortfall: u64,
    /// Number of seals so far, including this one.
    pub seals: u32,
}
