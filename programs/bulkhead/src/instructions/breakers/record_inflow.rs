//! Records an inflow, so that the same amount may leave again within the window.
//!
//! Signed by the breaker's authority or, if that is a vault, by the vault's operator. Nobody checks that tokens moved.
//! However much a host claims, it adds at most the inflow credit, which is at most T / k, to the room of a window, and
//! nothing to the room of a slot. The instruction can neither raise a limit nor clear a latch.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{OutflowBreaker, Vault};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::{InflowRecorded, log},
};

#[derive(Accounts)]
pub struct RecordInflow<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    pub authority: Signer<'info>,
    /// The vault that owns the breaker, when its operator signs.
    #[account(
        constraint = vault.current()?.breaker == breaker.key() @ BulkheadError::ForeignAccount,
        constraint = vault.key() == breaker.current()?.authority @ BulkheadError::ForeignAccount
    )]
    pub vault: Option<AccountLoader<'info, Vault>>,
}

pub fn handle_record_inflow(ctx: Context<RecordInflow>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let at = clock()?;
    let vault = accounts.vault.as_ref().map(Current::current).transpose()?;
    acts::record_inflow(
        &mut *accounts.breaker.current_mut()?,
        vault.as_deref(),
        accounts.authority.key,
        amount,
        at,
    )
    .map_err(core_error)?;
    log(&InflowRecorded {
        breaker: accounts.breaker.key(),
        amount,
    })
}
