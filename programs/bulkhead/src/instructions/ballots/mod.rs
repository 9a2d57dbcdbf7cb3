//! Token holders choose the state to restart from: escrow, nomination, vote.

mod add_candidate;
mod authority;
mod cast_vote;
mod close_vote_record;
mod deposit_votes;
mod open_ballot;
mod open_escrow;
mod open_vote_custody;
mod renew_ballot;
mod start_voting;
mod withdraw_votes;

pub use {
    add_candidate::*, authority::*, cast_vote::*, close_vote_record::*, deposit_votes::*, open_ballot::*,
    open_escrow::*, open_vote_custody::*, renew_ballot::*, start_voting::*, withdraw_votes::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::{ballot::BallotError, escrow::EscrowError};

use crate::error::BulkheadError;

/// Names the program's error for a broken rule of `core::ballot`.
pub(crate) fn ballot_error(error: BallotError) -> Error {
    use BallotError as E;
    match error {
        E::NotNominating => BulkheadError::BallotNotNominating,
        E::NotVoting => BulkheadError::BallotNotVoting,
        E::StillVoting => BulkheadError::BallotStillVoting,
        E::CandidateRefused => BulkheadError::CandidateRefused,
        E::NoSuchCandidate => BulkheadError::NoSuchCandidate,
        E::NoWeight => BulkheadError::EscrowTooSmall,
        E::QuorumNotReached => BulkheadError::QuorumNotReached,
        E::NotTheWinner => BulkheadError::NotTheWinner,
        E::HasWinner => BulkheadError::BallotDecided,
        E::Overflow => BulkheadError::Overflow,
    }
    .into()
}

/// Names the program's error for a broken rule of `core::escrow`.
fn escrow_error(error: EscrowError) -> Error {
    match error {
        EscrowError::Locked => BulkheadError::EscrowLocked,
        EscrowError::TooSmall => BulkheadError::EscrowTooSmall,
        EscrowError::Overflow => BulkheadError::Overflow,
    }
    .into()
}
