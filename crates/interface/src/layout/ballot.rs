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

/// Rules of a domain's ballots, fixed in peace. A ballot copies them when it is opened.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::BALLOT_RULES))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct BallotRules {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::ballot_flag`.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Its domain.
    pub domain: Pubkey,
    /// Program of the voter-weight plug-in, or zero if escrowed tokens vote.
    pub weight_program: Pubkey,
    /// Realm of the plug-in's records.
    pub weight_realm: Pubkey,
    /// The plug-in's record of all weight there is, or zero if the quorum is a share of the token's supply.
    pub max_weight_record: Pubkey,
    /// At the end of a vote, how long only votes for none count.
    pub cool_off_seconds: i64,
    /// How long candidates must have stood before a vote starts, and how long its result can be vetoed.
    pub dispute_seconds: i64,
    /// Creation slot of the proposal that set them, or 0. An older proposal does not replace them.
    pub decided_slot: u64,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<BallotRules>() == 192 && core::mem::align_of::<BallotRules>() == 8);

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
    /// Bits of `constants::ballot_flag`.
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
    /// Program of the voter-weight plug-in, or zero if escrowed tokens vote.
    pub weight_program: Pubkey,
    /// Realm of the plug-in's records.
    pub weight_realm: Pubkey,
    /// Governance token of the plug-in's records.
    pub weight_mint: Pubkey,
    /// The plug-in's record of all weight there is, or zero if the quorum is a share of the token's supply.
    pub max_weight_record: Pubkey,
    /// Root of the result that the council vetoed last, or zero. It is not vetoed again.
    pub vetoed_root: [u8; 32],
    /// When a candidate was last added or brought up to date. Unix seconds.
    pub changed_ts: i64,
    /// When this round's first candidate was added. Unix seconds.
    pub first_ts: i64,
    /// At the end of the vote, how long only votes for none count.
    pub cool_off_seconds: i64,
    /// How long candidates must have stood before the vote starts, and how long its result can be vetoed.
    pub dispute_seconds: i64,
    /// All weight there is by the plug-in's record, or 0 without such a record. More votes than that have no winner.
    pub max_weight: u64,
    /// Votes for none that were cast while the vote cooled off. They count against every candidate and not for the quorum.
    pub late_votes: u64,
    /// Vetoes so far.
    pub vetoes: u8,
    /// Zero.
    pub padding: [u8; 7],
}

const _: () = assert!(core::mem::size_of::<Ballot>() == 1224 && core::mem::align_of::<Ballot>() == 8);

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
    /// Candidate, 255 for none, or 254 for a plug-in's weight that was noted and not cast.
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
