//! The authority watch.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};
use crate::constants::MAX_AUTHORITIES;

/// The authorities over an account, as read.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[derive(Debug, PartialEq, Eq)]
pub struct Authorities {
    /// One of `constants::reading`.
    pub reading: u8,
    /// Zero.
    pub padding: [u8; 7],
    /// Slot the program was last deployed in, if that is watched.
    pub slot: u64,
    /// Owner program of the account.
    pub program: Pubkey,
    /// The authorities in the order of the account, zero for none. For a program, its upgrade authority. For a token
    /// account, its owner, delegate and close authority. For a host, the registered field.
    pub keys: [Pubkey; MAX_AUTHORITIES],
}

const _: () = assert!(core::mem::size_of::<Authorities>() == 144 && core::mem::align_of::<Authorities>() == 8);

/// Latches when an authority differs from the registered one.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::AUTHORITY_WATCH))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct AuthorityWatch {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero. `latch` has the state.
    pub state: u8,
    /// Bit 0: an upgrade trips too, even if the upgrade authority is unchanged.
    pub flags: u8,
    /// Compartment it guards.
    pub compartment: u8,
    /// One of `constants::watch_kind`.
    pub kind: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Its trip.
    pub latch: Latch,
    /// The watched account. For a program, its program data account.
    pub account: Pubkey,
    /// Offset of the host's field. 0 for programs and token accounts.
    pub offset: u32,
    /// Zero.
    pub padding2: [u8; 4],
    /// The registered authorities, which the account must have.
    pub expected: Authorities,
    /// The authorities when it last latched. Zero once the registered ones were seen again.
    pub latched: Authorities,
    /// Creation slot of the proposal that opened it, or 0 if it was opened during set-up. An older proposal does not
    /// close it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 48],
}

begins_like_a_detector!(AuthorityWatch);
const _: () = assert!(core::mem::size_of::<AuthorityWatch>() == 512 && core::mem::align_of::<AuthorityWatch>() == 8);
