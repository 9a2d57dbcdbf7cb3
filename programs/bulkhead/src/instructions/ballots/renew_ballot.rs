//! A guardian or an approver holds a vote again that ended without a winner: voting -> nominating.
//!
//! Without it one vote below the quorum would leave the domain held for ever. A ballot that has a
//! winner can never be renewed, unless it chose a snapshot that has become void: then that candidate
//! goes. The others stay; votes and their records belong to the old round.

use anchor_lang::prelude::*;
use bulkhead_core::ballot::renew;
use bulkhead_interface::{
    constants::snapshot_state,
    layout::{Ballot, Snapshot},
};

use super::{authority::*, ballot_error};
use crate::{current::Current, error::BulkheadError, events::BallotRenewed};

#[event_cpi]
#[derive(Accounts)]
pub struct RenewBallot<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut)]
    pub ballot: AccountLoader<'info, Ballot>,
    /// A candidate that has become void, if there is one.
    #[account(constraint = void.current()?.state == snapshot_state::VOID @ BulkheadError::CheckpointStands)]
    pub void: Option<AccountLoader<'info, Snapshot>>,
}

pub fn handle_renew_ballot(ctx: Context<RenewBallot>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.council.authorize()?;
    let now = Clock::get()?.unix_timestamp;
    let round = {
        let mut ballot = accounts.ballot.current_mut()?;
        accounts.council.require_current(&ballot)?;
        let void = accounts.void.as_ref().map(Key::key);
        renew(&mut ballot, void.as_ref(), now).map_err(ballot_error)?;
        ballot.round
    };
    emit_cpi!(BallotRenewed {
        ballot: accounts.ballot.key(),
        round,
    });
    Ok(())
}
