//! Links: which upstream domain's pause closes which of this domain's compartments.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// One dependency on another domain. Only configuration writes it; propagating a pause only reads it.
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
    /// What is checked upstream besides the domain's own row: a compartment, or 255 for nothing else.
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
    /// Compartments it closes, one bit per number. 0 disables the link.
    pub compartments: u64,
    /// Actions whose closing upstream triggers the link.
    pub upstream_mask: u32,
    /// Actions it closes in this domain, or 0 for the council's default.
    pub mask: u32,
    /// Creation slot of the proposal that last set it, or 0. An older proposal does not change it.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 40],
}

const _: () = assert!(core::mem::size_of::<Link>() == 200 && core::mem::align_of::<Link>() == 8);
