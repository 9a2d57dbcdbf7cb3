//! One guardian cancels a queued release of the open incident.
//!
//! Only a release requested in the slot of the breach or later can be cancelled. A release queued before the incident
//! is out of reach. Each call burns a pause right. The unpaid amount stays in the vault.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{self, Council, Domain, Incident, Vault};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ReleaseCancelled};

#[event_cpi]
#[derive(Accounts)]
pub struct CancelRelease<'info> {
    pub guardian: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = vault.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, constraint = release.current()?.vault == vault.key() @ BulkheadError::ForeignAccount)]
    pub release: AccountLoader<'info, layout::Release>,
}

pub fn handle_cancel_release(ctx: Context<CancelRelease>) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let (unpaid, rights_left) = acts::cancel_release(
        &mut *accounts.council.current_mut()?,
        &*accounts.incident.current()?,
        &mut *accounts.release.current_mut()?,
        &guardian,
    )
    .map_err(core_error)?;
    emit_cpi!(ReleaseCancelled {
        release: accounts.release.key(),
        incident: accounts.incident.key(),
        guardian,
        unpaid,
        rights_left,
    });
    Ok(())
}
