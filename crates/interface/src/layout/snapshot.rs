//! Snapshots: a ledger read on chain while the domain is frozen.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{CANOPY, MAX_CANOPY_HEIGHT, MAX_FACTORS, SHARDS};

/// A node of the Merkle-sum tree.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Node {
    /// SHA-256.
    pub hash: [u8; 32],
    /// Sum of the amounts below this node.
    pub sum: u64,
}

const _: () = assert!(core::mem::size_of::<Node>() == 40 && core::mem::align_of::<Node>() == 8);

/// Two siblings as their parent hashes them: the 81 bytes that start at the prefix.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Pair {
    /// Zero; keeps the nodes aligned.
    pub padding: [u8; 7],
    /// First byte of a node's preimage.
    pub prefix: u8,
    /// The left sibling.
    pub left: Node,
    /// The right sibling.
    pub right: Node,
}

const _: () = assert!(core::mem::size_of::<Pair>() == 88 && core::mem::align_of::<Pair>() == 8);

/// A sealed shard.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ShardRoot {
    /// Root over the shard's 16 canopy nodes.
    pub root: Node,
    /// Leaves in the shard.
    pub count: u32,
    /// Leaves in all shards before this one: the shard's first index in the claim bitmap.
    pub first: u32,
}

const _: () = assert!(core::mem::size_of::<ShardRoot>() == 48 && core::mem::align_of::<ShardRoot>() == 8);

/// The sealed result: one root and one total over sixteen shards.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::SNAPSHOT))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Snapshot {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::snapshot_state`.
    pub state: u8,
    /// Bits of `constants::snapshot_flag`.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// One of `constants::snapshot_source`.
    pub source: u8,
    /// Bit s: shard s has leaves and a sealed account.
    pub shards_sealed: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// Ledger layout it was read through.
    pub ledger: Pubkey,
    /// Token the amounts are in.
    pub mint: Pubkey,
    /// Binds every leaf to program, snapshot and ledger.
    pub tag: [u8; 32],
    /// Root hash, once sealed.
    pub root: [u8; 32],
    /// Sum of all leaves.
    pub total: u64,
    /// Number of leaves.
    pub count: u64,
    /// Slot it was opened in.
    pub opened_slot: u64,
    /// Slot it was sealed in.
    pub sealed_slot: u64,
    /// Unix seconds.
    pub sealed_ts: i64,
    /// The shards, by the top four bits of the position key.
    pub shards: [ShardRoot; SHARDS],
    /// Excess of `total` over the host's own total, allowed by an override or by the ledger's tolerance.
    pub excess: u64,
    /// Shortfall of `total` below the host's own total, allowed likewise.
    pub shortfall: u64,
    /// When it was first sealed. Unix seconds. 0 if it was never sealed, and for the snapshot of a checkpoint.
    pub first_sealed_ts: i64,
    /// Number of times it was sealed. A seal nearer to the host's total, or a matured override, replaces the seal of a
    /// snapshot that is not restored.
    pub seals: u32,
    /// Zero.
    pub padding: [u8; 4],
    /// Sum of all leaves before the scale, low and high 64 bits. Kept when the host's total is in that unit.
    pub host_sum: [u64; 2],
    /// Slot in which the override in force was proposed, or 0.
    pub decided_slot: u64,
    /// Slot of the checkpoint it was opened from, or 0.
    pub checkpoint_slot: u64,
}

const _: () = assert!(core::mem::size_of::<Snapshot>() == 1072 && core::mem::align_of::<Snapshot>() == 8);

/// The factors of a linked ledger, as they were when its snapshot was opened. Follows the snapshot in its account, if
/// the ledger has any: every cranker reads with these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct FrozenFactors {
    /// Slot they were read in.
    pub slot: u64,
    /// Each factor, low and high 64 bits.
    pub numbers: [[u64; 2]; MAX_FACTORS],
}

const _: () = assert!(core::mem::size_of::<FrozenFactors>() == 40 && core::mem::align_of::<FrozenFactors>() == 8);

/// One shard's accumulator, plus its canopy once sealed. Each shard has its own account so that cranks run in parallel.
/// Each cranker has their own so that no one can spoil another's work.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::SNAPSHOT_SHARD))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct SnapshotShard {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::snapshot_state`.
    pub state: u8,
    /// Bits of `constants::shard_flag`.
    pub flags: u8,
    /// Number of the shard.
    pub shard: u8,
    /// h: levels below the canopy.
    pub canopy_height: u8,
    /// Canopy nodes in use.
    pub canopy_count: u8,
    /// Zero.
    pub padding: u8,
    /// Sum of the leaves.
    pub sum: u64,
    /// Leaves.
    pub count: u32,
    /// Positions read, zero amounts included.
    pub seen: u32,
    /// Its domain.
    pub domain: Pubkey,
    /// The incident it is read in.
    pub incident: Pubkey,
    /// Its snapshot.
    pub snapshot: Pubkey,
    /// Ledger layout to read through.
    pub ledger: Pubkey,
    /// Copy of the snapshot's tag.
    pub tag: [u8; 32],
    /// Who may add to it.
    pub cranker: Pubkey,
    /// Greatest position key so far.
    pub last_key: Pubkey,
    /// By level: a left sibling waiting for its right sibling, hashed in place.
    pub frontier: [Pair; MAX_CANOPY_HEIGHT],
    /// Roots of complete subtrees of height h.
    pub canopy: [Node; CANOPY],
    /// Sum before the scale, low and high 64 bits. Kept when the host's total is in that unit.
    pub host_sum: [u64; 2],
    /// Which of the snapshot's seals this shard belongs to. Claims are proved against the shards of the last seal.
    pub seal: u32,
    /// Zero.
    pub padding1: [u8; 4],
    /// Poseidon over all leaves so far, for a ledger that needs a proof; else zero.
    pub accumulator: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<SnapshotShard>() == 2352 && core::mem::align_of::<SnapshotShard>() == 8);
