//! The council: who may tighten, and how many approvals loosening needs.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{MAX_MEMBERS, PROPOSERS, STANDING_VETOES, class};

/// What one class of proposal needs.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Policy {
    /// Approvals needed.
    pub threshold: u8,
    /// Zero.
    pub padding: [u8; 7],
    /// Delay from the last approval needed to execution.
    pub delay_seconds: i64,
    /// Time from creation to the last moment of execution.
    pub expiry_seconds: i64,
}

const _: () = assert!(core::mem::size_of::<Policy>() == 24 && core::mem::align_of::<Policy>() == 8);

/// One member of a council: a wallet or any program-owned signer.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Member {
    /// The signer.
    pub key: Pubkey,
    /// Bits of `constants::role`.
    pub roles: u8,
    /// Pauses left. Each pause burns a right; a council change restores them.
    pub pause_rights: u8,
    /// Pauses made on `guardian_pause_day`.
    pub guardian_pauses_today: u8,
    /// Pauses made in a row, with none of them having lapsed in between.
    pub guardian_pauses_in_a_row: u8,
    /// Day of its last pause: unix seconds divided by 86,400.
    pub guardian_pause_day: u32,
    /// Last recorded activity. Unix seconds.
    pub last_active_ts: i64,
    /// The member is eligible from this time on. Set when it is active again after a silence. Unix seconds.
    pub active_from_ts: i64,
    /// Its last pause. Unix seconds.
    pub last_guardian_pause_ts: i64,
}

const _: () = assert!(core::mem::size_of::<Member>() == 64 && core::mem::align_of::<Member>() == 8);

/// The standing vetoes against one proposer.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct StandingVetoes {
    /// When each veto was given. Unix seconds. The last entry is from a silent vetoer and does not stop a council
    /// change.
    pub ts: [i64; STANDING_VETOES],
    /// Who gave each veto: the member's index plus one, or 0 for nobody.
    pub by: [u8; STANDING_VETOES],
    /// Zero.
    pub padding: [u8; 5],
}

const _: () = assert!(core::mem::size_of::<StandingVetoes>() == 32 && core::mem::align_of::<StandingVetoes>() == 8);

/// The emergency council of a domain.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::COUNCIL))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Council {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Members in use.
    pub member_count: u8,
    /// Guardians that confirm an incident or an evacuation.
    pub freeze_threshold: u8,
    /// Pause rights each guardian starts with.
    pub pause_rights: u8,
    /// Number of proposers against whom one vetoer's vetoes can stand at the same time.
    pub veto_rights: u8,
    /// Grows by one with every council change, which voids older proposals.
    pub config_epoch: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// How long a guardian's pause lasts by itself.
    pub guardian_pause_seconds: i64,
    /// How long a trip pauses by itself.
    pub trip_seconds: i64,
    /// Actions closed by a trip, and by a pause that names no actions.
    pub default_mask: u32,
    /// Pauses a guardian may make in one day, UTC.
    pub guardian_pauses_per_day: u8,
    /// Pauses a guardian may make in a row before one of their own pauses has to lapse.
    pub guardian_pauses_in_a_row: u8,
    /// Zero.
    pub padding2: [u8; 2],
    /// A member that has been silent for longer than this is not eligible.
    pub heartbeat_seconds: i64,
    /// How long there must be too few approvers before the fallback may propose a council.
    pub fallback_seconds: i64,
    /// Who proposes a council when the approvers are gone, such as a DAO or another multisig. Not a member.
    pub fallback: Pubkey,
    /// Threshold, delay and expiry by class.
    pub policies: [Policy; class::COUNT],
    /// The members.
    pub members: [Member; MAX_MEMBERS],
    /// The standing vetoes, by the proposer's index among the members. The fallback's entry is the last.
    pub vetoes: [StandingVetoes; PROPOSERS],
    /// Zero; room for later versions.
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<Council>() == 1864 && core::mem::align_of::<Council>() == 8);
