//! Ballots: token holders choose the state to restart from.

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
    /// Its root when it was put on the ballot. The vote is on this root, even if the snapshot account changes later.
    pub root: [u8; 32],
    /// The member that nominated it, or zero for the snapshot read in the incident itself.
    pub nominator: Pubkey,
    /// Votes for it, by weight.
    pub votes: u64,
}

const _: () = assert!(core::mem::size_of::<Candidate>() == 104 && core::mem::align_of::<Candidate>() == 8);

/// One vote on the states a ledger could restart from.
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
    /// When it was opened or run again. Unix seconds.
    pub nominating_ts: i64,
    /// When voting starts. Unix seconds, 0 while nominating.
    pub starts_ts: i64,
    /// When voting ends. Unix seconds.
    pub ends_ts: i64,
    /// Minimum total weight of votes. Native units of the governance token.
    pub quorum: u64,
    /// Votes for no candidate, by weight.
    pub none_votes: u64,
    /// The candidates.
    pub candidates: [Candidate; MAX_CANDIDATES],
    /// The snapshot that won before the vote was run again, or zero. It can be restored until another vote has a
    /// result.
    pub elected: Pubkey,
    /// Its root when it was voted on.
    pub elected_root: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<Ballot>() == 1008 && core::mem::align_of::<Ballot>() == 8);

/// Tokens deposited into an escrow at about the same time.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct VoteDeposit {
    /// Time of the last deposit included. Unix seconds.
    pub ts: i64,
    /// Amount that is still in the escrow. Native units.
    pub amount: u64,
}

const _: () = assert!(core::mem::size_of::<VoteDeposit>() == 16 && core::mem::align_of::<VoteDeposit>() == 8);

/// One voter's escrowed governance tokens.
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
    /// Amount in escrow. Native units.
    pub amount: u64,
    /// Earliest time of withdrawal. Unix seconds.
    pub locked_until: i64,
    /// Its domain.
    pub domain: Pubkey,
    /// Its owner.
    pub voter: Pubkey,
    /// Recent deposits, part of `amount`, in no order. Tracked because a vote may be under way that began before them.
    pub recent: [VoteDeposit; RECENT_DEPOSITS],
}

const _: () = assert!(core::mem::size_of::<VoterEscrow>() == 152 && core::mem::align_of::<VoterEscrow>() == 8);

/// One voter's vote. The account's existence prevents a second vote.
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
    /// The round of the ballot the vote was cast in.
    pub round: u16,
    /// Weight of the vote. Native units.
    pub weight: u64,
    /// Its ballot.
    pub ballot: Pubkey,
    /// Who voted.
    pub voter: Pubkey,
}

const _: () = assert!(core::mem::size_of::<VoteRecord>() == 80 && core::mem::align_of::<VoteRecord>() == 8);
