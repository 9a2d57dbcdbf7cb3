//! One guardian raises the alarm: pauses the whole domain and opens the incident's record.
//!
//! Allowed only while the domain operates, or when the open incident was decided and something newer is still in force.
//! It burns a pause right and counts towards the guardian's pause limits. It lapses like any guardian pause unless the
//! threshold confirms the incident.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewIncident};
use bulkhead_interface::{
    constants::cause,
    layout::{Council, Domain, Incident, PauseBoard, space},
    seeds::SEED_INCIDENT,
};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::IncidentOpened,
};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenIncident<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = board.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    #[account(
        init,
        payer = payer,
        space = space::<Incident>(),
        seeds = [SEED_INCIDENT, domain.key().as_ref(), &domain.current()?.incident_count.to_le_bytes()],
        bump
    )]
    pub incident: AccountLoader<'info, Incident>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_incident(ctx: Context<OpenIncident>) -> Result<()> {
    let at = clock()?;
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let new = NewIncident {
        key: accounts.incident.key(),
        bump: ctx.bumps.incident,
        domain: accounts.domain.key(),
    };
    acts::open_incident(
        &mut *accounts.domain.current_mut()?,
        &mut *accounts.council.current_mut()?,
        &mut *accounts.board.current_mut()?,
        &mut *accounts.incident.load_init()?,
        &new,
        &guardian,
        at,
    )
    .map_err(core_error)?;
    emit_cpi!(IncidentOpened {
        domain: new.domain,
        incident: new.key,
        cause: cause::GUARDIAN,
        source: guardian,
    });
    Ok(())
}
