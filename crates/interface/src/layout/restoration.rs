//! Restorations: paying every account its share.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// The chosen state and the funds for it.
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
    /// One of `constants::restoration_state`.
    pub state: u8,
    /// Bits of `constants::restoration_flag`.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// How many days claims run after `counted_ts`, or 0 for no end.
    pub claim_days: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The snapshot of the chosen state.
    pub snapshot: Pubkey,
    /// Token that claims are paid in.
    pub mint: Pubkey,
    /// Token account that claims are paid from.
    pub pool: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Sum of all claims.
    pub total: u64,
    /// Number of claims.
    pub count: u64,
    /// Total shared out so far. It only grows, up to `total`.
    pub shared: u64,
    /// Total paid so far, at most `shared`.
    pub paid: u64,
    /// Slot in which the state was chosen.
    pub chosen_slot: u64,
    /// The books that record what each claim was paid: the restoration's own, under its own address, or those that the
    /// interim share-out began for the chosen state. Pages of claims belong to it.
    pub book: Pubkey,
    /// Owner of the associated token account that receives what was not claimed in time. Zero if claims have no end.
    pub rest_owner: Pubkey,
    /// When the state was chosen, or the last notable amount shared out. Unix seconds.
    pub counted_ts: i64,
    /// `shared` at that time.
    pub counted_shared: u64,
    /// [`ClaimTerms::decided_slot`] of the terms that were copied. The successor that they name counts only as long as
    /// they are the same.
    pub terms_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<Restoration>() == 344 && core::mem::align_of::<Restoration>() == 8);

/// How long the claims of a ledger's restorations run, and who receives the rest. Copied when a state is chosen.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::CLAIM_TERMS))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ClaimTerms {
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
    /// Zero.
    pub padding: u8,
    /// How many days claims run, or 0 for no end.
    pub claim_days: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Owner of the associated token account that receives what was not claimed in time. Zero if claims have no end.
    pub rest_owner: Pubkey,
    /// Creation slot of the proposal that set them, or 0. An older proposal does not replace them.
    pub decided_slot: u64,
    /// PDA of the program that may consume claims after the owners' notice, or zero. Not copied: restorations compare
    /// `decided_slot`.
    pub successor: Pubkey,
}

const _: () = assert!(core::mem::size_of::<ClaimTerms>() == 112 && core::mem::align_of::<ClaimTerms>() == 8);

/// A ledger that was found covered after its restoration: the vaults hold what the host owes. Reopening requires a
/// recent one, if the domain says so.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::RESTART_CHECK))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct RestartCheck {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::restart_flag`.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Its domain.
    pub domain: Pubkey,
    /// The incident after which it was made.
    pub incident: Pubkey,
    /// The host's own total. Native units.
    pub owed: u64,
    /// What the vaults that back the ledger held. Native units.
    pub held: u64,
    /// Slot it was made in.
    pub slot: u64,
    /// Unix seconds.
    pub ts: i64,
    /// Creation slot of the proposal that accepted a difference, or 0.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<RestartCheck>() == 128 && core::mem::align_of::<RestartCheck>() == 8);

/// Header of one page of claims. After it come eight bytes per leaf: the amount paid so far on leaf `page * 1,024 + i`.
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
    /// The books it is a page of: [`Restoration::book`]. Those of a restoration have its address. An interim share-out
    /// has two: its own address for the leaves of the snapshot, and the checkpoint's snapshot for those of the
    /// checkpoint.
    pub restoration: Pubkey,
    /// Who paid the rent and gets it back.
    pub payer: Pubkey,
}

const _: () = assert!(core::mem::size_of::<ClaimPage>() == 80 && core::mem::align_of::<ClaimPage>() == 4);

/// Where the claims of one owner go: by proposal, while that owner cannot be paid, in one restoration; or as the owner
/// wishes, in every restoration of a domain.
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
    /// One of `constants::claim_wish`; 0 when a proposal made it.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Its domain.
    pub domain: Pubkey,
    /// The only restoration whose claims it covers. Zero for an owner's wish, which covers all of the domain.
    pub restoration: Pubkey,
    /// Owner of the leaves.
    pub owner: Pubkey,
    /// Token account that is paid instead. Zero for an owner's wish.
    pub destination: Pubkey,
    /// Holder of that account when the redirect was approved. Payment requires the same holder. For an owner's wish, the
    /// address whose associated token account is paid, or that may consume the claims.
    pub holder: Pubkey,
    /// Slot the proposal was made in, or the wish. A later proposal replaces the account.
    pub proposed_slot: u64,
}

const _: () = assert!(core::mem::size_of::<ClaimRedirect>() == 176 && core::mem::align_of::<ClaimRedirect>() == 8);
