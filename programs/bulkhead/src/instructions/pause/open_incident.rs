//! One guardian raises the alarm: pauses the whole domain and opens the incident's record.
//!
//! Only while the domain operates. Burns a pause right; lapses like any guardian's pause unless
//! the threshold confirms.

use anchor_lang::prelude::*;
use bulkhead_core::{board, incident::mark, phase};
use bulkhead_guard::board::SCOPE_DOMAIN;
use bulkhead_interface::{
    constants::{cause, role, step},
    layout::{Council, Domain, Incident, PauseBoard, space},
    seeds::SEED_INCIDENT,
};

use super::burn_pause_right;
use crate::{
    authority::require_member,
    current::Current,
    error::BulkheadError,
    events::IncidentOpened,
    incident::{Alarm, begin},
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
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let guardian = ctx.accounts.guardian.key();
    let domain_key = ctx.accounts.domain.key();
    {
        let mut domain = ctx.accounts.domain.current_mut()?;
        let mut council = ctx.accounts.council.current_mut()?;
        let index = require_member(&council, &guardian, role::GUARDIAN)?;
        burn_pause_right(&mut council, index, now)?;
        domain.state = phase::after(domain.state, phase::Event::OpenIncident).map_err(|_| BulkheadError::WrongPhase)?;
        let until = now
            .checked_add(council.contain_seconds)
            .ok_or(BulkheadError::Overflow)?;
        let mut board = ctx.accounts.board.current_mut()?;
        board::contain(&mut board, SCOPE_DOMAIN, council.default_mask, until, now)
            .map_err(|_| BulkheadError::CompartmentOutOfRange)?;
        let mut incident = ctx.accounts.incident.load_init()?;
        begin(
            &mut incident,
            &mut domain,
            ctx.accounts.incident.key(),
            domain_key,
            &Alarm {
                bump: ctx.bumps.incident,
                cause: cause::GUARDIAN,
                source: guardian,
                amount: 0,
                limit: 0,
                slot: clock.slot,
                ts: now,
            },
        )?;
        mark(&mut incident, step::PAUSE, clock.slot, now);
    }
    emit_cpi!(IncidentOpened {
        domain: domain_key,
        incident: ctx.accounts.incident.key(),
        cause: cause::GUARDIAN,
        source: guardian,
    });
    Ok(())
}
