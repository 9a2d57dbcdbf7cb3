//! One guardian cancels a queued release of the open incident.
//!
//! Only a release requested in the slot of the breach or later can be cancelled, or one that was not payable yet then. Each
//! call burns a pause right. The unpaid amount stays in the vault, and the host's operator takes it back. Of a vault that
//! was evacuated, releases can be cancelled for a day, and the ledger of its queue must be passed.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Queue};
use bulkhead_interface::layout::{self, Council, Domain, Incident, Ledger, Vault};

use super::of_queue_mut;
use crate::{
    authority::{clock, core_error},
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
    #[account(mut, constraint = vault.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, constraint = release.current()?.vault == vault.key() @ BulkheadError::ForeignAccount)]
    pub release: AccountLoader<'info, layout::Release>,
    /// The ledger of the vault's queue; needed for a release that an evacuation has stopped.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_cancel_release(ctx: Context<CancelRelease>) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let (unpaid, rights_left) = {
        let mut ledger = of_queue_mut(&accounts.queue_ledger)?;
        acts::cancel_release(
            &mut *accounts.council.current_mut()?,
            &*accounts.incident.current()?,
            Queue {
                key: accounts.vault.as_ref().key,
                vault: &mut *accounts.vault.current_mut()?,
                ledger: ledger.as_deref_mut(),
            },
            &mut *accounts.release.current_mut()?,
            &guardian,
            clock()?.now,
        )
        .map_err(core_error)?
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
