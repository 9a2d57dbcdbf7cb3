//! Programs of the host whose upgrade authority the domain holds.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// What was decided about one program, and its emergency build.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::HOST_PROGRAM))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct HostProgram {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::build_state`, in `incident`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Bit i: member i confirms the emergency build.
    pub confirmations: u16,
    /// Council epoch the confirmations belong to.
    pub config_epoch: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// The program.
    pub program: Pubkey,
    /// The incident the confirmations are of, or zero.
    pub incident: Pubkey,
    /// SHA-256 of the emergency build, or zero for none.
    pub build_hash: [u8; 32],
    /// Receives the lamports of the emergency build's buffer.
    pub build_spill: Pubkey,
    /// Creation slot of the proposal that registered the emergency build, or 0. An older proposal does not replace it.
    pub build_decided_slot: u64,
    /// Slot in which the confirmations reached the threshold, or 0.
    pub confirmed_slot: u64,
    /// Creation slot of the proposal of the last upgrade, or the slot in which the last emergency build was confirmed. An
    /// older proposal does not upgrade.
    pub decided_slot: u64,
    /// SHA-256 of the build that was deployed last, or zero.
    pub deployed_hash: [u8; 32],
    /// Slot in which it was deployed.
    pub deployed_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<HostProgram>() == 272 && core::mem::align_of::<HostProgram>() == 8);
