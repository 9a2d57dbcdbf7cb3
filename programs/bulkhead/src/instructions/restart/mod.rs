//! The restart gate: a restored ledger is read again and must be covered before the domain reopens.

mod override_restart_check;
mod record_restart_check;

pub use {override_restart_check::*, record_restart_check::*};

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{Backing, Watches},
    snapshots::layout,
};
use bulkhead_interface::{
    discriminator,
    layout::{AuthorityWatch, Ledger, Vault},
};

use crate::{authority::core_error, current::Current, error::BulkheadError, token};

/// The host's own sum of all its positions, if it can be read.
fn host_total(ledger: &Ledger, account: &AccountInfo) -> Result<Option<u128>> {
    let data = account.try_borrow_data()?;
    Ok(layout::read_total(ledger, account.owner, &data))
}

/// Counts the vaults that back the ledger, and compares the domain's watches: each is followed by the account it is
/// about, its custody or what it watches.
fn look<'info>(domain: &Pubkey, ledger: &Ledger, accounts: &'info [AccountInfo<'info>]) -> Result<(Backing, Watches)> {
    let (mut backing, mut watches) = (Backing::default(), Watches::default());
    let (pairs, rest) = accounts.as_chunks::<2>();
    require!(rest.is_empty(), BulkheadError::ForeignAccount);
    for [account, about] in pairs {
        let is_vault = account.try_borrow_data()?.starts_with(&discriminator::VAULT);
        if is_vault {
            let vault = AccountLoader::<Vault>::try_from(account)?;
            let vault = vault.current()?;
            require_keys_eq!(*about.key, vault.custody, BulkheadError::ForeignAccount);
            let held = token::balance(about)?;
            backing.add(ledger, (account.key, &vault), held).map_err(core_error)?;
        } else {
            let watch = AccountLoader::<AuthorityWatch>::try_from(account)?;
            let watch = watch.current()?;
            let data = about.try_borrow_data()?;
            let seen = (about.key, about.owner, &**data);
            watches.add(domain, (account.key, &watch), seen).map_err(core_error)?;
        }
    }
    Ok((backing, watches))
}
