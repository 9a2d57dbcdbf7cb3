//! Anyone closes an incident that nobody confirmed, once every timed pause has lapsed.
//!
//! It opens nothing: the masks have already lapsed. Without it a false alarm would leave the domain in alert forever,
//! and no later breach could open its own incident.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Domain, Incident, PauseBoard};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::IncidentLapsed,
};

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
    let at = clock()?;
    acts::lapse(
        &mut *ctx.accounts.domain.current_mut()?,
        &*ctx.accounts.board.current()?,
        &mut *ctx.accounts.incident.current_mut()?,
        at,
    )
    .map_err(core_error)?;
    emit_cpi!(IncidentLapsed {
        domain: ctx.accounts.domain.key(),
        incident: ctx.accounts.incident.key(),
    });
    Ok(())
}
