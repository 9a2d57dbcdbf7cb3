//! A guardian or an approver starts the vote: nominating -> voting.
//!
//! The vote lasts as long as the domain says, and its quorum is a share of the governance token's
//! supply at this moment. Nothing can shorten it or change the candidates from here on.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::{
    ballot::{quorum_ceil, start},
    incident::mark,
};
use bulkhead_interface::{
    constants::step,
    layout::{Ballot, Incident},
};

use super::{authority::*, ballot_error};
use crate::{current::Current, error::BulkheadError, events::VotingStarted};

#[event_cpi]
#[derive(Accounts)]
pub struct StartVoting<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut, constraint = council.domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub ballot: AccountLoader<'info, Ballot>,
    #[account(address = council.domain.current()?.governance_mint @ BulkheadError::ForeignAccount)]
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
}

pub fn handle_start_voting(ctx: Context<StartVoting>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.council.authorize()?;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let event = {
        let mut ballot = accounts.ballot.current_mut()?;
        accounts.council.require_current(&ballot)?;
        let domain = accounts.council.domain.current()?;
        let quorum = quorum_ceil(accounts.governance_mint.supply, domain.quorum_bps).ok_or(BulkheadError::Overflow)?;
        start(&mut ballot, quorum, domain.vote_seconds, now).map_err(ballot_error)?;
        mark(&mut *accounts.incident.current_mut()?, step::BALLOT, clock.slot, now);
        VotingStarted {
            ballot: accounts.ballot.key(),
            round: ballot.round,
            starts_ts: ballot.starts_ts,
            ends_ts: ballot.ends_ts,
            quorum,
        }
    };
    emit_cpi!(event);
    Ok(())
}
