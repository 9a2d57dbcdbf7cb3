//! Anyone propagates a detector's latch to the pause board and opens the incident.
//!
//! A latch is propagated once, and the trip lasts `trip_seconds` from the latch: a late or repeated crank extends
//! nothing and does not touch the board. While an incident is open, the trip of another breaker adds to the board, and
//! moves the breach back if that breaker latched earlier. A latch that is newer than the unpause which decided its
//! incident is propagated once more, into an incident of its own. The instruction can never open an action or void a
//! proposal.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, NewIncident},
    pause::incident::{is_next_due, number_for_alarm},
};
use bulkhead_interface::{
    layout::{Council, Domain, Incident, PauseBoard, space},
    seeds::SEED_INCIDENT,
};

use crate::{
    authority::{clock, core_error},
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
    /// CHECK: a detector of any kind; the handler checks owner, kind, version and domain.
    #[account(mut)]
    pub detector: UncheckedAccount<'info>,
    /// The open incident, or the next one if none is open.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<Incident>(),
        seeds = [SEED_INCIDENT, domain.key().as_ref(), &number_for_alarm(&*domain.current()?).to_le_bytes()],
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
        let mut incident = if is_next_due(&domain) {
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
        .map_err(core_error)?;
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
