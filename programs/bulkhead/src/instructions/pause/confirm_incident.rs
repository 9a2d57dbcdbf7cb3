//! A guardian confirms the open incident. At the council's threshold the domain is frozen.
//!
//! Each guardian sends one transaction, so nobody has to gather signatures in an emergency. A freeze lasts until a
//! proposal unpauses it, and closes everything except claims: a ledger that still changes cannot be read. Confirmations
//! of an earlier council do not count. Neither do confirmations of silent guardians, but nobody waits for those.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Domain, Incident, PauseBoard};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::{DomainFrozen, IncidentConfirmed},
};

#[event_cpi]
#[derive(Accounts)]
pub struct ConfirmIncident<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = board.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    #[account(mut, constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
}

pub fn handle_confirm_incident(ctx: Context<ConfirmIncident>) -> Result<()> {
    let at = clock()?;
    let guardian = ctx.accounts.guardian.key();
    let confirmed = acts::confirm_incident(
        &mut *ctx.accounts.domain.current_mut()?,
        &*ctx.accounts.council.current()?,
        &mut *ctx.accounts.board.current_mut()?,
        &mut *ctx.accounts.incident.current_mut()?,
        &guardian,
        at,
    )
    .map_err(core_error)?;
    let incident = ctx.accounts.incident.key();
    emit_cpi!(IncidentConfirmed {
        incident,
        guardian,
        confirmations: confirmed.confirmations,
    });
    if confirmed.is_reached {
        emit_cpi!(DomainFrozen {
            domain: ctx.accounts.domain.key(),
            incident,
        });
    }
    Ok(())
}
