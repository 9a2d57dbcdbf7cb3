//! Executes a proposal that reopens after a restoration, or raises the stage of a reopening.
//!
//! It names the incident and the board's epoch, like `resume`. Limits come back at `stage_bps`,
//! and liquidations stay closed for a grace period so that users can save their positions first.

use anchor_lang::prelude::*;
use bulkhead_core::{
    board,
    incident::mark,
    phase::{Event, after},
};
use bulkhead_interface::{
    constants::{BPS, MAX_GRACE_SECONDS, incident_state, kind, phase::OPERATING, step},
    layout::{Incident, PauseBoard},
};

use crate::{authority::*, current::Current, error::BulkheadError, events::DomainReopened};

/// Payload of a `REOPEN` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ReopenArgs {
    /// The incident whose restoration was paid; when raising a stage, the one last closed.
    pub incident: Pubkey,
    /// The board's epoch when it was proposed.
    pub board_epoch: u64,
    /// Share of the limits in force, 1 to 10,000.
    pub stage_bps: u16,
    /// How long liquidations stay closed.
    pub grace_seconds: i64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Reopen<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut, constraint = board.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    #[account(mut, constraint = incident.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
}

pub fn handle_reopen(ctx: Context<Reopen>, args: ReopenArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(kind::REOPEN, &args)?;
    require_keys_eq!(
        args.incident,
        ctx.accounts.incident.key(),
        BulkheadError::IncidentNotOpen
    );
    require!(
        (1..=BPS).contains(&args.stage_bps) && (0..=MAX_GRACE_SECONDS).contains(&args.grace_seconds),
        BulkheadError::ArgumentOutOfRange
    );
    let clock = Clock::get()?;
    let grace_until = clock
        .unix_timestamp
        .checked_add(args.grace_seconds)
        .ok_or(BulkheadError::Overflow)?;
    {
        let mut domain = config.domain.current_mut()?;
        let mut board = ctx.accounts.board.current_mut()?;
        require!(board.epoch == args.board_epoch, BulkheadError::TightenedSince);
        if domain.state != OPERATING {
            require_keys_eq!(domain.open_incident, args.incident, BulkheadError::IncidentNotOpen);
        }
        domain.state = after(domain.state, Event::Reopen).map_err(|_| BulkheadError::WrongPhase)?;
        domain.open_incident = Pubkey::default();
        board::reopen(
            &mut board,
            config.proposal_slot()?,
            clock.slot,
            args.stage_bps,
            grace_until,
        );
        let mut incident = ctx.accounts.incident.current_mut()?;
        incident.state = incident_state::CLOSED;
        mark(&mut incident, step::REOPEN, clock.slot, clock.unix_timestamp);
    }
    emit_cpi!(DomainReopened {
        domain: config.domain.key(),
        incident: args.incident,
        stage_bps: args.stage_bps,
        grace_until,
    });
    Ok(())
}
