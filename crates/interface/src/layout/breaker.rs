//! The outflow circuit breaker.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};
use crate::constants::BUCKETS;

/// Limits outflow per window and per slot, and latches when more is attempted.
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
    /// Unused, zero. `latch` has the state.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Compartment it meters.
    pub compartment: u8,
    /// Which shard of the limit this is.
    pub shard: u8,
    /// k: sub-windows the window is cut into.
    pub sub_windows: u8,
    /// Number of shards the limits are divided into. This account allows 1/shards of each limit.
    pub shards: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Its trip. Queues every outflow while the latch is in force.
    pub latch: Latch,
    /// Token it meters.
    pub mint: Pubkey,
    /// Who may meter: a host's signer PDA, or the vault.
    pub authority: Pubkey,
    /// W: length of the window.
    pub window_seconds: i64,
    /// T: maximum outflow in any W, all shards together. Native units.
    pub limit: u64,
    /// Maximum outflow in one slot, and therefore in one transaction, all shards together. Native units.
    pub slot_limit: u64,
    /// C: maximum that inflow may add to T, all shards together. At most T / k. Native units.
    pub inflow_credit: u64,
    /// Slot of the last outflow.
    pub last_slot: u64,
    /// Outflow in that slot.
    pub slot_outflow: u64,
    /// Number of the newest sub-window: unix seconds divided by the sub-window's length.
    pub bucket: u64,
    /// Outflow by sub-window, indexed by sub-window number modulo k + 1.
    pub buckets: [u64; BUCKETS],
    /// Inflow by sub-window, indexed likewise.
    pub inflows: [u64; BUCKETS],
    /// Lowest balance of `reference` seen in each sub-window, indexed likewise. `u64::MAX` until it is observed.
    pub samples: [u64; BUCKETS],
    /// Sum of `buckets`.
    pub outflow: u64,
    /// Sum of `inflows`.
    pub inflow: u64,
    /// Lowest balance of `reference` in the window, to which the bps limits apply. `u64::MAX` before the first sample.
    pub reference_min: u64,
    /// Token account that the bps limits refer to, or zero for none.
    pub reference: Pubkey,
    /// Maximum outflow in any W, in bps of the reference. 0 disables it.
    pub limit_bps: u16,
    /// Maximum outflow in one slot, in bps of the reference. 0 disables it.
    pub slot_bps: u16,
    /// Latch threshold: the amount requested in any W that had to wait, in bps of the highest reference seen in the
    /// window. 0 disables it.
    pub trip_bps: u16,
    /// Zero.
    pub padding: [u8; 2],
    /// Slot a guardian last lowered a limit in. Proposals made in or before it cannot undo that.
    pub lowered_slot: u64,
    /// Latch threshold: the amount requested in any W that had to wait, all shards together. Native units.
    pub trip_limit: u64,
    /// Sum of `queues`.
    pub queued: u64,
    /// Amount requested and not paid at once, by sub-window.
    pub queues: [u64; BUCKETS],
    /// Slot it was opened in. Deposit notes from before it are void.
    pub opened_slot: u64,
    /// Queued releases that were payable by this time have priority: half of the window is reserved for them.
    pub turn_ts: i64,
    /// Sub-window in which one of those releases last found too little room. Their priority ends one window later.
    pub turn_bucket: u64,
    /// Until when the limits a guardian has lowered are in force, or 0. Unix seconds.
    pub lowered_until: i64,
    /// `limit` as a proposal set it, kept while a guardian's lowered limit is in force.
    pub base_limit: u64,
    /// `slot_limit` as a proposal set it, kept likewise.
    pub base_slot_limit: u64,
    /// `inflow_credit` as a proposal set it, kept likewise.
    pub base_inflow_credit: u64,
    /// `limit_bps` as a proposal set it, kept likewise.
    pub base_limit_bps: u16,
    /// `slot_bps` as a proposal set it, kept likewise.
    pub base_slot_bps: u16,
    /// The vault's `evacuations` when the queued amounts were recorded. After an evacuation they are counted no more.
    pub evacuations: u32,
    /// Sub-window in which a proposal opened it, or 0 if it was opened during set-up. No outflow is allowed while that
    /// sub-window is counted.
    pub opened: u64,
    /// Creation slot of the proposal that opened it or last set its limits, or 0. An older proposal neither sets limits
    /// nor closes it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 40],
}

begins_like_a_detector!(OutflowBreaker);
const _: () = assert!(core::mem::size_of::<OutflowBreaker>() == 1_256 && core::mem::align_of::<OutflowBreaker>() == 8);
