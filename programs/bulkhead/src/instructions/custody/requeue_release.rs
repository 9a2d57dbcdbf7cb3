//! Anyone brings a queued release that an evacuation has stopped back to the queue of its vault.
//!
//! The vault must pay again: an unpause that was proposed after the evacuation was executed. Nothing was restored in the
//! incident that evacuated it, and custody must hold all that the queue is owed. Then the release is settled like any other,
//! at the time it always was payable.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{self, Incident, Ledger, PauseBoard, Vault};

use super::of_queue;
use crate::{authority::core_error, current::Current, error::BulkheadError, events::ReleaseRequeued, token};

#[event_cpi]
#[derive(Accounts)]
pub struct RequeueRelease<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(address = vault.current()?.board @ BulkheadError::ForeignAccount)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: matched by the address the vault stores.
    #[account(address = vault.current()?.custody @ BulkheadError::ForeignAccount)]
    pub custody: UncheckedAccount<'info>,
    /// The incident that evacuated the vault.
    #[account(address = vault.current()?.evacuation.incident @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub release: AccountLoader<'info, layout::Release>,
    /// The ledger of the vault's queue, if it has one.
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_requeue_release(ctx: Context<RequeueRelease>) -> Result<()> {
    let accounts = &ctx.accounts;
    let unpaid = {
        let vault = accounts.vault.current()?;
        let ledger = of_queue(&accounts.queue_ledger)?;
        let mut release = accounts.release.current_mut()?;
        acts::requeue_release(
            (accounts.vault.as_ref().key, &vault),
            (accounts.incident.as_ref().key, &*accounts.incident.current()?),
            ledger.as_deref(),
            &mut release,
            token::balance(&accounts.custody)?,
            accounts.board.current()?.unpaused_slot,
        )
        .map_err(core_error)?;
        release.amount.saturating_sub(release.paid)
    };
    emit_cpi!(ReleaseRequeued {
        release: accounts.release.key(),
        vault: accounts.vault.key(),
        unpaid,
    });
    Ok(())
}
