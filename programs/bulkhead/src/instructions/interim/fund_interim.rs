//! Anyone moves the agreed share of what a vault holds into the pool, and shares out what the pool holds.
//!
//! The tokens are in the vault's custody, or in the recovery account that this incident's evacuation moved them to. Each
//! vault gives its share once, whichever of the two pays it and however often this is called. Without a vault it shares
//! out what was sent to the pool by hand, for instance from a recovery account that is held elsewhere. More than the
//! agreed share of the greater total is never shared out.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenInterface};
use bulkhead_core::acts::{self, VaultTokens};
use bulkhead_interface::{
    layout::{Domain, Interim, Ledger, Vault},
    seeds::{SEED_DOMAIN, SEED_VOTES},
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::InterimFunded,
    instructions::custody::{Payment, Signature, of_queue},
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct FundInterim<'info> {
    #[account(constraint = interim.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut)]
    pub interim: AccountLoader<'info, Interim>,
    /// A vault that backs the ledger.
    #[account(mut)]
    pub vault: Option<AccountLoader<'info, Vault>>,
    /// CHECK: the vault's custody or its recovery account, matched by the addresses the vault stores.
    #[account(mut)]
    pub source: Option<UncheckedAccount<'info>>,
    /// CHECK: matched by the address the interim share-out stores.
    #[account(mut, address = interim.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: UncheckedAccount<'info>,
    #[account(address = interim.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = interim.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
    /// The ledger of the vault's queue, if it has one: what is kept for the queue is not shared out.
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_fund_interim(ctx: Context<FundInterim>) -> Result<()> {
    let accounts = &ctx.accounts;
    let amount = match (&accounts.vault, &accounts.source) {
        (Some(vault), Some(source)) => accounts.draw(vault, source)?,
        (None, None) => 0,
        _ => return err!(BulkheadError::ForeignAccount),
    };
    let event = accounts.share_out(amount)?;
    emit_cpi!(event);
    Ok(())
}

impl<'info> FundInterim<'info> {
    /// Moves what the vault's token account owes, and records it. Returns the amount that arrived.
    #[inline(never)]
    fn draw(&self, vault: &AccountLoader<'info, Vault>, source: &UncheckedAccount<'info>) -> Result<u64> {
        let amount = self.due(vault, source)?;
        let is_custody = vault.current()?.custody == *source.key;
        let moved = if is_custody {
            let payment = Payment {
                vault: vault.as_ref(),
                custody: source,
                destination: &self.pool,
                mint: (*self.mint).as_ref(),
                token_program: self.token_program.as_ref(),
            };
            let signature = {
                let vault = vault.current()?;
                payment.check(&vault)?;
                Signature::of(&vault)
            };
            payment.pay(&signature, amount, None)?
        } else {
            let (setup_authority, bump) = {
                let domain = self.domain.current()?;
                (domain.setup_authority, domain.bump)
            };
            let transfer = Transfer {
                program: self.token_program.as_ref(),
                from: source,
                mint: (*self.mint).as_ref(),
                to: &self.pool,
                authority: self.domain.as_ref(),
                decimals: self.mint.decimals,
            };
            token::transfer(&transfer, amount, &[&[SEED_DOMAIN, setup_authority.as_ref(), &[bump]]])?
        };
        let key = vault.key();
        acts::book_interim_drawn(
            &mut *self.interim.current_mut()?,
            (&key, &mut *vault.current_mut()?),
            source.key,
            moved.sent,
        )
        .map_err(core_error)?;
        Ok(moved.received)
    }

    #[inline(never)]
    fn due(&self, vault: &AccountLoader<'info, Vault>, source: &UncheckedAccount<'info>) -> Result<u64> {
        let (votes, _) = Pubkey::find_program_address(&[SEED_VOTES, self.domain.key().as_ref()], &crate::ID);
        require_keys_neq!(*source.key, votes, BulkheadError::WrongDestination);
        let ledger = of_queue(&self.queue_ledger)?;
        let from = VaultTokens {
            queue: ledger.as_deref(),
            vault: (&vault.key(), &*vault.current()?),
            account: source.key,
            held: token::holding(source, &self.mint.key())?,
        };
        let balance = token::balance(&self.pool)?;
        acts::interim_due(&*self.domain.current()?, &*self.interim.current()?, from, balance).map_err(core_error)
    }

    #[inline(never)]
    fn share_out(&self, amount: u64) -> Result<InterimFunded> {
        let balance = token::balance(&self.pool)?;
        let mut interim = self.interim.current_mut()?;
        acts::share_out_interim(&*self.domain.current()?, &mut interim, balance).map_err(core_error)?;
        Ok(InterimFunded {
            interim: self.interim.key(),
            source: self.source.as_ref().map_or(Pubkey::default(), |source| *source.key),
            amount,
            shared: interim.shared,
        })
    }
}
