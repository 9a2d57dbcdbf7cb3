//! Emergency actions: what a guardian may make the host do at once.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// Header of an emergency action. `instruction_len` bytes of a Borsh-encoded instruction follow it. Governance is
/// responsible for registering only instructions that tighten.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::EMERGENCY_ACTION))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct EmergencyAction {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number within the domain.
    pub index: u8,
    /// Zero.
    pub padding: [u8; 1],
    /// Bytes of the instruction after the header.
    pub instruction_len: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// SHA-256 of the instruction's bytes.
    pub instruction_hash: [u8; 32],
    /// When it was last registered. Unix seconds.
    pub registered_ts: i64,
    /// Creation slot of the proposal that last registered it, or 0. An older proposal does not replace it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 24],
}

const _: () = assert!(core::mem::size_of::<EmergencyAction>() == 112 && core::mem::align_of::<EmergencyAction>() == 8);
