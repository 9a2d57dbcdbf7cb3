//! A guardian confirms the open incident; at the council's threshold the domain is held.
//!
//! One transaction a guardian, so that nobody has to gather signatures in an emergency. A hold
//! lasts until a proposal lifts it, and closes everything but claims: a ledger that still moves
//! cannot be read. Confirmations of an earlier council do not count.

use anchor_lang::prelude::*;
use bulkhead_core::{
    board,
    confirmation::confirm,
    incident::mark,
    phase::{Event, after},
};
use bulkhead_interface::{
    constants::{role, step},
    layout::{Council, Domain, Incident, PauseBoard},
};

use crate::{
    authority::require_member,
    current::Current,
    error::BulkheadError,
    events::{IncidentConfirmed, IncidentHeld},
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
    let clock = Clock::get()?;
    let guardian = ctx.accounts.guardian.key();
    let (confirmations, is_held) = {
        let mut domain = ctx.accounts.domain.current_mut()?;
        let council = ctx.accounts.council.current()?;
        let held = after(domain.state, Event::Confirm).map_err(|_| BulkheadError::WrongPhase)?;
        let index = require_member(&council, &guardian, role::GUARDIAN)?;
        let mut incident = ctx.accounts.incident.current_mut()?;
        let (mut confirmations, mut epoch) = (incident.confirmations, incident.config_epoch);
        let is_held =
            confirm(&mut confirmations, &mut epoch, &council, index).map_err(|_| BulkheadError::AlreadyConfirmed)?;
        (incident.confirmations, incident.config_epoch) = (confirmations, epoch);
        if is_held {
            domain.state = held;
            board::hold(&mut *ctx.accounts.board.current_mut()?);
            mark(&mut incident, step::HOLD, clock.slot, clock.unix_timestamp);
        }
        (incident.confirmations, is_held)
    };
    let incident = ctx.accounts.incident.key();
    emit_cpi!(IncidentConfirmed {
        incident,
        guardian,
        confirmations,
    });
    if is_held {
        emit_cpi!(IncidentHeld {
            domain: ctx.accounts.domain.key(),
            incident,
        });
    }
    Ok(())
}
