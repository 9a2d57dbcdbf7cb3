//! Escrow and ballot events.

use anchor_lang::prelude::*;

#[event]
pub struct VoteCustodyOpened {
    pub domain: Pubkey,
    pub votes: Pubkey,
    pub governance_mint: Pubkey,
}

#[event]
pub struct EscrowOpened {
    pub domain: Pubkey,
    pub voter: Pubkey,
    pub escrow: Pubkey,
}

#[event]
pub struct VotesDeposited {
    pub escrow: Pubkey,
    pub voter: Pubkey,
    /// Amount that arrived, after the token's own fees.
    pub amount: u64,
    /// Escrow balance afterwards.
    pub escrowed: u64,
}

#[event]
pub struct VotesWithdrawn {
    pub escrow: Pubkey,
    pub voter: Pubkey,
    /// Amount that left the escrow.
    pub amount: u64,
    /// Escrow balance afterwards.
    pub escrowed: u64,
}

#[event]
pub struct BallotOpened {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ballot: Pubkey,
    pub ledger_index: u8,
}

#[event]
pub struct CandidateAdded {
    pub ballot: Pubkey,
    pub candidate: u8,
    pub snapshot: Pubkey,
    pub root: [u8; 32],
}

#[event]
pub struct VotingStarted {
    pub ballot: Pubkey,
    pub round: u16,
    pub starts_ts: i64,
    pub ends_ts: i64,
    pub quorum: u64,
}

#[event]
pub struct VoteCast {
    pub ballot: Pubkey,
    pub voter: Pubkey,
    /// Candidate number; 255 for none.
    pub choice: u8,
    pub weight: u64,
}

#[event]
pub struct VoteRecordClosed {
    pub ballot: Pubkey,
    pub voter: Pubkey,
}

#[event]
pub struct BallotRenewed {
    pub ballot: Pubkey,
    pub round: u16,
}
