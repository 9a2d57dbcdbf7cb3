//! Tokens in custody, and what waits to leave.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// A custody vault. Read-only on the hot path: its funds lie in a token account of their own.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::VAULT))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Vault {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::vault_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number among the vaults of this mint.
    pub index: u8,
    /// Compartment it belongs to.
    pub compartment: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// Zero.
    pub padding: [u8; 1],
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Token it holds.
    pub mint: Pubkey,
    /// The token account.
    pub custody: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Host's signer PDA that may release.
    pub operator: Pubkey,
    /// Breaker that meters releases.
    pub breaker: Pubkey,
    /// Token account an evacuation moves to, or zero.
    pub route: Pubkey,
    /// How long a queued release waits.
    pub queue_seconds: i64,
    /// Slot of the last evacuation, or 0. Releases from before it are void.
    pub evacuated_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 56],
}

const _: () = assert!(core::mem::size_of::<Vault>() == 336 && core::mem::align_of::<Vault>() == 8);

/// An outflow that was over a limit and waits.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::RELEASE))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Release {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::release_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Number the caller chose.
    pub index: u64,
    /// Asked for. Native units.
    pub amount: u64,
    /// Paid so far. Native units.
    pub paid: u64,
    /// Unix seconds.
    pub requested_ts: i64,
    /// First moment it may be paid.
    pub payable_ts: i64,
    /// Slot it was asked for.
    pub requested_slot: u64,
    /// Its vault.
    pub vault: Pubkey,
    /// Token account it pays.
    pub destination: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
}

const _: () = assert!(core::mem::size_of::<Release>() == 152 && core::mem::align_of::<Release>() == 8);
