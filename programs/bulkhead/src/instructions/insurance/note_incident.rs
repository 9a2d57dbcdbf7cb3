//! Anyone tells an insurance pool of the domain's next incident: that it began, that it is over, or both.
//!
//! The pool takes incidents in order and leaves none out, so nobody can hide one behind a later one. An incident that
//! has a restoration of the pool's ledger is over only once its shortfall is stated.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{Incident, InsurancePool, Restoration},
    seeds::SEED_RESTORATION,
};

use crate::{
    authority::core_error,
    current::{Current, if_there},
    events::IncidentNoted,
};

#[event_cpi]
#[derive(Accounts)]
pub struct NoteIncident<'info> {
    #[account(mut)]
    pub pool: AccountLoader<'info, InsurancePool>,
    pub incident: AccountLoader<'info, Incident>,
    /// CHECK: the incident's restoration of the pool's ledger, by address; it may not exist.
    #[account(seeds = [SEED_RESTORATION, incident.key().as_ref(), &[pool.current()?.ledger_index]], bump)]
    pub restoration: UncheckedAccount<'info>,
}

pub fn handle_note_incident(ctx: Context<NoteIncident>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let mut pool = accounts.pool.current_mut()?;
        let incident = accounts.incident.key();
        let restoration = if_there::<Restoration>(&accounts.restoration)?;
        let noted = acts::note_incident(
            &mut pool,
            (&incident, &*accounts.incident.current()?),
            restoration.as_deref(),
        )
        .map_err(core_error)?;
        IncidentNoted {
            pool: accounts.pool.key(),
            incident,
            begun: noted.begun,
            ended: noted.ended,
            freeze_end_ts: pool.freeze_end_ts,
        }
    };
    emit_cpi!(event);
    Ok(())
}
