//! Anyone opens the ballot over one ledger of the open incident.
//!
//! The ballot accepts candidates from then on. There is one ballot per incident and ledger. The ledger's number must be
//! registered. The ballot keeps the domain's rules of ballots, which were fixed in peace.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewBallot};
use bulkhead_interface::{
    layout::{Ballot, BallotRules, Incident, Ledger, space},
    seeds::{SEED_BALLOT, SEED_BALLOT_RULES},
};

use super::authority::*;
use crate::{
    authority::core_error,
    current::{Current, if_there},
    error::BulkheadError,
    events::BallotOpened,
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(ledger_index: u8)]
pub struct OpenBallot<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        constraint = incident.current()?.domain == council.domain.key() @ BulkheadError::ForeignAccount,
        constraint = council.domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen
    )]
    pub incident: AccountLoader<'info, Incident>,
    /// CHECK: the ledger with this number; the act returns a named error if none is registered.
    pub ledger: UncheckedAccount<'info>,
    /// CHECK: the domain's rules of ballots, by address; it may have none.
    #[account(seeds = [SEED_BALLOT_RULES, council.domain.key().as_ref()], bump)]
    pub rules: UncheckedAccount<'info>,
    #[account(
        init, payer = payer, space = space::<Ballot>(),
        seeds = [SEED_BALLOT, incident.key().as_ref(), &[ledger_index]], bump
    )]
    pub ballot: AccountLoader<'info, Ballot>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_ballot(ctx: Context<OpenBallot>, ledger_index: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let (domain, incident) = (accounts.council.domain.key(), accounts.incident.key());
    {
        let new = NewBallot {
            domain,
            incident,
            bump: ctx.bumps.ballot,
            ledger_index,
        };
        let state = accounts.council.domain.current()?;
        let ledger = if_there::<Ledger>(&accounts.ledger)?;
        let rules = if_there::<BallotRules>(&accounts.rules)?;
        let found = (ledger.as_deref(), rules.as_deref());
        let mut ballot = accounts.ballot.load_init()?;
        let now = Clock::get()?.unix_timestamp;
        acts::open_ballot(&state, found, &mut ballot, &new, now).map_err(core_error)?;
    }
    emit_cpi!(BallotOpened {
        domain,
        incident,
        ballot: accounts.ballot.key(),
        ledger_index,
    });
    Ok(())
}
