//! Executes a proposal that lifts the pause of an incident that needs no restoration.
//!
//! The proposal names the incident and the board's epoch: one that matured in peace, or before a
//! later tightening, lifts nothing. Latches from before the lift are void with it. An upstream's pause that was carried
//! here after the proposal was made stays: nobody who approved knew of it.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::kind,
    layout::{Incident, PauseBoard},
};

use crate::{authority::*, current::Current, error::BulkheadError, events::DomainResumed};

/// Payload of a `RESUME` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ResumeArgs {
    /// The incident it ends.
    pub incident: Pubkey,
    /// The board's epoch when it was proposed.
    pub board_epoch: u64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Resume<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut, constraint = board.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    #[account(mut, constraint = config.domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
}

pub fn handle_resume(ctx: Context<Resume>, args: ResumeArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(kind::RESUME, &args)?;
    let at = clock()?;
    acts::resume(
        &mut *config.domain.current_mut()?,
        &mut *ctx.accounts.board.current_mut()?,
        &mut *ctx.accounts.incident.current_mut()?,
        &args.incident,
        args.board_epoch,
        config.proposal_slot()?.unwrap_or_default(),
        at,
    )
    .map_err(act_error)?;
    emit_cpi!(DomainResumed {
        domain: config.domain.key(),
        incident: args.incident,
    });
    Ok(())
}
