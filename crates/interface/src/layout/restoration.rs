//! Paying every account its share.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

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
    /// Decimals of the mint.
    pub decimals: u8,
    /// Zero.
    pub padding: [u8; 2],
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
    /// Shared out so far, all together. It only grows, up to `total`.
    pub shared: u64,
    /// Paid so far, at most `shared`.
    pub paid: u64,
    /// Slot in which the state was chosen.
    pub chosen_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<Restoration>() == 296 && core::mem::align_of::<Restoration>() == 8);

/// Header of one page of claims. Behind it, eight bytes a leaf: what leaf `page * 1,024 + i` was paid so far.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::CLAIM_PAGE))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ClaimPage {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the page.
    pub page: u16,
    /// Zero.
    pub padding: [u8; 2],
    /// Leaves in the page.
    pub count: u32,
    /// Zero.
    pub padding1: [u8; 4],
    /// Its restoration.
    pub restoration: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
}

const _: () = assert!(core::mem::size_of::<ClaimPage>() == 80 && core::mem::align_of::<ClaimPage>() == 4);

/// Where the claims of one owner go while the owner cannot be paid.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::CLAIM_REDIRECT))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ClaimRedirect {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Its domain.
    pub domain: Pubkey,
    /// The restoration whose claims it is about, and no other's.
    pub restoration: Pubkey,
    /// Owner of the leaves.
    pub owner: Pubkey,
    /// Token account that is paid in its place.
    pub destination: Pubkey,
    /// Who held that account when it was approved, and has to hold it still.
    pub holder: Pubkey,
    /// Slot the proposal was made in: a later one names another account in its place.
    pub proposed_slot: u64,
}

const _: () = assert!(core::mem::size_of::<ClaimRedirect>() == 176 && core::mem::align_of::<ClaimRedirect>() == 8);
