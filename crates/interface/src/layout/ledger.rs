//! Where a ledger's positions lie in the host's accounts.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// Bytes that must stand at an offset of a position. Length 0 matches everything.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ByteFilter {
    /// Where.
    pub offset: u32,
    /// How many of `bytes` count, at most 32.
    pub len: u32,
    /// What.
    pub bytes: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<ByteFilter>() == 40 && core::mem::align_of::<ByteFilter>() == 4);

/// A registered layout: how the program reads owner and amount out of a host account by itself.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::LEDGER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Ledger {
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
    /// Bytes of the amount: 8 or 16, unsigned little endian.
    pub amount_width: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Where the owner's 32 bytes lie.
    pub owner_offset: u32,
    /// Where the amount lies.
    pub amount_offset: u32,
    /// Exact length of a position account, or 0 for any.
    pub data_len: u32,
    /// Where the host keeps the sum, u64, in `total_account`.
    pub total_offset: u32,
    /// Its domain.
    pub domain: Pubkey,
    /// Owner program of position accounts.
    pub program: Pubkey,
    /// Token the amounts are in and claims are paid in.
    pub mint: Pubkey,
    /// Host account with the sum of all amounts.
    pub total_account: Pubkey,
    /// What tells a position from other accounts of the program.
    pub filters: [ByteFilter; 2],
    /// Zero; room for later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Ledger>() == 296 && core::mem::align_of::<Ledger>() == 4);
