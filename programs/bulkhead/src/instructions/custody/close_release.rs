//! Anyone closes the record of a release that was paid or cancelled; the rent goes back to whoever paid it.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout;

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ReleaseClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRelease<'info> {
    #[account(mut, close = payer)]
    pub release: AccountLoader<'info, layout::Release>,
    /// CHECK: the rent payer, matched by the address that the release stores.
    #[account(mut, address = release.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
}

pub fn handle_close_release(ctx: Context<CloseRelease>) -> Result<()> {
    acts::close_release(&*ctx.accounts.release.current()?).map_err(core_error)?;
    emit_cpi!(ReleaseClosed {
        release: ctx.accounts.release.key(),
    });
    Ok(())
}
