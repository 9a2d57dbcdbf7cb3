//! Deposit notes.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::NOTE_ENTRIES;

/// Tokens that arrived in one sub-window.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct NoteEntry {
    /// Number of the sub-window, counted by the vault's breaker.
    pub bucket: u64,
    /// Amount left of the deposit. Native units.
    pub amount: u64,
}

const _: () = assert!(core::mem::size_of::<NoteEntry>() == 16);

/// An owner's recent deposits into a vault, as custody recorded their arrival. Within the window the owner may withdraw
/// them again without counting towards any limit.
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
    /// The vault's `evacuations` at the time of the deposit. An evacuation voids the note.
    pub evacuations: u32,
    /// The vault.
    pub vault: Pubkey,
    /// Who made the deposit and may be paid from it.
    pub owner: Pubkey,
    /// Who gets the rent back.
    pub payer: Pubkey,
    /// The entries, newest first.
    pub entries: [NoteEntry; NOTE_ENTRIES],
    /// Slot in which the breaker was opened whose sub-windows the entries use.
    pub opened_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<DepositNote>() == 192 && core::mem::align_of::<DepositNote>() == 8);
