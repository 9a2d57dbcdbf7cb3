//! The solvency breaker.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};
use crate::constants::MAX_RESERVES;

/// A token account that backs the liabilities.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct Reserve {
    /// The account.
    pub account: Pubkey,
    /// The token it held when it was registered. Only a balance of this token is included.
    pub mint: Pubkey,
}

const _: () = assert!(core::mem::size_of::<Reserve>() == 64);

/// Latches when the reserves are lower than the liabilities that the host itself reports.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::SOLVENCY_BREAKER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct SolvencyBreaker {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero. `latch` has the state.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Compartment whose reserves it compares.
    pub compartment: u8,
    /// How many of `reserves` are used.
    pub reserve_count: u8,
    /// Width in bytes of the liabilities: 8 or 16, unsigned.
    pub width: u8,
    /// Zero.
    pub padding: [u8; 1],
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Its trip.
    pub latch: Latch,
    /// The host's account that stores the liabilities.
    pub liabilities: Pubkey,
    /// Owner program of that account.
    pub program: Pubkey,
    /// Offset of the liabilities. Native units of the reserves.
    pub offset: u32,
    /// Share of the liabilities that may be missing, in bps.
    pub tolerance_bps: u32,
    /// Amount that may be missing in addition. Native units.
    pub tolerance: u64,
    /// How long a shortfall must last before it latches.
    pub min_age_seconds: i64,
    /// When the current shortfall was first seen, or 0. Unix seconds.
    pub suspect_ts: i64,
    /// Smallest gap between liabilities and reserves since a shortfall latched, lower half. 0 once the reserves were
    /// seen to be whole again; 2^128 - 1 for unreadable liabilities.
    pub latched_low: u64,
    /// Its upper half.
    pub latched_high: u64,
    /// The reserves.
    pub reserves: [Reserve; MAX_RESERVES],
    /// Slot the current shortfall was first seen in.
    pub suspect_slot: u64,
    /// When the current gap was first seen to exceed the noted one by more than the tolerance, or 0. Unix seconds.
    pub grown_ts: i64,
    /// Slot in which that was first seen.
    pub grown_slot: u64,
    /// Lowest liabilities seen while a shortfall is noted or suspected, lower half, or 0. A gap within the tolerance of
    /// this value clears the shortfall.
    pub least_low: u64,
    /// Its upper half.
    pub least_high: u64,
    /// Creation slot of the proposal that opened it, or 0 if it was opened during set-up. An older proposal does not
    /// close it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 8],
}

begins_like_a_detector!(SolvencyBreaker);
const _: () = assert!(core::mem::size_of::<SolvencyBreaker>() == 552 && core::mem::align_of::<SolvencyBreaker>() == 8);
