//! Checkpoints: roots of a ledger, posted and attested in normal operation, before an incident.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{CHECKPOINTS, POSTER_BYTES};

/// One attested root. Its slot's hash binds it to the fork. The previous checkpoint's hash binds it to all earlier
/// ones.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Checkpoint {
    /// Slot at whose end the positions were read.
    pub slot: u64,
    /// Sum of all leaves.
    pub total: u64,
    /// Slot it was posted in.
    pub posted_slot: u64,
    /// Unix seconds.
    pub posted_ts: i64,
    /// Number of leaves.
    pub count: u32,
    /// Council epoch its attesters belong to.
    pub config_epoch: u32,
    /// The slot's bank hash, from the SlotHashes sysvar.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// SHA-256 over roots, sums and counts of the shards.
    pub shards_hash: [u8; 32],
    /// `hash` of the previous checkpoint, or zero for the first.
    pub previous: [u8; 32],
    /// SHA-256 of everything that was posted, and of `previous`.
    pub hash: [u8; 32],
    /// Bit i: member i attests.
    pub attesters: u16,
    /// Leaves that were since shown to differ from a live account.
    pub disputes: u16,
    /// Number of attesters it needs. Copied from the log's rules when it was posted, like `tolerance_bps` and `flags`.
    pub threshold: u8,
    /// One of `constants::checkpoint_state`.
    pub state: u8,
    /// Bit s: shard s is empty, or its leaves were published and match its root.
    pub published: u16,
    /// The host's own total when the checkpoint was posted, as the program read it. Native units.
    pub host_total: u64,
    /// Sum of the samples of its slot that match its leaves.
    pub agreed: u64,
    /// Sum of the differences between samples of its slot and its leaves.
    pub differed: u64,
    /// Who posted it, independent of later council changes: the first bytes of the member's key.
    pub poster: [u8; POSTER_BYTES],
    /// Maximum difference of its samples. Basis points.
    pub tolerance_bps: u16,
    /// Bits of `constants::log_flag`.
    pub flags: u8,
    /// Zero.
    pub padding: u8,
}

const _: () = assert!(core::mem::size_of::<Checkpoint>() == 248 && core::mem::align_of::<Checkpoint>() == 8);

/// The checkpoints of one ledger: a ring buffer in which entries are overwritten only by age.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::CHECKPOINT_LOG))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct CheckpointLog {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::log_flag`.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Attesters a checkpoint needs, including the one who posts it. This rule and the ones below apply to checkpoints
    /// posted from now on.
    pub threshold: u8,
    /// Maximum difference between a checkpoint's total and the host's own. Basis points of the greater.
    pub tolerance_bps: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// The ledger layout positions are read through.
    pub ledger: Pubkey,
    /// Minimum number of slots between two checkpoints of one attester.
    pub min_interval_slots: u64,
    /// Minimum age at which a checkpoint may be overwritten.
    pub keep_seconds: i64,
    /// Checkpoints posted so far. The next one's index is this value modulo the number of checkpoints.
    pub posted: u64,
    /// The checkpoints.
    pub entries: [Checkpoint; CHECKPOINTS],
    /// Slot in which the ledger was last restored. No checkpoint from before it is restored.
    pub restored_slot: u64,
    /// Creation slot of the proposal that set these rules, or 0. An older proposal does not replace them.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<CheckpointLog>() == 10_080 && core::mem::align_of::<CheckpointLog>() == 8);

/// A leaf proved to be part of a checkpoint. Two such leaves can contradict each other, and each leaf can be recorded
/// as disputed once.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::LEAF_EVIDENCE))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct LeafEvidence {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::evidence_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Index of the leaf: its shard and its position in the shard.
    pub index: u32,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Slot of the checkpoint.
    pub slot: u64,
    /// Its log.
    pub log: Pubkey,
    /// `hash` of the checkpoint.
    pub checkpoint: [u8; 32],
    /// Key of the position.
    pub key: Pubkey,
    /// Owner of the position.
    pub owner: Pubkey,
    /// Who opened it and gets the rent back.
    pub payer: Pubkey,
    /// Siblings on the path from the leaf to the root.
    pub levels: u8,
    /// 1 when no leaf follows this one in its shard, else 0.
    pub is_last: u8,
    /// Zero.
    pub reserved: [u8; 6],
}

const _: () = assert!(core::mem::size_of::<LeafEvidence>() == 192 && core::mem::align_of::<LeafEvidence>() == 8);

/// A position's state in one slot, read by the program in that slot.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::POSITION_SAMPLE))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct PositionSample {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::sample_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Slot it was read in.
    pub slot: u64,
    /// Amount of the position. Native units.
    pub amount: u64,
    /// Unix seconds.
    pub ts: i64,
    /// Log of the ledger.
    pub log: Pubkey,
    /// Key of the position.
    pub key: Pubkey,
    /// Owner of the position.
    pub owner: Pubkey,
    /// Who took the sample and gets the rent back.
    pub payer: Pubkey,
}

const _: () = assert!(core::mem::size_of::<PositionSample>() == 160 && core::mem::align_of::<PositionSample>() == 8);
