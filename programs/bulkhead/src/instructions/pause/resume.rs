//! Executes a proposal that unpauses the pause of an incident that needs no restoration.
//!
//! The proposal names the incident, and it unpauses what was known when it was made: pauses, trips, linked pauses and latches
//! from before its slot. What came in that slot or later stays, and then the domain goes on in alert: whoever approved
//! knew nothing of it. A freeze or an evacuation decided on since makes the proposal void; a trip does not, so that nobody
//! can keep a domain closed by making detectors latch.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Incident, PauseBoard};

use crate::{authority::*, current::Current, error::BulkheadError, events::DomainResumed};

/// Payload of a `Resume` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ResumeArgs {
    /// The incident it ends, the open one when it is proposed. One that a detector opens later, by a latch from before, is
    /// ended in its place.
    pub incident: Pubkey,
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
    config.authorize(&args)?;
    let at = clock()?;
    acts::resume(
        &mut *config.domain.current_mut()?,
        &mut *ctx.accounts.board.current_mut()?,
        &mut *ctx.accounts.incident.current_mut()?,
        &args.incident,
        config.proposal_slot()?.unwrap_or_default(),
        at,
    )
    .map_err(core_error)?;
    let phase = config.domain.current()?.state;
    emit_cpi!(DomainResumed {
        domain: config.domain.key(),
        incident: ctx.accounts.incident.key(),
        phase,
    });
    Ok(())
}
