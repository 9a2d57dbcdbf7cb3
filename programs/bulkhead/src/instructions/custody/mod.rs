//! Tokens in custody: vaults, releases, routes and evacuations.

mod cancel_release;
mod close_release;
mod confirm_evacuation;
mod evacuate;
mod open_vault;
mod register_route;
mod release;
mod settle_release;

pub use {
    cancel_release::*, close_release::*, confirm_evacuation::*, evacuate::*, open_vault::*, register_route::*,
    release::*, settle_release::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::migration::{MigrationError, Moved};
use bulkhead_interface::{layout::Vault, seeds::SEED_VAULT};

use crate::{
    error::BulkheadError,
    token::{self, Transfer},
};

/// The accounts a vault pays with, as a transaction gives them.
pub(super) struct Payment<'a, 'info> {
    pub vault: &'a AccountInfo<'info>,
    pub custody: &'a AccountInfo<'info>,
    pub destination: &'a AccountInfo<'info>,
    pub mint: &'a AccountInfo<'info>,
    pub token_program: &'a AccountInfo<'info>,
}

impl Payment<'_, '_> {
    /// Every account is the one the vault stores, and the destination is another token account of
    /// the same mint.
    pub fn check(&self, vault: &Vault) -> Result<()> {
        require_keys_eq!(*self.custody.key, vault.custody, BulkheadError::ForeignAccount);
        require_keys_eq!(*self.mint.key, vault.mint, BulkheadError::ForeignAccount);
        require_keys_eq!(
            *self.token_program.key,
            vault.token_program,
            BulkheadError::ForeignAccount
        );
        require_keys_neq!(*self.destination.key, vault.custody, BulkheadError::WrongDestination);
        token::require_receiver(self.destination, &vault.mint, &vault.token_program)
    }

    /// Moves `amount` out of custody, signed by the vault.
    pub fn pay(&self, vault: &Signature, amount: u64) -> Result<Moved> {
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
        token::transfer(&accounts, amount, &[seeds])
    }
}

/// What a vault signs with, copied out of the account: nothing may be borrowed over a CPI.
pub(super) struct Signature {
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

/// Names the program's error for a move that cannot be written down.
pub(super) fn migration_error(error: MigrationError) -> Error {
    match error {
        MigrationError::Full => BulkheadError::MigrationFull,
        MigrationError::NotConserved => BulkheadError::ConservationBroken,
        MigrationError::Overflow => BulkheadError::Overflow,
    }
    .into()
}
