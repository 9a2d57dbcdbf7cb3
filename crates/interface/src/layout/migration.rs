//! Migrations: the decision to move every vault to its evacuation route. The vaults record what was moved.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// The evacuation of one incident.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::MIGRATION))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Migration {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::migration_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Bit i: member i confirms.
    pub confirmations: u16,
    /// Council epoch the confirmations belong to.
    pub config_epoch: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
}

const _: () = assert!(core::mem::size_of::<Migration>() == 80 && core::mem::align_of::<Migration>() == 8);
