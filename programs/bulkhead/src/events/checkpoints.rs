//! Checkpoint events.

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
    /// True when the log already existed and only its rules changed.
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
    /// The host's own total, as the program read it.
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
    /// A leaf of the checkpoint.
    pub first: Pubkey,
    /// The leaf that contradicts it; none if the first leaf contradicts itself.
    pub second: Option<Pubkey>,
}

#[event]
pub struct CheckpointNodeContested {
    pub log: Pubkey,
    pub slot: u64,
    pub hash: [u8; 32],
    /// Path from the node up to the root.
    pub path: u32,
    /// Sum that the tree states for the node.
    pub sum: u64,
}

#[event]
pub struct CheckpointDisputed {
    pub log: Pubkey,
    pub slot: u64,
    pub key: Pubkey,
    pub owner: Pubkey,
    pub amount: u64,
    /// True if the account is still a position of the ledger; the next two fields are then valid.
    pub is_position: bool,
    pub live_owner: Pubkey,
    pub live_amount: u64,
    /// Number of disputes of this checkpoint so far.
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
    /// One of `constants::snapshot_state`.
    pub previous_state: u8,
    pub state: u8,
}

#[event]
pub struct LeavesPublished {
    pub log: Pubkey,
    pub slot: u64,
    /// Shard number.
    pub number: u8,
    /// Leaves of the shard published so far.
    pub count: u32,
    pub sum: u64,
}

#[event]
pub struct ShardPublished {
    pub log: Pubkey,
    pub slot: u64,
    /// Shard number.
    pub number: u8,
    /// True when all shards are published.
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
    /// 0 when the sample and the checkpoint agree.
    pub difference: u64,
}

#[event]
pub struct SampleClosed {
    pub sample: Pubkey,
}
