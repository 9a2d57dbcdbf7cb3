//! A guardian or an approver starts the vote, at the earliest one day after nominations began: nominating -> voting.
//!
//! During the first week the incident's own snapshot must be on the ballot. After that week nobody has to be waited
//! for: anyone may start the vote with the candidates that are there.
//!
//! The vote lasts as long as the domain's configuration says. Its quorum is a share of the governance token's supply at
//! this moment, or of the weight that the registered plug-in's record states. From here on nothing can shorten the vote
//! or change the candidates. Where the ballot's rules have a dispute window, the candidates must have stood for it; each
//! change of the list begins it again, until an end that nobody moves.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::Mint;
use bulkhead_core::acts::{self, Electorate};
use bulkhead_interface::layout::{Ballot, Incident};

use super::authority::*;
use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::VotingStarted,
};

#[event_cpi]
#[derive(Accounts)]
pub struct StartVoting<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut, constraint = council.domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut, constraint = ballot.current()?.domain == council.domain.key() @ BulkheadError::ForeignAccount)]
    pub ballot: AccountLoader<'info, Ballot>,
    #[account(address = council.domain.current()?.governance_mint @ BulkheadError::ForeignAccount)]
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
    /// The plug-in's record of all weight, if the ballot's rules name one.
    /// CHECK: the act compares address, owner and contents.
    pub max_weight: Option<UncheckedAccount<'info>>,
}

pub fn handle_start_voting(ctx: Context<StartVoting>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let max_weight = accounts.max_weight.as_deref();
        let data = max_weight.map(|account| account.try_borrow_data()).transpose()?;
        let electorate = Electorate {
            supply: accounts.governance_mint.supply,
            max_weight: max_weight.zip(data.as_ref()).map(weight_account),
        };
        let mut ballot = accounts.ballot.current_mut()?;
        acts::start_voting(
            &*accounts.council.domain.current()?,
            &*accounts.council.council.current()?,
            &mut *accounts.incident.current_mut()?,
            &mut ballot,
            accounts.council.member.key,
            electorate,
            clock()?,
        )
        .map_err(core_error)?;
        VotingStarted {
            ballot: accounts.ballot.key(),
            round: ballot.round,
            starts_ts: ballot.starts_ts,
            ends_ts: ballot.ends_ts,
            quorum: ballot.quorum,
        }
    };
    emit_cpi!(event);
    Ok(())
}
