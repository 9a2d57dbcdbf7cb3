//! The host's operator takes a cancelled release back, and owes its owner the unpaid amount again.
//!
//! The host calls it by CPI in the instruction that credits the owner, and credits exactly what it returns. The record is
//! closed, so that each release is taken back once; its rent returns to whoever paid it.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{self, Vault};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ReleaseTakenBack};

#[derive(Accounts)]
pub struct TakeBackRelease<'info> {
    pub operator: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, close = payer)]
    pub release: AccountLoader<'info, layout::Release>,
    /// CHECK: the rent payer, matched by the address that the release stores.
    #[account(mut, address = release.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
}

/// Returns the unpaid amount.
pub fn handle_take_back_release(ctx: Context<TakeBackRelease>) -> Result<u64> {
    let accounts = &ctx.accounts;
    let (amount, owner) = {
        let release = accounts.release.current()?;
        let vault = accounts.vault.current()?;
        let amount = acts::take_back_release((accounts.vault.as_ref().key, &vault), &release, accounts.operator.key)
            .map_err(core_error)?;
        (amount, release.owner)
    };
    emit!(ReleaseTakenBack {
        release: accounts.release.key(),
        vault: accounts.vault.key(),
        owner,
        amount,
    });
    Ok(amount)
}
