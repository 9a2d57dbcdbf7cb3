//! Vaults: tokens in custody, and releases waiting to be paid.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::latch::{Latch, begins_like_a_detector};

/// Amounts moved by the last incident that evacuated a vault, totalled over its moves: before = moved + fee + after.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Evacuation {
    /// The incident, or zero.
    pub incident: Pubkey,
    /// The evacuation route it was moved to.
    pub destination: Pubkey,
    /// Balance before the first move, plus what later moves found.
    pub before: u64,
    /// Arrived at the destination.
    pub moved: u64,
    /// Withheld by the token program.
    pub fee: u64,
    /// Left behind.
    pub after: u64,
    /// Slot of the last evacuation, even if it moved nothing.
    pub slot: u64,
    /// When tokens were last moved in this incident, or 0 if none were. Unix seconds.
    pub ts: i64,
    /// Part of `moved` that went on into the pool of the ledger's restoration.
    pub drawn: u64,
}

const _: () = assert!(core::mem::size_of::<Evacuation>() == 120 && core::mem::align_of::<Evacuation>() == 8);

/// A custody vault. It also watches its evacuation route. Its funds are in a separate token account.
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
    /// Bits of `constants::vault_flag`.
    pub flags: u8,
    /// Compartment it belongs to.
    pub compartment: u8,
    /// Number among the vaults of this mint.
    pub index: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// The fault found at the last observation of its evacuation route: one of `constants::route_fault`.
    pub route_fault: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Trips when its evacuation route cannot be paid or belongs to someone else.
    pub latch: Latch,
    /// Token it holds.
    pub mint: Pubkey,
    /// Token account that holds the funds.
    pub custody: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Host's signer PDA that may request releases.
    pub operator: Pubkey,
    /// Breaker that meters releases.
    pub breaker: Pubkey,
    /// Token account that receives an evacuation, or zero.
    pub route: Pubkey,
    /// Holder of the evacuation route when it was registered.
    pub route_holder: Pubkey,
    /// When the evacuation route was last observed. Unix seconds.
    pub route_ts: i64,
    /// How long a queued release waits.
    pub queue_seconds: i64,
    /// Slot in which its last evacuation was confirmed, or 0. It pays again after an unpause that was proposed later.
    pub evacuated_slot: u64,
    /// Incidents it was evacuated in. Releases requested before the last of them stand still: a claim pays them, or
    /// the vault once they are back in its queue.
    pub evacuations: u32,
    /// The fault that latched last. Zero once the evacuation route was observed to be sound again.
    pub latched_fault: u8,
    /// Number of the only ledger whose claims its tokens pay after an evacuation, or `constants::NO_LEDGER`.
    pub ledger: u8,
    /// Number of the ledger that reads its queue, with `constants::vault_flag::QUEUE_LEDGER`.
    pub queue_ledger: u8,
    /// Zero.
    pub padding: u8,
    /// Its last evacuation.
    pub evacuation: Evacuation,
    /// Root of the list of queued releases that governance cancels (`core::release_list`), or zero.
    pub cancel_root: [u8; 32],
    /// Creation slot of the proposal that set that list, or 0. An older proposal does not replace it.
    pub cancel_decided_slot: u64,
    /// Creation slot of the proposal that set the evacuation route, or 0. An older proposal does not replace it.
    pub route_decided_slot: u64,
    /// What its queue is owed: the unpaid parts of all queued releases that no restoration pays. Native units.
    pub queued: u64,
}

begins_like_a_detector!(Vault);
const _: () = assert!(core::mem::size_of::<Vault>() == 560 && core::mem::align_of::<Vault>() == 8);

/// An outflow that exceeded a limit and is queued.
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
    /// The vault's `evacuations` when the release was requested, or came back to the queue.
    pub evacuations: u32,
    /// Number the caller chose.
    pub index: u64,
    /// Requested amount. Native units.
    pub amount: u64,
    /// Paid so far. Native units.
    pub paid: u64,
    /// When it was requested. Unix seconds.
    pub requested_ts: i64,
    /// Earliest time it may be paid. Unix seconds.
    pub payable_ts: i64,
    /// Slot in which it was requested.
    pub requested_slot: u64,
    /// Its vault.
    pub vault: Pubkey,
    /// Token account that is paid.
    pub destination: Pubkey,
    /// Holder of the destination when it was named. The claim is theirs, and they may name another destination.
    pub owner: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
}

const _: () = assert!(core::mem::size_of::<Release>() == 184 && core::mem::align_of::<Release>() == 8);
