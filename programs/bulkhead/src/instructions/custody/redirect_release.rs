//! The owner of a queued release names another token account for it.
//!
//! The owner is whoever held the destination account when it was named. If that account was closed, frozen or given
//! away since then, it receives nothing and a settlement refuses it. The holder of the new account then owns the claim.
//! Neither amount nor time changes, and a guardian may still cancel the release if they could before.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{self, Vault};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ReleaseRedirected, token};

#[event_cpi]
#[derive(Accounts)]
pub struct RedirectRelease<'info> {
    pub owner: Signer<'info>,
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, constraint = release.current()?.vault == vault.key() @ BulkheadError::ForeignAccount)]
    pub release: AccountLoader<'info, layout::Release>,
    /// CHECK: any other token account of the vault's mint.
    pub destination: UncheckedAccount<'info>,
}

pub fn handle_redirect_release(ctx: Context<RedirectRelease>) -> Result<()> {
    let accounts = &ctx.accounts;
    let receiver = token::receiver(&accounts.destination, None)?;
    let previous = {
        let vault = accounts.vault.current()?;
        token::require_receiver(&accounts.destination, &vault.mint, &vault.token_program)?;
        let mut release = accounts.release.current_mut()?;
        let vault = (accounts.vault.as_ref().key, &*vault);
        acts::redirect_release(vault, &mut release, accounts.owner.key, &receiver).map_err(core_error)?
    };
    emit_cpi!(ReleaseRedirected {
        release: accounts.release.key(),
        previous,
        destination: receiver.key,
        owner: receiver.holder,
    });
    Ok(())
}
