//! Anyone carries a detector's latch to the pause board and opens the incident.
//!
//! A latch is propagated once, and the trip lasts `trip_seconds` from the latch: cranking late or
//! again extends nothing and does not touch the board. While an incident is open, the trip of a
//! further breaker only adds to the board. It can never open an action.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewIncident};
use bulkhead_interface::{
    layout::{Council, Domain, Incident, PauseBoard, space},
    seeds::SEED_INCIDENT,
};

use crate::{
    authority::{act_error, clock},
    current::Current,
    detector,
    error::BulkheadError,
    events::{IncidentOpened, TripPropagated},
};

#[event_cpi]
#[derive(Accounts)]
pub struct PropagateTrip<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = board.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: a detector of any kind; owner, kind, version and domain are checked in the handler.
    #[account(mut)]
    pub detector: UncheckedAccount<'info>,
    /// The open incident, or the next one.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<Incident>(),
        seeds = [SEED_INCIDENT, domain.key().as_ref(), &incident_index(&*domain.current()?).to_le_bytes()],
        bump
    )]
    pub incident: AccountLoader<'info, Incident>,
    pub system_program: Program<'info, System>,
}

pub fn handle_propagate_trip(ctx: Context<PropagateTrip>) -> Result<()> {
    let accounts = &ctx.accounts;
    let at = clock()?;
    let new = NewIncident {
        key: accounts.incident.key(),
        bump: ctx.bumps.incident,
        domain: accounts.domain.key(),
    };
    let source = accounts.detector.key();
    let (is_opened, cause, trip) = {
        let mut domain = accounts.domain.current_mut()?;
        let council = accounts.council.current()?;
        let mut board = accounts.board.current_mut()?;
        let (cause, mut detector) = detector::read(&accounts.detector)?;
        require_keys_eq!(detector.domain, new.domain, BulkheadError::ForeignAccount);
        let mut incident = if domain.open_incident == Pubkey::default() {
            accounts.incident.load_init()?
        } else {
            accounts.incident.current_mut()?
        };
        let propagated = acts::propagate(
            &mut domain,
            &council,
            &mut board,
            &mut detector.latch,
            (&source, cause),
            &mut incident,
            &new,
            at,
        )
        .map_err(act_error)?;
        detector::write(&accounts.detector, &detector)?;
        let trip = TripPropagated {
            domain: new.domain,
            detector: source,
            incident: new.key,
            scope: detector.latch.scope,
            mask: council.default_mask,
            until: propagated.until,
        };
        (propagated.is_opened, cause, trip)
    };
    if is_opened {
        emit_cpi!(IncidentOpened {
            domain: new.domain,
            incident: new.key,
            cause,
            source
        });
    }
    emit_cpi!(trip);
    Ok(())
}

/// Number of the open incident, which is always the latest, or of the next one.
fn incident_index(domain: &Domain) -> u64 {
    if domain.open_incident == Pubkey::default() {
        domain.incident_count
    } else {
        domain.incident_count.saturating_sub(1)
    }
}
