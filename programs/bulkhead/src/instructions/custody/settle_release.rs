//! Anyone pays a queued release once its time has come, in instalments if necessary.
//!
//! It pays the smallest of the amount owed, the amount the limit leaves and the vault's balance, and counts the payment
//! in the window: the limit holds for queued releases too. It pays only the account that was named last, and only while
//! that account still has the holder it had then, because an address can be closed and reopened by someone else. The
//! memo program may follow the accounts, for a destination that requires a memo.
//!
//! If the window has too little room, it pays what fits, possibly nothing, and still succeeds. This starts the turn of
//! all matured releases: half of the window is reserved for them until they have been paid in full. Anyone who waits
//! should call it once per sub-window.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::{self, OutflowBreaker, Vault};

use super::{Payment, Signature};
use crate::{authority::core_error, current::Current, events::ReleaseSettled, gate::Gate, token};

#[derive(Accounts)]
pub struct SettleRelease<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the vault's board; the guard checks its key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: matched by the address the release stores.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
    #[account(mut)]
    pub release: AccountLoader<'info, layout::Release>,
}

pub fn handle_settle_release<'info>(ctx: Context<'info, SettleRelease<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let memo = token::memo_program(ctx.remaining_accounts);
    let receiver = token::receiver(&accounts.destination, memo)?;
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.destination,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let (instalment, signature, settled) = {
        let mut vault = accounts.vault.current_mut()?;
        payment.check(&vault)?;
        let mut release = accounts.release.current_mut()?;
        let Gate { is_closed, moment } =
            Gate::read(&vault.board, &accounts.board, vault.compartment, WITHDRAW, &clock)?;
        let instalment = acts::settle(
            (accounts.vault.as_ref().key, &mut *vault),
            (accounts.breaker.as_ref().key, &mut *accounts.breaker.current_mut()?),
            &mut release,
            &receiver,
            token::balance(payment.custody)?,
            is_closed,
            &moment,
        )
        .map_err(core_error)?;
        let settled = ReleaseSettled {
            release: accounts.release.key(),
            amount: instalment,
            paid: release.paid,
            owed: release.amount,
            state: release.state,
        };
        (instalment, Signature::of(&vault), settled)
    };
    if instalment > 0 {
        payment.pay(&signature, instalment, memo)?;
    }
    emit!(settled);
    Ok(())
}
