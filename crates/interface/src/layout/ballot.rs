//! Token holders choose the state.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{MAX_CANDIDATES, RECENT_DEPOSITS};

/// One state on the ballot.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Candidate {
    /// The sealed snapshot.
    pub snapshot: Pubkey,
    /// Its root when it was put on the ballot: what is voted on, whatever the account says later.
    pub root: [u8; 32],
    /// The member that put it there; zero for the snapshot that was read in the incident itself.
    pub nominator: Pubkey,
    /// Weight for it.
    pub votes: u64,
}

const _: () = assert!(core::mem::size_of::<Candidate>() == 104 && core::mem::align_of::<Candidate>() == 8);

/// One vote over the states a ledger could restart from.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::BALLOT))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Ballot {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::ballot_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Candidates in use.
    pub candidate_count: u8,
    /// Grows by one when a vote without a result is run again.
    pub round: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// Opened, or run again. Unix seconds.
    pub nominating_ts: i64,
    /// Voting starts. Unix seconds, 0 while nominating.
    pub starts_ts: i64,
    /// Voting ends. Unix seconds.
    pub ends_ts: i64,
    /// Weight that must have voted. Native units of the governance token.
    pub quorum: u64,
    /// Weight for no candidate.
    pub none_votes: u64,
    /// The candidates.
    pub candidates: [Candidate; MAX_CANDIDATES],
    /// The snapshot that won before the vote was run again, and can be restored until another vote has a result; or zero.
    pub elected: Pubkey,
    /// Its root when it was voted on.
    pub elected_root: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<Ballot>() == 1008 && core::mem::align_of::<Ballot>() == 8);

/// What came into an escrow at one time.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct VoteDeposit {
    /// When, the last of it. Unix seconds.
    pub ts: i64,
    /// How much of it is still there. Native units.
    pub amount: u64,
}

const _: () = assert!(core::mem::size_of::<VoteDeposit>() == 16 && core::mem::align_of::<VoteDeposit>() == 8);

/// Governance tokens of one voter in escrow.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::VOTER_ESCROW))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct VoterEscrow {
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
    /// Escrowed. Native units.
    pub amount: u64,
    /// Cannot be withdrawn before. Unix seconds.
    pub locked_until: i64,
    /// Its domain.
    pub domain: Pubkey,
    /// Its owner.
    pub voter: Pubkey,
    /// Of `amount`: what came lately, in no order. A vote may be under way that is older.
    pub recent: [VoteDeposit; RECENT_DEPOSITS],
}

const _: () = assert!(core::mem::size_of::<VoterEscrow>() == 152 && core::mem::align_of::<VoterEscrow>() == 8);

/// One voter's vote; its existence is what stops a second one.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::VOTE_RECORD))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct VoteRecord {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Candidate, or 255 for none.
    pub choice: u8,
    /// Zero.
    pub padding: u8,
    /// The ballot's round it was cast in.
    pub round: u16,
    /// Native units.
    pub weight: u64,
    /// Its ballot.
    pub ballot: Pubkey,
    /// Who voted.
    pub voter: Pubkey,
}

const _: () = assert!(core::mem::size_of::<VoteRecord>() == 80 && core::mem::align_of::<VoteRecord>() == 8);
