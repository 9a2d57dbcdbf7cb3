//! Interim share-outs: what two states agree on, paid before the vote.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{INTERIM_SOURCES, INTERIM_STOPS, SHARDS};

/// What an interim share-out drew from one vault.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct InterimSource {
    /// The vault, or zero in an unused row.
    pub vault: Pubkey,
    /// Drawn from its custody and its recovery account. Native units.
    pub drawn: u64,
}

const _: () = assert!(core::mem::size_of::<InterimSource>() == 40 && core::mem::align_of::<InterimSource>() == 8);

/// The interim share-out of one ledger in one incident.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::INTERIM))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Interim {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::interim_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// Share of what custody holds that is paid. Copied from the ledger's rule, like `cap`.
    pub bps: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The snapshot that was read in the incident.
    pub snapshot: Pubkey,
    /// The snapshot account of the checkpoint.
    pub checkpoint: Pubkey,
    /// Root of the snapshot when the share-out was opened. Claims end when the snapshot is sealed with another.
    pub snapshot_root: [u8; 32],
    /// Where the restoration of this ledger will be. It signs for the pool.
    pub restoration: Pubkey,
    /// Token that claims are paid in.
    pub mint: Pubkey,
    /// The restoration's pool, opened early: whatever is not claimed is in it when a state is chosen.
    pub pool: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Sum of the snapshot's leaves.
    pub snapshot_total: u64,
    /// Sum of the checkpoint's leaves.
    pub checkpoint_total: u64,
    /// Number of the snapshot's leaves.
    pub snapshot_count: u64,
    /// Number of the checkpoint's leaves.
    pub checkpoint_count: u64,
    /// The most that one position is paid. Native units.
    pub cap: u64,
    /// Total shared out so far. It only grows, up to the share of the greater total.
    pub shared: u64,
    /// Total paid so far, at most `shared`.
    pub paid: u64,
    /// Slot it was opened in.
    pub opened_slot: u64,
    /// Unix seconds.
    pub opened_ts: i64,
    /// First dense place of each of the snapshot's shards when the share-out was opened.
    pub snapshot_firsts: [u32; SHARDS],
    /// The vaults it drew from.
    pub sources: [InterimSource; INTERIM_SOURCES],
    /// Bump of the restoration's PDA.
    pub restoration_bump: u8,
    /// Stopped positions in use.
    pub stop_count: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Keys of the positions that guardians stopped.
    pub stops: [Pubkey; INTERIM_STOPS],
    /// Zero; room for later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Interim>() == 2_168 && core::mem::align_of::<Interim>() == 8);

/// A leaf that was proved to be part of a state.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ProvedLeaf {
    /// One of `constants::proved`.
    pub of: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Index of the leaf: its shard and its position in the shard.
    pub index: u32,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Key of the position.
    pub key: Pubkey,
    /// Owner of the leaf.
    pub owner: Pubkey,
}

const _: () = assert!(core::mem::size_of::<ProvedLeaf>() == 80 && core::mem::align_of::<ProvedLeaf>() == 8);

/// What one prover has proved last: a proof that does not fit the transaction of the claim it serves.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::INTERIM_PROOF))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct InterimProof {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// The interim share-out.
    pub interim: Pubkey,
    /// Who proves, and gets the rent back.
    pub prover: Pubkey,
    /// The leaves. A claim needs one; that a position was not in the snapshot takes the two leaves around its place.
    pub leaves: [ProvedLeaf; 2],
}

const _: () = assert!(core::mem::size_of::<InterimProof>() == 232 && core::mem::align_of::<InterimProof>() == 8);
