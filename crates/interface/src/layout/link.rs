//! Which upstream domain's pause closes which of our compartments.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// One dependency on another domain. Only configuration writes it: carrying a pause reads it.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::LINK))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Link {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// What counts upstream beside the domain's own row: a compartment, or 255 for nothing else.
    pub upstream_scope: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Domain whose compartments it closes.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Domain it depends on.
    pub upstream: Pubkey,
    /// The upstream's board.
    pub upstream_board: Pubkey,
    /// Compartments it closes, bit by number; 0 switches it off.
    pub compartments: u64,
    /// Actions that count when they are closed upstream.
    pub upstream_mask: u32,
    /// Actions it closes here; 0 for the council's default.
    pub mask: u32,
    /// Slot in which the proposal was made that set it last, or 0: an older one does not change it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 40],
}

const _: () = assert!(core::mem::size_of::<Link>() == 200 && core::mem::align_of::<Link>() == 8);
