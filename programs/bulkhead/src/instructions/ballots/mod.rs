//! Token holders choose the state to restore: escrow, nomination, vote.

mod add_candidate;
mod authority;
mod cast_vote;
mod close_vote_record;
mod deposit_votes;
mod open_ballot;
mod open_escrow;
mod open_vote_custody;
mod renew_ballot;
mod set_ballot_rules;
mod start_voting;
mod withdraw_votes;

pub use {
    add_candidate::*, authority::*, cast_vote::*, close_vote_record::*, deposit_votes::*, open_ballot::*,
    open_escrow::*, open_vote_custody::*, renew_ballot::*, set_ballot_rules::*, start_voting::*, withdraw_votes::*,
};
