//! Counts what came in, so that it may leave again within the window.
//!
//! Signed by the breaker's authority, or, where that is a vault, by the vault's operator. Nobody
//! checks that tokens moved: however much a host claims, it adds at most the inflow credit, which is
//! at most T / k, to the room of a window and nothing to that of a slot. It can neither raise a limit
//! nor clear a latch.

use anchor_lang::prelude::*;
use bulkhead_core::window;
use bulkhead_interface::layout::{OutflowBreaker, Vault};

use crate::{
    current::Current,
    error::BulkheadError,
    events::{InflowRecorded, log},
};

#[derive(Accounts)]
pub struct RecordInflow<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    pub authority: Signer<'info>,
    /// The vault that the breaker is of, when its operator signs.
    #[account(
        constraint = vault.current()?.breaker == breaker.key() @ BulkheadError::ForeignAccount,
        constraint = vault.key() == breaker.current()?.authority @ BulkheadError::ForeignAccount
    )]
    pub vault: Option<AccountLoader<'info, Vault>>,
}

pub fn handle_record_inflow(ctx: Context<RecordInflow>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    require!(amount > 0, BulkheadError::ZeroAmount);
    let clock = Clock::get()?;
    let mut breaker = accounts.breaker.current_mut()?;
    let authority = match &accounts.vault {
        Some(vault) => vault.current()?.operator,
        None => breaker.authority,
    };
    require_keys_eq!(authority, *accounts.authority.key, BulkheadError::NotMeterAuthority);
    window::record_inflow(&mut breaker, amount, clock.slot, clock.unix_timestamp);
    log(&InflowRecorded {
        breaker: accounts.breaker.key(),
        amount,
    })
}
