//! Anyone moves a vault's whole balance to its route, once the guardians have confirmed.
//!
//! It can move nothing less, nothing elsewhere, and only in the incident it was confirmed for. The
//! vault pays no release afterwards until a proposal has reopened the domain, and what was queued
//! before is void. What arrives in it later can be moved again; each
//! move adds up in the vault's row: before = moved + fee + after. It may stop anywhere and be
//! resumed.

use anchor_lang::prelude::*;
use bulkhead_core::{incident::mark_again, migration};
use bulkhead_interface::{
    constants::{incident_state, migration_state, step, vault_state},
    layout::{Incident, Migration, Vault},
};

use super::{Payment, Signature, migration_error};
use crate::{current::Current, error::BulkheadError, events::VaultEvacuated, token};

#[derive(Accounts)]
pub struct Evacuate<'info> {
    #[account(mut)]
    pub migration: AccountLoader<'info, Migration>,
    #[account(mut)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: the vault's route.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
}

pub fn handle_evacuate(ctx: Context<Evacuate>) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let (slot, now) = (clock.slot, clock.unix_timestamp);
    let (vault_key, destination) = (accounts.vault.key(), accounts.destination.key());
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let signature = {
        let migration = accounts.migration.current()?;
        require_keys_eq!(
            migration.incident,
            accounts.incident.key(),
            BulkheadError::ForeignAccount
        );
        require!(
            migration.state == migration_state::ACTIVE,
            BulkheadError::EvacuationNotConfirmed
        );
        require!(
            accounts.incident.current()?.state == incident_state::OPEN,
            BulkheadError::IncidentNotOpen
        );
        let mut vault = accounts.vault.current_mut()?;
        require_keys_eq!(vault.domain, migration.domain, BulkheadError::ForeignAccount);
        require!(
            vault.route != Pubkey::default() && vault.route == destination,
            BulkheadError::WrongRoute
        );
        payment.check(&vault)?;
        vault.state = vault_state::EVACUATED;
        vault.evacuated_slot = slot;
        Signature::of(&vault)
    };
    let amount = token::balance(payment.custody)?;
    require!(amount > 0, BulkheadError::NothingToMove);
    let moved = payment.pay(&signature, amount)?;
    {
        let mut migration = accounts.migration.current_mut()?;
        migration::record(&mut migration, &vault_key, &destination, &moved, slot, now).map_err(migration_error)?;
        let mut incident = accounts.incident.current_mut()?;
        incident.evacuated = incident
            .evacuated
            .checked_add(moved.received)
            .ok_or(BulkheadError::Overflow)?;
        mark_again(&mut incident, step::EVACUATED, slot, now);
    }
    emit!(VaultEvacuated {
        incident: accounts.incident.key(),
        vault: vault_key,
        destination,
        before: moved.before,
        moved: moved.received,
        fee: moved.fee,
        after: moved.after,
    });
    Ok(())
}
