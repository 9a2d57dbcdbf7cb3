//! Domains: one protected host each.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// A failure domain: one host, its council, its board and its current phase.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::DOMAIN))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Domain {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Phase, one of `constants::phase`.
    pub state: u8,
    /// Bits of `constants::domain_flag`.
    pub flags: u8,
    /// Share of the governance supply that must vote, in bps.
    pub quorum_bps: u16,
    /// Canonical bump of the PDA of its rules of proofs, whether or not it has any.
    pub proof_rules_bump: u8,
    /// Zero.
    pub padding: u8,
    /// Key that created the domain. It has no power after activation.
    pub setup_authority: Pubkey,
    /// Council account.
    pub council: Pubkey,
    /// Pause board account.
    pub board: Pubkey,
    /// The protected program.
    pub host_program: Pubkey,
    /// Token whose holders choose the state to restart from.
    pub governance_mint: Pubkey,
    /// The open incident, or zero.
    pub open_incident: Pubkey,
    /// Slot in which the guardians last confirmed an incident or an evacuation. Proposals made in or before it did not
    /// know of it.
    pub confirmed_slot: u64,
    /// Incidents so far, which is also the next index.
    pub incident_count: u64,
    /// How long a ballot's vote lasts.
    pub vote_seconds: i64,
    /// When set-up ended. Unix seconds, 0 before.
    pub activated_ts: i64,
    /// Restoration of the open incident, or zero.
    pub restoration: Pubkey,
    /// Slot in which a proposal's instruction was last given tokens of the domain. Tokens that an earlier evacuation
    /// brought to a recovery account may be gone since.
    pub spent_slot: u64,
    /// A proposal that opens a detector must be made after this slot. It is the newest of two kinds of slot: the latch
    /// slots of closed detectors, and the slots just before the proposals that closed them.
    pub closed_slot: u64,
    /// How long a freeze may last before anyone opens the escape, or 0 for never.
    pub escape_seconds: i64,
    /// How old the check of a restored ledger may be when the domain reopens, or 0 if no check is required.
    pub restart_check_seconds: i64,
    /// Creation slot of the proposal that set these two rules, or 0. An older proposal does not replace them.
    pub rules_decided_slot: u64,
    /// When the freeze began. A freeze continues the one before until the domain was open for a day in all since then.
    /// Unix seconds, 0 if there was none.
    pub frozen_ts: i64,
    /// When the second freeze of a continued one began, or 0.
    pub refrozen_ts: i64,
    /// Open authority watches: a restart check compares all of them.
    pub watches: u32,
    /// Zero.
    pub padding1: [u8; 4],
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<Domain>() == 360 && core::mem::align_of::<Domain>() == 8);
