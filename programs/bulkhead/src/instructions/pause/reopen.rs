//! Executes a proposal that reopens after a restoration, raises the ramp of a reopening, or ends a guardian's pause in
//! peace.
//!
//! If the domain's rules require it, every ledger that was restored in the incident must have a recent restart check;
//! the checks are the remaining accounts. It names the incident and, like `resume`, unpauses what was known when it was proposed. Limits return at `ramp_bps`.
//! Liquidations stay closed for a grace period so that users can save their positions first.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Reopening};
use bulkhead_interface::layout::{Incident, PauseBoard, RestartCheck};

use crate::{authority::*, current::Current, error::BulkheadError, events::DomainReopened};

/// Payload of a `Reopen` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ReopenArgs {
    /// The incident whose restoration was paid. While the domain operates: the incident last closed, or the default key
    /// if the domain never had one.
    pub incident: Pubkey,
    /// Share of the limits in force, 1 to 10,000.
    pub ramp_bps: u16,
    /// How long liquidations stay closed.
    pub grace_seconds: i64,
}

#[event_cpi]
#[derive(Accounts)]
pub struct Reopen<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut, constraint = board.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// The incident that is named, if any.
    #[account(mut, constraint = incident.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount)]
    pub incident: Option<AccountLoader<'info, Incident>>,
}

pub fn handle_reopen<'info>(ctx: Context<'info, Reopen<'info>>, args: ReopenArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let named = ctx.accounts.incident.as_ref();
    let key = named.map(|incident| incident.key()).unwrap_or_default();
    require_keys_eq!(args.incident, key, BulkheadError::IncidentNotOpen);
    let how = Reopening {
        incident: args.incident,
        ramp_bps: args.ramp_bps,
        grace_seconds: args.grace_seconds,
    };
    let at = clock()?;
    if let Some(incident) = named {
        let checks = checks(ctx.remaining_accounts)?;
        let domain = config.domain.current()?;
        acts::require_restart_checks(&domain, (&key, &*incident.current()?), &checks, at.now).map_err(core_error)?;
    }
    let mut incident = named.map(|incident| incident.current_mut()).transpose()?;
    let (grace_until, _) = acts::reopen(
        &mut *config.domain.current_mut()?,
        &mut *ctx.accounts.board.current_mut()?,
        incident.as_deref_mut(),
        &how,
        config.proposal_slot()?.unwrap_or_default(),
        at,
    )
    .map_err(core_error)?;
    drop(incident);
    let phase = config.domain.current()?.state;
    emit_cpi!(DomainReopened {
        domain: config.domain.key(),
        incident: args.incident,
        ramp_bps: args.ramp_bps,
        grace_until,
        phase,
    });
    Ok(())
}

/// The restart checks among the remaining accounts.
fn checks<'info>(accounts: &'info [AccountInfo<'info>]) -> Result<Vec<RestartCheck>> {
    let mut checks = Vec::with_capacity(accounts.len());
    for account in accounts {
        checks.push(*AccountLoader::<RestartCheck>::try_from(account)?.current()?);
    }
    Ok(checks)
}
