//! Lists of queued releases that guardians cancel.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// The queued releases of one vault that one guardian cancels in one incident, as the root of their list. There is one
/// list for each guardian, so that no guardian's list replaces another's.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::CANCEL_LIST))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct CancelList {
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
    /// Its vault.
    pub vault: Pubkey,
    /// The only incident it is valid in.
    pub incident: Pubkey,
    /// The guardian.
    pub guardian: Pubkey,
    /// Root of the list (`core::custody::release_list`).
    pub root: [u8; 32],
    /// Slot in which it was last set.
    pub slot: u64,
    /// Unix seconds.
    pub ts: i64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<CancelList>() == 168 && core::mem::align_of::<CancelList>() == 8);
