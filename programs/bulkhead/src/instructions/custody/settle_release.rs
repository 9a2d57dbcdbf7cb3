//! Anyone pays a queued release once its time has come, by instalments if need be.
//!
//! It pays what is owed, what the limit leaves and what the vault has, whichever is least, and
//! counts it in the window: the limit holds for queued releases too. It pays the destination that
//! was asked for and no other.

use anchor_lang::prelude::*;
use bulkhead_core::{
    custody::{is_active, is_void},
    window,
};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::{
    constants::release_state,
    layout::{self, OutflowBreaker, Vault},
};

use super::{Payment, Signature};
use crate::{current::Current, error::BulkheadError, events::ReleaseSettled, gate::Gate, token};

#[derive(Accounts)]
pub struct SettleRelease<'info> {
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the vault's board: the guard checks key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: by the address the release stores.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
    #[account(mut)]
    pub release: AccountLoader<'info, layout::Release>,
}

pub fn handle_settle_release(ctx: Context<SettleRelease>) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let (instalment, signature, settled) = {
        let vault = accounts.vault.current()?;
        require_keys_eq!(vault.breaker, accounts.breaker.key(), BulkheadError::ForeignAccount);
        payment.check(&vault)?;
        let mut release = accounts.release.current_mut()?;
        require_keys_eq!(release.vault, accounts.vault.key(), BulkheadError::ForeignAccount);
        require_keys_eq!(
            release.destination,
            accounts.destination.key(),
            BulkheadError::WrongDestination
        );
        require!(release.state == release_state::QUEUED, BulkheadError::ReleaseNotQueued);
        require!(
            clock.unix_timestamp >= release.payable_ts,
            BulkheadError::ReleaseNotPayable
        );
        let gate = Gate::read(&vault.board, &accounts.board, vault.compartment, WITHDRAW, &clock)?;
        require!(!gate.is_closed, BulkheadError::ActionPaused);
        require!(
            is_active(&vault, gate.moment.lifted_slot) && !is_void(&vault, &release),
            BulkheadError::VaultEvacuated
        );

        let owed = release
            .amount
            .checked_sub(release.paid)
            .ok_or(BulkheadError::Overflow)?;
        let payable = owed.min(token::balance(payment.custody)?);
        require!(payable > 0, BulkheadError::NothingToMove);
        let mut breaker = accounts.breaker.current_mut()?;
        let instalment = window::take(&mut breaker, payable, &gate.moment);
        require!(instalment > 0, BulkheadError::LimitUsedUp);
        release.paid = release.paid.checked_add(instalment).ok_or(BulkheadError::Overflow)?;
        if release.paid == release.amount {
            release.state = release_state::PAID;
        }
        let settled = ReleaseSettled {
            release: accounts.release.key(),
            amount: instalment,
            paid: release.paid,
            owed: release.amount,
            state: release.state,
        };
        (instalment, Signature::of(&vault), settled)
    };
    payment.pay(&signature, instalment)?;
    emit!(settled);
    Ok(())
}
