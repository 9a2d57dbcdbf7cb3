//! Moving every vault to its route.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::MAX_MIGRATED_VAULTS;

/// One vault's move, added up over its evacuations: before = moved + fee + after.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct MigratedVault {
    /// The vault.
    pub vault: Pubkey,
    /// Its route.
    pub destination: Pubkey,
    /// Balance before the move, plus what later moves found.
    pub before: u64,
    /// Arrived at the destination.
    pub moved: u64,
    /// Withheld by the token program.
    pub fee: u64,
    /// Left behind.
    pub after: u64,
    /// Slot of the last move.
    pub slot: u64,
    /// Unix seconds.
    pub ts: i64,
}

const _: () = assert!(core::mem::size_of::<MigratedVault>() == 112 && core::mem::align_of::<MigratedVault>() == 8);

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
    /// Rows in use.
    pub vault_count: u8,
    /// Zero.
    pub padding0: u8,
    /// Bit i: member i confirms.
    pub confirmations: u16,
    /// Council epoch the confirmations belong to.
    pub config_epoch: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// One row a vault.
    pub vaults: [MigratedVault; MAX_MIGRATED_VAULTS],
}

const _: () = assert!(core::mem::size_of::<Migration>() == 1872 && core::mem::align_of::<Migration>() == 8);
