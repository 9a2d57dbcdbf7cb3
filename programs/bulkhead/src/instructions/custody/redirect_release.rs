//! Who owns a queued release names another token account for it.
//!
//! The owner is who held the destination when it was named: an account that was closed, frozen or given away since takes
//! nothing, and a settlement refuses it. The claim is then whose the new account is. Neither amount nor time change, and
//! what a guardian may cancel it may cancel still.

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
