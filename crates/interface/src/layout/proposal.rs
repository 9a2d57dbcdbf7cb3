//! Proposals: the only path to anything looser.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// Header of a proposal; `payload_len` bytes of Borsh-encoded arguments follow it.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PROPOSAL))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Proposal {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::proposal_state`.
    pub state: u8,
    /// Bits of `constants::proposal_flag`.
    pub flags: u8,
    /// Number of a `ProposalKind`.
    pub kind: u8,
    /// One of `constants::class`.
    pub class: u8,
    /// Bit i: member i approves.
    pub approvals: u16,
    /// Index among its proposer's proposals.
    pub index: u64,
    /// Council epoch it was made in.
    pub config_epoch: u64,
    /// Slot it was made or last edited in. Approvals must name it.
    pub created_slot: u64,
    /// When it was made or last edited. Unix seconds.
    pub created_ts: i64,
    /// When the threshold was reached, or 0. Withdrawing an approval resets it.
    pub approved_ts: i64,
    /// Slot the threshold was reached in, or 0. Reset likewise.
    pub approved_slot: u64,
    /// Last moment of execution. Unix seconds.
    pub expires_ts: i64,
    /// Its domain.
    pub domain: Pubkey,
    /// Who made it and may edit it.
    pub proposer: Pubkey,
    /// Who paid for it and gets the rent back.
    pub payer: Pubkey,
    /// SHA-256 of kind byte and payload. Approvals must name it.
    pub payload_hash: [u8; 32],
    /// Bytes of payload after the header.
    pub payload_len: u16,
    /// Bit i: this proposal would remove member i's vetoer role. Member i's veto alone does not stop it.
    pub removes: u16,
    /// Bit i: member i has vetoed.
    pub vetoes: u16,
    /// Its proposer's index among the members, or 16 for the fallback.
    pub place: u8,
    /// Zero.
    pub padding: u8,
}

const _: () = assert!(core::mem::size_of::<Proposal>() == 200 && core::mem::align_of::<Proposal>() == 8);
