//! Direct vaults: tokens that the host keeps itself, and the instruction of the host that evacuates them.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::vault::Evacuation;

/// Header of a direct vault. `instruction_len` bytes of a Borsh-encoded instruction of the host follow it.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::DIRECT_VAULT))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct DirectVault {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the only ledger whose claims its tokens pay after an evacuation, or `constants::NO_LEDGER`.
    pub ledger: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// Least share of the source's balance that has to arrive. Basis points.
    pub least_bps: u16,
    /// Bytes of the instruction after the header.
    pub instruction_len: u16,
    /// Zero.
    pub padding: [u8; 2],
    /// Incidents it was evacuated in.
    pub evacuations: u32,
    /// Its domain.
    pub domain: Pubkey,
    /// The host's token account that is emptied.
    pub source: Pubkey,
    /// Token that it holds.
    pub mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Token account that receives an evacuation.
    pub route: Pubkey,
    /// Holder of the evacuation route when it was registered.
    pub route_holder: Pubkey,
    /// SHA-256 of the instruction's bytes.
    pub instruction_hash: [u8; 32],
    /// Its last evacuation.
    pub evacuation: Evacuation,
    /// When it was last registered. Unix seconds.
    pub registered_ts: i64,
    /// Creation slot of the proposal that last registered it, or 0. An older proposal does not replace it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<DirectVault>() == 408 && core::mem::align_of::<DirectVault>() == 8);
