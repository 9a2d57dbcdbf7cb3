//! Notes of deposits.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::NOTE_ENTRIES;

/// What arrived in one sub-window.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct NoteEntry {
    /// Number of the sub-window of the vault's breaker.
    pub bucket: u64,
    /// What is left of it. Native units.
    pub amount: u64,
}

const _: () = assert!(core::mem::size_of::<NoteEntry>() == 16);

/// What an owner has brought into a vault lately, as custody has seen it arrive: it may leave again to that owner
/// within the window and is counted nowhere.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::DEPOSIT_NOTE))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct DepositNote {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// The vault's `evacuations` when it came in: an evacuation voids it.
    pub evacuations: u32,
    /// The vault.
    pub vault: Pubkey,
    /// Who brought it, and is paid by it.
    pub owner: Pubkey,
    /// Who gets the rent back.
    pub payer: Pubkey,
    /// The newest first.
    pub entries: [NoteEntry; NOTE_ENTRIES],
    /// Slot the breaker was opened in whose sub-windows they are.
    pub opened_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<DepositNote>() == 192 && core::mem::align_of::<DepositNote>() == 8);
