//! Governance cancels queued releases: a matured proposal names the root of a list, then anyone cancels the releases on
//! it.
//!
//! A theft that stays below the trip limit triggers no detector and may be older than every alarm, so no guardian can
//! cancel it. The unpaid amounts stay in the vault. A new list replaces the last one; releases already cancelled stay
//! cancelled.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{self, Vault};

use crate::{
    authority::*,
    current::Current,
    error::BulkheadError,
    events::{CancelListSet, ListedReleaseCancelled},
};

/// Payload of a `CancelReleases` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct CancelReleasesArgs {
    /// The vault whose releases are cancelled.
    pub vault: Pubkey,
    /// Root of the list (`core::release_list`); zero for none.
    pub root: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: CancelReleasesArgs)]
pub struct CancelReleases<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(
        mut,
        address = args.vault @ BulkheadError::ForeignAccount,
        constraint = vault.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub vault: AccountLoader<'info, Vault>,
}

pub fn handle_cancel_releases(ctx: Context<CancelReleases>, args: CancelReleasesArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let proposed_slot = accounts.config.proposal_slot()?.unwrap_or_default();
    acts::cancel_releases(&mut *accounts.vault.current_mut()?, args.root, proposed_slot).map_err(core_error)?;
    emit_cpi!(CancelListSet {
        vault: args.vault,
        root: args.root,
    });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CancelListedRelease<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub release: AccountLoader<'info, layout::Release>,
}

/// `proof`: the siblings from the release up to the root.
pub fn handle_cancel_listed_release(ctx: Context<CancelListedRelease>, proof: Vec<[u8; 32]>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (vault_key, release_key) = (accounts.vault.key(), accounts.release.key());
    let unpaid = acts::cancel_listed(
        (&vault_key, &*accounts.vault.current()?),
        (&release_key, &mut *accounts.release.current_mut()?),
        &proof,
    )
    .map_err(core_error)?;
    emit_cpi!(ListedReleaseCancelled {
        release: release_key,
        vault: vault_key,
        unpaid,
    });
    Ok(())
}
