//! Governance cancels queued releases: a matured proposal names the root of a list, then anyone cancels the releases on
//! it.
//!
//! A theft that stays below the trip limit triggers no detector and may be older than every alarm, so no guardian can
//! cancel it. The unpaid amounts stay in the vault. A new list replaces the last one; releases already cancelled stay
//! cancelled. Releases on the list of a guardian (`set_cancel_list`) are cancelled the same way.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Queue};
use bulkhead_interface::layout::{self, CancelList, Incident, Ledger, Vault};

use super::of_queue_mut;
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
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub release: AccountLoader<'info, layout::Release>,
    /// A guardian's list; none for the governance's list in the vault.
    pub list: Option<AccountLoader<'info, CancelList>>,
    /// The incident of a guardian's list.
    pub incident: Option<AccountLoader<'info, Incident>>,
    /// The ledger of the vault's queue; needed for a release that an evacuation has stopped.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

/// `proof`: the siblings from the release up to the root.
pub fn handle_cancel_listed_release(ctx: Context<CancelListedRelease>, proof: Vec<[u8; 32]>) -> Result<()> {
    let accounts = &ctx.accounts;
    let unpaid = accounts.cancel(&proof)?;
    emit_cpi!(ListedReleaseCancelled {
        release: accounts.release.key(),
        vault: accounts.vault.key(),
        unpaid,
    });
    Ok(())
}

impl CancelListedRelease<'_> {
    #[inline(never)]
    fn cancel(&self, proof: &[[u8; 32]]) -> Result<u64> {
        let mut vault = self.vault.current_mut()?;
        let mut ledger = of_queue_mut(&self.queue_ledger)?;
        let queue = Queue {
            key: self.vault.as_ref().key,
            vault: &mut vault,
            ledger: ledger.as_deref_mut(),
        };
        let mut release = self.release.current_mut()?;
        let release = (self.release.as_ref().key, &mut *release);
        let unpaid = match (&self.list, &self.incident) {
            (None, _) => acts::cancel_listed(queue, release, proof),
            (Some(_), None) => return err!(BulkheadError::IncidentNotOpen),
            (Some(list), Some(incident)) => {
                let (list, open) = (list.current()?, incident.current()?);
                let incident = (incident.as_ref().key, &*open);
                acts::cancel_listed_by_guardian(incident, &list, queue, release, proof, clock()?.now)
            }
        };
        unpaid.map_err(core_error)
    }
}
