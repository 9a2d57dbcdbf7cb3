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
    /// Candidate number; 255 for none; 254 for a plug-in's weight that was noted before the vote.
    pub choice: u8,
    pub weight: u64,
}

#[event]
pub struct VoteRecordClosed {
    pub ballot: Pubkey,
    pub voter: Pubkey,
}

#[event]
pub struct BallotRulesSet {
    pub domain: Pubkey,
    pub weight_program: Pubkey,
    pub weight_realm: Pubkey,
    pub max_weight_record: Pubkey,
    pub is_targeted: bool,
    pub cool_off_seconds: i64,
    pub dispute_seconds: i64,
}

#[event]
pub struct BallotVetoed {
    pub ballot: Pubkey,
    pub vetoer: Pubkey,
    /// The round that begins.
    pub round: u16,
}

#[event]
pub struct BallotRenewed {
    pub ballot: Pubkey,
    pub round: u16,
}
