//! Events of checkpoints.

use anchor_lang::prelude::*;

#[event]
pub struct CheckpointLogOpened {
    pub domain: Pubkey,
    pub log: Pubkey,
    pub ledger_index: u8,
    pub threshold: u8,
    pub min_interval_slots: u64,
    pub keep_seconds: i64,
    pub tolerance_bps: u16,
    pub published_only: bool,
    /// The log was there already; its rules have changed.
    pub is_changed: bool,
}

#[event]
pub struct CheckpointPosted {
    pub log: Pubkey,
    pub attester: Pubkey,
    pub slot: u64,
    pub slot_hash: [u8; 32],
    pub root: [u8; 32],
    pub total: u64,
    /// What the host itself said, as the program read it.
    pub host_total: u64,
    pub count: u64,
    pub shards_hash: [u8; 32],
    pub previous: [u8; 32],
    pub hash: [u8; 32],
    /// One of `constants::checkpoint_state`.
    pub state: u8,
}

#[event]
pub struct CheckpointAttested {
    pub log: Pubkey,
    pub attester: Pubkey,
    pub slot: u64,
    pub hash: [u8; 32],
    /// One of `constants::checkpoint_state`.
    pub state: u8,
}

#[event]
pub struct LeafProved {
    pub log: Pubkey,
    pub evidence: Pubkey,
    pub slot: u64,
    pub index: u32,
}

#[event]
pub struct EvidenceClosed {
    pub evidence: Pubkey,
}

#[event]
pub struct CheckpointContested {
    pub log: Pubkey,
    pub slot: u64,
    pub hash: [u8; 32],
    /// A leaf of it.
    pub first: Pubkey,
    /// The one it contradicts, unless it contradicts itself.
    pub second: Option<Pubkey>,
}

#[event]
pub struct CheckpointNodeContested {
    pub log: Pubkey,
    pub slot: u64,
    pub hash: [u8; 32],
    /// Where the node is, from it up.
    pub path: u32,
    /// The sum the tree says it has.
    pub sum: u64,
}

#[event]
pub struct CheckpointDisputed {
    pub log: Pubkey,
    pub slot: u64,
    pub key: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    /// The account is still a position of the ledger, with the two that follow.
    pub is_position: bool,
    pub live_owner: Pubkey,
    pub live_amount: u64,
    /// Disputes of this checkpoint so far.
    pub disputes: u16,
}

#[event]
pub struct CheckpointSnapshotOpened {
    pub snapshot: Pubkey,
    pub incident: Pubkey,
    pub log: Pubkey,
    pub slot: u64,
    pub tag: [u8; 32],
    pub root: [u8; 32],
    pub total: u64,
    pub count: u64,
}

#[event]
pub struct CheckpointShardOpened {
    pub snapshot: Pubkey,
    pub shard: Pubkey,
    pub number: u8,
}

#[event]
pub struct CheckpointSnapshotVoided {
    pub snapshot: Pubkey,
    pub slot: u64,
    /// Of `constants::snapshot_state`.
    pub previous_state: u8,
    pub state: u8,
}

#[event]
pub struct LeavesPublished {
    pub log: Pubkey,
    pub slot: u64,
    /// The shard.
    pub number: u8,
    /// Leaves of it so far.
    pub count: u32,
    pub sum: u64,
}

#[event]
pub struct ShardPublished {
    pub log: Pubkey,
    pub slot: u64,
    /// The shard.
    pub number: u8,
    /// All are.
    pub is_published: bool,
}

#[event]
pub struct PositionSampled {
    pub log: Pubkey,
    pub slot: u64,
    pub key: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
}

#[event]
pub struct SampleCompared {
    pub log: Pubkey,
    pub slot: u64,
    pub key: Pubkey,
    pub amount: u64,
    /// 0 when they agree.
    pub difference: u64,
}

#[event]
pub struct SampleClosed {
    pub sample: Pubkey,
}
