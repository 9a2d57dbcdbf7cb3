//! Anyone closes the record of a release that was paid, by the vault or by the claims of a restoration; the rent goes back
//! to whoever paid it. A cancelled release is closed by the host, which takes it back.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{self, Ledger};

use super::of_queue;
use crate::{authority::core_error, current::Current, error::BulkheadError, events::ReleaseClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRelease<'info> {
    #[account(mut, close = payer)]
    pub release: AccountLoader<'info, layout::Release>,
    /// CHECK: the rent payer, matched by the address that the release stores.
    #[account(mut, address = release.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
    /// The ledger of the vault's queue, for a release that was restored.
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_close_release(ctx: Context<CloseRelease>) -> Result<()> {
    {
        let ledger = of_queue(&ctx.accounts.queue_ledger)?;
        acts::close_release(&*ctx.accounts.release.current()?, ledger.as_deref()).map_err(core_error)?;
    }
    emit_cpi!(ReleaseClosed {
        release: ctx.accounts.release.key(),
    });
    Ok(())
}
