//! Executes a proposal that unpauses an incident that needs no restoration.
//!
//! The proposal names the incident. It unpauses what was known when it was created: pauses, trips, linked pauses and
//! latches from before its slot. Anything from that slot or later stays in force, and the domain then continues in
//! alert, because the approvers did not know of it. A freeze or an evacuation decided since then voids the proposal. A
//! trip does not, so that nobody can keep a domain closed by making detectors latch.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Incident, PauseBoard};

use crate::{authority::*, current::Current, error::BulkheadError, events::DomainResumed};

/// Payload of a `Resume` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ResumeArgs {
    /// The incident it ends: the open one at the time of the proposal. If a detector later opens an incident by an
    /// earlier latch, that incident is ended in its place.
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
