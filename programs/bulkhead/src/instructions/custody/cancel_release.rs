//! One guardian cancels a queued release of the open incident.
//!
//! Only what was asked for in the slot of the breach or later; what was queued before the incident
//! is out of reach. Burns a pause right each time. What was not paid stays in the vault.

use anchor_lang::prelude::*;
use bulkhead_core::{council::burn, incident::covers};
use bulkhead_interface::{
    constants::{release_state, role},
    layout::{self, Council, Domain, Incident, Vault},
};

use crate::{
    authority::{act_error, require_member},
    current::Current,
    error::BulkheadError,
    events::ReleaseCancelled,
};

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
    let now = Clock::get()?.unix_timestamp;
    let guardian = accounts.guardian.key();
    let (unpaid, rights_left) = {
        accounts.domain.current()?;
        let mut council = accounts.council.current_mut()?;
        let index = require_member(&council, &guardian, role::GUARDIAN)?;
        let mut release = accounts.release.current_mut()?;
        require!(release.state == release_state::QUEUED, BulkheadError::ReleaseNotQueued);
        require!(
            covers(&*accounts.incident.current()?, release.requested_slot),
            BulkheadError::ReleaseBeforeBreach
        );
        let rights_left = burn(&mut council, index, now).map_err(|error| act_error(error.into()))?;
        release.state = release_state::CANCELLED;
        (
            release
                .amount
                .checked_sub(release.paid)
                .ok_or(BulkheadError::Overflow)?,
            rights_left,
        )
    };
    emit_cpi!(ReleaseCancelled {
        release: accounts.release.key(),
        incident: accounts.incident.key(),
        guardian,
        unpaid,
        rights_left,
    });
    Ok(())
}
