//! Insurance: capital that covers the shortfall of a ledger's restorations, for a premium.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{INSURED_DETECTORS, INSURED_VAULTS};

/// What stakers of a pool agree to.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct InsuranceTerms {
    /// How long staked shares stay after their cooldown began.
    pub cooldown_seconds: i64,
    /// How long cooled shares may be unstaked afterwards.
    pub window_seconds: i64,
    /// The longest time that incidents keep exits closed before exits are open for a whole window.
    pub freeze_seconds: i64,
    /// How long a restoration may be funded otherwise before stakers are slashed.
    pub funding_seconds: i64,
    /// Assets that no shortfall may take.
    pub minimum_assets: u64,
    /// Largest part of the assets that one restoration may take, in bps.
    pub cap_bps: u16,
    /// Zero.
    pub padding: [u8; 6],
    /// The vaults that back the ledger. What they and their recovery accounts hold is not part of a shortfall. Zero in
    /// unused rows.
    pub vaults: [Pubkey; INSURED_VAULTS],
    /// Detectors whose latch closes exits before anybody propagates it. Zero in unused rows.
    pub detectors: [Pubkey; INSURED_DETECTORS],
}

const _: () = assert!(core::mem::size_of::<InsuranceTerms>() == 304 && core::mem::align_of::<InsuranceTerms>() == 8);

/// An insurance pool of one ledger.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::INSURANCE_POOL))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct InsurancePool {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::insurance_flag`.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Order of loss: a pool pays only after the pools of every lower order have paid all they cover.
    pub order: u8,
    /// Decimals of the mint.
    pub decimals: u8,
    /// Zero.
    pub padding: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// Token that is staked: the ledger's.
    pub mint: Pubkey,
    /// Token account that holds the stakes and premiums. Its authority is the pool.
    pub tokens: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// The incident that was noted last, until its end is noted; or zero.
    pub incident: Pubkey,
    /// Number of the incident to note next. Earlier incidents are noted, or older than the pool.
    pub next_incident: u64,
    /// What the shares are worth, `reserve` included. Tokens that nobody staked or paid are not in it.
    pub assets: u64,
    /// Sum of all stakers' shares.
    pub shares: u64,
    /// Part of the assets that stated shortfalls may still take. Whoever leaves leaves its share of it behind.
    pub reserve: u64,
    /// Premium that was paid and is not earned yet.
    pub premium: u64,
    /// Time until which the premium was earned. Unix seconds.
    pub premium_ts: i64,
    /// When all of the premium is earned. Unix seconds.
    pub premium_end_ts: i64,
    /// When the present series of closures began. Unix seconds.
    pub freeze_start_ts: i64,
    /// When it ends at the latest. Unix seconds.
    pub freeze_end_ts: i64,
    /// End of its last closure so far. Unix seconds.
    pub freeze_last_ts: i64,
    /// When `next_terms` take effect at the earliest. Unix seconds.
    pub terms_ts: i64,
    /// Creation slot of the proposal that set the terms last, or 0. An older proposal does not replace them.
    pub decided_slot: u64,
    /// Sum of all that was slashed. Native units.
    pub slashed: u64,
    /// The terms in force.
    pub terms: InsuranceTerms,
    /// Terms that were announced, with `insurance_flag::TERMS_ANNOUNCED`.
    pub next_terms: InsuranceTerms,
    /// Zero; room for later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<InsurancePool>() == 944 && core::mem::align_of::<InsurancePool>() == 8);

/// What one owner staked in a pool.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::INSURANCE_STAKE))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct InsuranceStake {
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
    /// The pool.
    pub pool: Pubkey,
    /// Who staked. Gets the rent when nothing is left.
    pub owner: Pubkey,
    /// Its shares. They are slashable until they are unstaked.
    pub shares: u64,
    /// Part of them whose cooldown began.
    pub cooling: u64,
    /// When the cooldown ends. Unix seconds.
    pub cooldown_end_ts: i64,
    /// When the window to unstake ends. Unix seconds.
    pub window_end_ts: i64,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<InsuranceStake>() == 136 && core::mem::align_of::<InsuranceStake>() == 8);

/// What a pool owes to one restoration.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::INSURANCE_COVER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct InsuranceCover {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Order of the pool.
    pub order: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// The pool.
    pub pool: Pubkey,
    /// The restoration.
    pub restoration: Pubkey,
    /// What the restoration's claims lacked when the pool of order 0 stated it.
    pub shortfall: u64,
    /// Sum of the limits of all pools of lower order.
    pub before: u64,
    /// The most that this pool pays.
    pub limit: u64,
    /// What it still holds back.
    pub reserve: u64,
    /// What it paid.
    pub slashed: u64,
    /// What was recovered later and returned to the pool.
    pub returned: u64,
    /// The least that custody of the pool's vaults held when the shortfall was stated. What custody holds above it
    /// arrived later.
    pub custody: u64,
    /// When the pool may be slashed. Unix seconds.
    pub due_ts: i64,
    /// When it may no longer be slashed and the rest of the reserve is free. Unix seconds.
    pub end_ts: i64,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<InsuranceCover>() == 176 && core::mem::align_of::<InsuranceCover>() == 8);
