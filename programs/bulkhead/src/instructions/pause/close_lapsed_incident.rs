//! Anyone closes an incident that nobody confirmed, once every timed pause has run out.
//!
//! It opens nothing: the masks had lapsed before. Without it a false alarm would leave the domain
//! in alert for ever and no later breach could open an incident of its own.

use anchor_lang::prelude::*;
use bulkhead_core::{
    board,
    incident::mark,
    phase::{Event, after},
};
use bulkhead_interface::{
    constants::{incident_state, step},
    layout::{Domain, Incident, PauseBoard},
};

use crate::{current::Current, error::BulkheadError, events::IncidentLapsed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseLapsedIncident<'info> {
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = board.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    #[account(mut, constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
}

pub fn handle_close_lapsed_incident(ctx: Context<CloseLapsedIncident>) -> Result<()> {
    let clock = Clock::get()?;
    {
        let mut domain = ctx.accounts.domain.current_mut()?;
        let next = after(domain.state, Event::Lapse).map_err(|_| BulkheadError::WrongPhase)?;
        require!(
            !board::is_timed_pause_in_force(&*ctx.accounts.board.current()?, clock.unix_timestamp),
            BulkheadError::PauseInForce
        );
        domain.state = next;
        domain.open_incident = Pubkey::default();
        let mut incident = ctx.accounts.incident.current_mut()?;
        incident.state = incident_state::CLOSED;
        mark(&mut incident, step::REOPEN, clock.slot, clock.unix_timestamp);
    }
    emit_cpi!(IncidentLapsed {
        domain: ctx.accounts.domain.key(),
        incident: ctx.accounts.incident.key(),
    });
    Ok(())
}
