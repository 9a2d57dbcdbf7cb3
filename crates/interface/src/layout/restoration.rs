//! Paying every account its share.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::MAX_TRANCHES;

/// One distribution.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Tranche {
    /// Shared out by this tranche. Native units.
    pub pool: u64,
    /// Paid so far.
    pub paid: u64,
    /// Unix seconds.
    pub opened_ts: i64,
}

const _: () = assert!(core::mem::size_of::<Tranche>() == 24 && core::mem::align_of::<Tranche>() == 8);

/// The chosen state and the money for it.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::RESTORATION))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Restoration {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Tranches in use.
    pub tranche_count: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// Zero.
    pub padding: [u8; 1],
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The state chosen.
    pub snapshot: Pubkey,
    /// Token claims are paid in.
    pub mint: Pubkey,
    /// Token account claims are paid from.
    pub pool: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Sum of all claims.
    pub total: u64,
    /// Number of claims.
    pub count: u64,
    /// Sum of the tranches' pools.
    pub allotted: u64,
    /// Paid so far, all tranches.
    pub paid: u64,
    /// Smallest tranche, unless it completes the total.
    pub min_tranche: u64,
    /// The tranches.
    pub tranches: [Tranche; MAX_TRANCHES],
    /// Zero; room for later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Restoration>() == 688 && core::mem::align_of::<Restoration>() == 8);

/// Header of one page of claim bits; bit i behind it is leaf `page * 65,536 + i`.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::CLAIM_BITMAP))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ClaimBitmap {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the tranche.
    pub tranche: u8,
    /// Zero.
    pub padding0: u8,
    /// Number of the page.
    pub page: u16,
    /// Bits set.
    pub claimed: u32,
    /// Bits in the page.
    pub count: u32,
    /// Its restoration.
    pub restoration: Pubkey,
}

const _: () = assert!(core::mem::size_of::<ClaimBitmap>() == 48 && core::mem::align_of::<ClaimBitmap>() == 4);
