//! Once the escape is due, anyone moves what custody holds for a ledger into the pool of its restoration.
//!
//! The vault must back this ledger, and the restoration must belong to the open incident: a vote or the escape chose its
//! state. It never moves more than the claims lack; the rest stays in custody. It works until the incident is resolved.
//! Tokens in a recovery account of the domain are moved by `fund_from_recovery_account`. A recovery account that someone
//! else holds cannot be forced to pay.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, InCustody};
use bulkhead_interface::layout::{Domain, Ledger, Restoration, Vault};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::RestorationFunded,
    instructions::custody::{Payment, Signature, of_queue_mut},
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct FundFromCustody<'info> {
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = restoration.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub restoration: AccountLoader<'info, Restoration>,
    pub vault: AccountLoader<'info, Vault>,
    /// CHECK: matched by the address the vault stores.
    #[account(mut)]
    pub custody: UncheckedAccount<'info>,
    /// CHECK: the restoration's pool, matched by the stored address.
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: matched by the address the vault stores.
    pub token_program: UncheckedAccount<'info>,
    /// The ledger of the vault's queue, if it has one.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_fund_from_custody(ctx: Context<FundFromCustody>) -> Result<()> {
    let accounts = &ctx.accounts;
    let payment = Payment {
        vault: accounts.vault.as_ref(),
        custody: &accounts.custody,
        destination: &accounts.pool,
        mint: &accounts.mint,
        token_program: &accounts.token_program,
    };
    let (amount, signature) = {
        let vault = accounts.vault.current()?;
        payment.check(&vault)?;
        let mut ledger = of_queue_mut(&accounts.queue_ledger)?;
        let restoration = accounts.restoration.current()?;
        let custody = InCustody {
            vault_key: accounts.vault.as_ref().key,
            vault: &vault,
            queue: ledger.as_deref(),
            held: token::balance(payment.custody)?,
        };
        let amount = acts::custody_due(
            &*accounts.domain.current()?,
            &restoration,
            custody,
            token::balance(payment.destination)?,
            clock()?.now,
        )
        .map_err(core_error)?;
        if let Some(ledger) = ledger.as_deref_mut() {
            acts::book_kept(&restoration, ledger, amount).map_err(core_error)?;
        }
        (amount, Signature::of(&vault))
    };
    let moved = payment.pay(&signature, amount, None)?;
    emit_cpi!(RestorationFunded {
        restoration: accounts.restoration.key(),
        source: accounts.custody.key(),
        amount: moved.received,
        balance: token::balance(payment.destination)?,
    });
    Ok(())
}
