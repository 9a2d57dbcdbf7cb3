//! Checkpoints: roots of a ledger from before an incident, which nobody can back-date, post for a losing fork, replace
//! or push out.
//!
//! A checkpoint names a slot and its hash, which must be in the SlotHashes sysvar at that moment: so it was posted
//! within minutes of its slot, on the fork that contains it. Its own hash covers the hash of the previous checkpoint.
//! The log is a ring that drops checkpoints only by age, and each attester has a share of it, so nobody's checkpoints
//! can crowd out another's.
//!
//! Only a checkpoint's own tree can contradict it. A live account that differs from a leaf is no evidence: otherwise an
//! attacker who rewrote balances could contest every good checkpoint. Such a difference is only put on record for
//! voters.
//!
//! What the program itself read in the checkpoint's own slot is true of that slot. Samples of positions can only be
//! taken during the slot, and a checkpoint of it can only be posted afterwards. The poster knows all of them, so an
//! honest checkpoint never contradicts what its attesters could read. For published leaves the program verifies that
//! they produce the tree, so nobody has to store it.

mod evidence;
mod log;
mod publication;
mod restore;
mod sample;

pub use evidence::*;
pub use log::*;
pub use publication::*;
pub use restore::*;
pub use sample::*;

use bulkhead_interface::{
    Pubkey,
    constants::SHARDS,
    layout::{Checkpoint, ShardRoot},
};

use crate::{hash::sha256, snapshots::merkle::NODE_BYTES};

/// First bytes of the tag of a checkpoint's leaves.
pub const TAG_PREFIX: &[u8] = b"bulkhead-checkpoint-v1";
/// First bytes of a checkpoint's own preimage.
pub const ENTRY_PREFIX: &[u8] = b"bulkhead-checkpoint-entry-v1";
/// First bytes of the shards' preimage.
pub const SHARDS_PREFIX: &[u8] = b"bulkhead-checkpoint-shards-v1";

/// An attester's statement about a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Slot at whose end the positions were read.
    pub slot: u64,
    /// Its hash.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// Sum of all leaves.
    pub total: u64,
    /// Number of leaves.
    pub count: u64,
    /// [`shards_hash`] of the shards under the root.
    pub shards_hash: [u8; 32],
}

impl Claim {
    /// The contents of a checkpoint.
    #[must_use]
    pub fn of(entry: &Checkpoint) -> Self {
        Self {
            slot: entry.slot,
            slot_hash: entry.slot_hash,
            root: entry.root,
            total: entry.total,
            count: entry.count.into(),
            shards_hash: entry.shards_hash,
        }
    }
}

/// Time of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
}

/// The value that binds all leaves to one program, log, ledger and slot. A log has each slot only once, and a
/// snapshot's tag begins differently, so no proof works in two places.
#[must_use]
pub fn tag(program: &Pubkey, log: &Pubkey, ledger_index: u8, slot: u64) -> [u8; 32] {
    let (ledger, slot) = ([ledger_index], slot.to_le_bytes());
    sha256(&[TAG_PREFIX, program.as_ref(), log.as_ref(), &ledger, &slot])
}

/// The hash of a checkpoint's shards. The root covers roots and sums; this hash also covers the counts, which determine
/// the height of each shard and the position of its claim bits.
#[must_use]
pub fn shards_hash(shards: &[ShardRoot; SHARDS]) -> [u8; 32] {
    const ROW: usize = NODE_BYTES + 4;
    let mut rows = [0u8; SHARDS * ROW];
    for (row, shard) in rows.as_chunks_mut::<ROW>().0.iter_mut().zip(shards) {
        let (node, count) = row.split_at_mut(NODE_BYTES);
        node.copy_from_slice(bytemuck::bytes_of(&shard.root));
        count.copy_from_slice(&shard.count.to_le_bytes());
    }
    sha256(&[SHARDS_PREFIX, &rows])
}

/// The hash of a checkpoint: all its contents, its log, and the hash of the previous checkpoint.
#[must_use]
pub fn entry_hash(log: &Pubkey, ledger_index: u8, claim: &Claim, previous: &[u8; 32]) -> [u8; 32] {
    sha256(&[
        ENTRY_PREFIX,
        log.as_ref(),
        &[ledger_index],
        &claim.slot.to_le_bytes(),
        &claim.slot_hash,
        &claim.root,
        &claim.total.to_le_bytes(),
        &claim.count.to_le_bytes(),
        &claim.shards_hash,
        previous,
    ])
}
