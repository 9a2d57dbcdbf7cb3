//! Anyone carries a detector's latch to the pause board and opens the incident.
//!
//! A latch is propagated once, and the trip lasts `trip_seconds` from the latch: cranking late or
//! again extends nothing and does not touch the board. While an incident is open, the trip of a
//! further breaker only adds to the board. It can never open an action.

use anchor_lang::prelude::*;
use bulkhead_core::{
    board,
    incident::mark,
    latch,
    phase::{Event, after},
};
use bulkhead_interface::{
    constants::{latch_state, step},
    layout::{Council, Domain, Incident, PauseBoard, space},
    seeds::SEED_INCIDENT,
};

use crate::{
    current::Current,
    detector,
    error::BulkheadError,
    events::{IncidentOpened, TripPropagated},
    incident::{Alarm, begin},
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
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let (domain_key, incident_key, source) = (accounts.domain.key(), accounts.incident.key(), accounts.detector.key());
    let (is_opened, cause, trip) = {
        let mut domain = accounts.domain.current_mut()?;
        let council = accounts.council.current()?;
        let mut board = accounts.board.current_mut()?;
        let (cause, mut detector) = detector::read(&accounts.detector)?;
        require_keys_eq!(detector.domain, domain_key, BulkheadError::ForeignAccount);
        let until = latch::trip_until(&detector.latch, council.trip_seconds, board.lifted_slot, now)
            .ok_or(BulkheadError::NotLatched)?;
        let is_opened = domain.open_incident == Pubkey::default();
        if is_opened {
            domain.state = after(domain.state, Event::OpenIncident).map_err(|_| BulkheadError::WrongPhase)?;
            let alarm = Alarm {
                bump: ctx.bumps.incident,
                cause,
                source,
                amount: detector.latch.seen,
                limit: detector.latch.allowed,
                slot: detector.latch.slot,
                ts: detector.latch.ts,
            };
            let mut incident = accounts.incident.load_init()?;
            begin(&mut incident, &mut domain, incident_key, domain_key, &alarm)?;
            mark(&mut incident, step::PAUSE, clock.slot, now);
        }
        board::trip(&mut board, detector.latch.scope, council.default_mask, until, now)
            .map_err(|_| BulkheadError::CompartmentOutOfRange)?;
        detector.latch.state = latch_state::PROPAGATED;
        detector::write(&accounts.detector, &detector)?;
        let trip = TripPropagated {
            domain: domain_key,
            detector: source,
            incident: incident_key,
            scope: detector.latch.scope,
            mask: council.default_mask,
            until,
        };
        (is_opened, cause, trip)
    };
    if is_opened {
        emit_cpi!(IncidentOpened {
            domain: domain_key,
            incident: incident_key,
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
