//! The outflow circuit breaker.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};
use crate::constants::BUCKETS;

/// Limits what may leave per window and per slot, and latches when more is tried.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::OUTFLOW_BREAKER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct OutflowBreaker {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero: `latch` has it.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Compartment it meters.
    pub compartment: u8,
    /// Which shard of the limit this is.
    pub shard: u8,
    /// k: sub-windows the window is cut into.
    pub sub_windows: u8,
    /// Shards the limits are cut into; this account lets a share of 1/shards through.
    pub shards: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Queues everything while it is in force.
    pub latch: Latch,
    /// Token it meters.
    pub mint: Pubkey,
    /// Who may meter: a host's signer PDA, or the vault.
    pub authority: Pubkey,
    /// W.
    pub window_seconds: i64,
    /// T: most that may leave in any W, all shards together. Native units.
    pub limit: u64,
    /// Most that may leave in one slot, so in one transaction, all shards together. Native units.
    pub slot_limit: u64,
    /// C: most that inflow may add to T, all shards together; at most T / k. Native units.
    pub inflow_credit: u64,
    /// Slot of the last outflow.
    pub last_slot: u64,
    /// Outflow in that slot.
    pub slot_outflow: u64,
    /// Number of the newest sub-window: unix seconds over its length.
    pub bucket: u64,
    /// Outflow by sub-window, at its number modulo k + 1.
    pub buckets: [u64; BUCKETS],
    /// Inflow by sub-window, likewise.
    pub inflows: [u64; BUCKETS],
    /// Lowest balance of `reference` seen in a sub-window, likewise; `u64::MAX` while nobody has looked.
    pub samples: [u64; BUCKETS],
    /// Sum of `buckets`.
    pub outflow: u64,
    /// Sum of `inflows`.
    pub inflow: u64,
    /// Lowest balance of `reference` in the window, and what bps are taken of; `u64::MAX` before the first sample.
    pub reference_min: u64,
    /// Token account that the bps are taken of; zero is none.
    pub reference: Pubkey,
    /// Most that may leave in any W, in bps of the reference; 0 is not used.
    pub limit_bps: u16,
    /// Most that may leave in one slot, likewise.
    pub slot_bps: u16,
    /// What was asked for in any W and had to wait, above which it latches, in bps of the highest reference seen in the
    /// window; 0 is not used.
    pub trip_bps: u16,
    /// Zero.
    pub padding: [u8; 2],
    /// Slot a guardian last lowered a limit in; proposals made up to it cannot undo that.
    pub lowered_slot: u64,
    /// What was asked for in any W and had to wait, above which it latches, all shards together. Native units.
    pub trip_limit: u64,
    /// Sum of `queues`.
    pub queued: u64,
    /// Asked for and not paid at once, by sub-window.
    pub queues: [u64; BUCKETS],
    /// Slot it was opened in: notes of deposits from before are void.
    pub opened_slot: u64,
    /// It is the turn of queued releases that were payable by then: half of the window is kept for them.
    pub turn_ts: i64,
    /// Sub-window in which one of them last found too little room. Their turn ends after a window.
    pub turn_bucket: u64,
    /// Until when what a guardian has lowered is in force, or 0. Unix seconds.
    pub lowered_until: i64,
    /// `limit` as a proposal set it, while a guardian has lowered it.
    pub base_limit: u64,
    /// `slot_limit` likewise.
    pub base_slot_limit: u64,
    /// `inflow_credit` likewise.
    pub base_inflow_credit: u64,
    /// `limit_bps` likewise.
    pub base_limit_bps: u16,
    /// `slot_bps` likewise.
    pub base_slot_bps: u16,
    /// The vault's `evacuations` that what was queued is of: an evacuation voids it.
    pub evacuations: u32,
    /// Sub-window a proposal opened it in, or 0 if it was opened during set-up: nothing leaves while that one is counted.
    pub opened: u64,
    /// Slot in which the proposal was made that opened it or set its limits last, or 0: an older one neither sets limits
    /// nor closes it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 40],
}

begins_like_a_detector!(OutflowBreaker);
const _: () = assert!(core::mem::size_of::<OutflowBreaker>() == 1_256 && core::mem::align_of::<OutflowBreaker>() == 8);
