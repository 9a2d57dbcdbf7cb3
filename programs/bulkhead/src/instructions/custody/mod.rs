//! Tokens in custody: vaults, releases, evacuation routes and evacuations.

mod cancel_release;
mod cancel_releases;
mod close_deposit_note;
mod close_release;
mod confirm_evacuation;
mod evacuate;
mod observe_evacuation_route;
mod open_vault;
mod receive_deposit;
mod redirect_release;
mod register_evacuation_route;
mod release;
mod requeue_release;
mod set_cancel_list;
mod settle_release;
mod take_back_release;

pub use {
    cancel_release::*, cancel_releases::*, close_deposit_note::*, close_release::*, confirm_evacuation::*, evacuate::*,
    observe_evacuation_route::*, open_vault::*, receive_deposit::*, redirect_release::*, register_evacuation_route::*,
    release::*, requeue_release::*, set_cancel_list::*, settle_release::*, take_back_release::*,
};

use std::cell::{Ref, RefMut};

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, Queue},
    custody::migration::Moved,
};
use bulkhead_interface::{
    constants::VERSION,
    discriminator,
    layout::{DepositNote, Ledger, Snapshot, Vault},
    seeds::SEED_VAULT,
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    token::{self, Transfer},
};

/// An owner's deposit note of a vault. `None` for an address without an account.
pub(super) fn note_of<'a>(account: Option<&'a AccountInfo>, vault: &Pubkey) -> Result<Option<RefMut<'a, DepositNote>>> {
    let Some(account) = account else { return Ok(None) };
    if account.data_is_empty() {
        return Ok(None);
    }
    // First: the vault is borrowed.
    require_keys_neq!(*account.key, *vault, BulkheadError::ForeignAccount);
    require_keys_eq!(*account.owner, crate::ID, BulkheadError::ForeignAccount);
    // Before it is borrowed to be written: another account may be read meanwhile.
    let is_note = account.try_borrow_data()?.starts_with(&discriminator::DEPOSIT_NOTE);
    require!(is_note, BulkheadError::ForeignAccount);
    let data = account.try_borrow_mut_data()?;
    let note = RefMut::filter_map(data, |data| {
        let body = data.get_mut(8..)?;
        let note = bytemuck::try_from_bytes_mut::<DepositNote>(body.get_mut(..size_of::<DepositNote>())?).ok()?;
        (note.version == VERSION).then_some(note)
    });
    let note = note.map_err(|_| BulkheadError::ForeignAccount)?;
    require_keys_eq!(note.vault, *vault, BulkheadError::ForeignAccount);
    Ok(Some(note))
}

/// The ledger of a vault's queue, where one was passed. The acts decide whether it is the right one.
pub(in crate::instructions) fn of_queue<'a>(
    ledger: &'a Option<AccountLoader<Ledger>>,
) -> Result<Option<Ref<'a, Ledger>>> {
    ledger.as_ref().map(Current::current).transpose()
}

/// The same, to be written.
pub(in crate::instructions) fn of_queue_mut<'a>(
    ledger: &'a Option<AccountLoader<Ledger>>,
) -> Result<Option<RefMut<'a, Ledger>>> {
    ledger.as_ref().map(Current::current_mut).transpose()
}

/// Whoever chooses a state: if it is a queue's, its claims pay the queue's releases from now on.
#[inline(never)]
pub(in crate::instructions) fn restore_queue(
    snapshot: &Snapshot,
    vault: &Option<AccountLoader<Vault>>,
    ledger: &Option<AccountLoader<Ledger>>,
) -> Result<()> {
    let key = vault.as_ref().map(|vault| vault.key()).unwrap_or_default();
    let mut vault = vault.as_ref().map(Current::current_mut).transpose()?;
    let mut ledger = of_queue_mut(ledger)?;
    let queue = vault.as_deref_mut().map(|vault| Queue {
        key: &key,
        vault,
        ledger: ledger.as_deref_mut(),
    });
    acts::restore_queue(snapshot, queue).map_err(core_error)
}

/// The accounts that a vault pays with, as the transaction passes them.
pub(crate) struct Payment<'a, 'info> {
    pub vault: &'a AccountInfo<'info>,
    pub custody: &'a AccountInfo<'info>,
    pub destination: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub token_program: &'a AccountInfo<'info>,
}

impl<'info> Payment<'_, 'info> {
    /// Checks that every account is the one the vault stores, and that the destination is another token account of the
    /// same mint.
    pub fn check(&self, vault: &Vault) -> Result<()> {
        self.check_linked(vault)?;
        require_keys_neq!(*self.destination.key, vault.custody, BulkheadError::WrongDestination);
        token::require_receiver(self.destination, &vault.mint, &vault.token_program)
    }

    /// Checks that every account except the destination is the one the vault stores.
    pub fn check_linked(&self, vault: &Vault) -> Result<()> {
        require_keys_eq!(*self.custody.key, vault.custody, BulkheadError::ForeignAccount);
        require_keys_eq!(*self.mint.key, vault.mint, BulkheadError::ForeignAccount);
        require_keys_eq!(
            *self.token_program.key,
            vault.token_program,
            BulkheadError::ForeignAccount
        );
        Ok(())
    }

    /// Moves `amount` out of custody, signed by the vault. Adds a memo if the destination requires one and `memo` is
    /// the memo program.
    pub fn pay(&self, vault: &Signature, amount: u64, memo: Option<&AccountInfo<'info>>) -> Result<Moved> {
        let Signature {
            domain,
            mint,
            index,
            bump,
            decimals,
        } = vault;
        let seeds: &[&[u8]] = &[SEED_VAULT, domain.as_ref(), mint.as_ref(), &[*index], &[*bump]];
        let accounts = Transfer {
            program: self.token_program,
            from: self.custody,
            mint: self.mint,
            to: self.destination,
            authority: self.vault,
            decimals: *decimals,
        };
        token::transfer_with_memo(&accounts, amount, &[seeds], memo)
    }
}

/// The vault's signer seeds, copied out of the account because nothing may stay borrowed over a CPI.
pub(crate) struct Signature {
    domain: Pubkey,
    mint: Pubkey,
    index: u8,
    bump: u8,
    decimals: u8,
}

impl Signature {
    pub fn of(vault: &Vault) -> Self {
        Self {
            domain: vault.domain,
            mint: vault.mint,
            index: vault.index,
            bump: vault.bump,
            decimals: vault.decimals,
        }
    }
}
