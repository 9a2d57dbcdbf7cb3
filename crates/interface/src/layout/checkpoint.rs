//! Roots of a ledger from before an incident, posted and attested in peace.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{CHECKPOINTS, POSTER_BYTES};

/// One attested root. Bound to the fork by its slot's hash, and to all checkpoints before it by theirs.
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
    /// The slot's bank hash, as the SlotHashes sysvar had it.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// SHA-256 over roots, sums and counts of the shards.
    pub shards_hash: [u8; 32],
    /// `hash` of the checkpoint before it, zero for the first.
    pub previous: [u8; 32],
    /// SHA-256 over all that was posted and `previous`.
    pub hash: [u8; 32],
    /// Bit i: member i attests.
    pub attesters: u16,
    /// Leaves that were shown to differ from a live account since.
    pub disputes: u16,
    /// Attesters it needs: the log's rule when it was posted, as are `tolerance_bps` and `flags`.
    pub threshold: u8,
    /// One of `constants::checkpoint_state`.
    pub state: u8,
    /// Bit s: the leaves of shard s were published and make its root, or it has none.
    pub published: u16,
    /// The host's own total when it was posted, as the program read it. Native units.
    pub host_total: u64,
    /// Sum of the samples of its slot that its leaves agree with.
    pub agreed: u64,
    /// Sum of the differences between samples of its slot and its leaves.
    pub differed: u64,
    /// Who posted it, whatever became of the council: the first bytes of the member's key.
    pub poster: [u8; POSTER_BYTES],
    /// Most that its samples may differ. Basis points.
    pub tolerance_bps: u16,
    /// Bits of `constants::log_flag`.
    pub flags: u8,
    /// Zero.
    pub padding: u8,
}

const _: () = assert!(core::mem::size_of::<Checkpoint>() == 248 && core::mem::align_of::<Checkpoint>() == 8);

/// The checkpoints of one ledger: a ring, overwritten by age alone.
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
    /// Attesters a checkpoint needs, the one who posts it included. This and what follows is for what is posted from now
    /// on.
    pub threshold: u8,
    /// Most that a checkpoint's total may differ from the host's own. Basis points of the greater.
    pub tolerance_bps: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// The layout positions are read through.
    pub ledger: Pubkey,
    /// Fewest slots between two checkpoints of one attester.
    pub min_interval_slots: u64,
    /// A checkpoint is not overwritten before it is this old.
    pub keep_seconds: i64,
    /// Checkpoints posted so far: the next one's place is this modulo their number.
    pub posted: u64,
    /// The checkpoints.
    pub entries: [Checkpoint; CHECKPOINTS],
    /// Slot in which the ledger was last restored: nothing from before it is restored again.
    pub restored_slot: u64,
    /// Slot in which the proposal was made whose rules these are, or 0: an older one does not replace them.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<CheckpointLog>() == 10_080 && core::mem::align_of::<CheckpointLog>() == 8);

/// A leaf that a checkpoint was proved to have. Two of them can contradict each other, and one of each leaf
/// can be on record as disputed.
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
    /// Index of the leaf: shard and place in it.
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
    /// Who opened it and gets its rent back.
    pub payer: Pubkey,
    /// Siblings between the leaf and the root.
    pub levels: u8,
    /// 1 when nothing stands behind the leaf in its shard, else 0.
    pub is_last: u8,
    /// Zero.
    pub reserved: [u8; 6],
}

const _: () = assert!(core::mem::size_of::<LeafEvidence>() == 192 && core::mem::align_of::<LeafEvidence>() == 8);

/// What a position was in one slot, read by the program in that slot.
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
    /// What it amounted to. Native units.
    pub amount: u64,
    /// Unix seconds.
    pub ts: i64,
    /// Log of the ledger.
    pub log: Pubkey,
    /// Key of the position.
    pub key: Pubkey,
    /// Owner of the position.
    pub owner: Pubkey,
    /// Who took it and gets its rent back.
    pub payer: Pubkey,
}

const _: () = assert!(core::mem::size_of::<PositionSample>() == 160 && core::mem::align_of::<PositionSample>() == 8);
