//! Anyone returns to an insurance pool what a recovery account still holds once every claim of the restoration is
//! covered, at most what the pool was slashed. The pool of the highest order is paid back first. What is kept for the
//! queue of the vault stays there: its ledger must be passed if the vault has one.
//!
//! The stakers earn it over a week, like a premium.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::{
    acts::{self, VaultFunds},
    custody::queue_ledger,
};
use bulkhead_interface::{
    layout::{Domain, InsuranceCover, Ledger, Restoration, Vault},
    seeds::{SEED_COVER, SEED_DOMAIN, SEED_INSURANCE, SEED_VOTES},
};

use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    error::BulkheadError,
    events::RecoveredReturned,
    instructions::{
        custody::{of_queue, of_queue_mut},
        *,
    },
};

#[event_cpi]
#[derive(Accounts)]
pub struct ReturnRecovered<'info> {
    pub bank: InsuranceTokens<'info>,
    #[account(address = bank.pool.current()?.domain @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(address = cover.current()?.restoration @ BulkheadError::ForeignAccount)]
    pub restoration: AccountLoader<'info, Restoration>,
    /// The token account that claims are paid from.
    #[account(address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub claims: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, constraint = cover.current()?.pool == bank.pool.key() @ BulkheadError::ForeignAccount)]
    pub cover: AccountLoader<'info, InsuranceCover>,
    #[account(mut, constraint = vault.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub vault: AccountLoader<'info, Vault>,
    /// The account that the vault was evacuated to.
    #[account(
        mut,
        address = vault.current()?.evacuation.destination @ BulkheadError::WrongDestination,
        constraint = source.owner == domain.key() @ BulkheadError::ForeignAccount
    )]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: the pool of the next order, by address; it may not exist.
    #[account(
        seeds = [
            SEED_INSURANCE, domain.key().as_ref(), &[bank.pool.current()?.ledger_index],
            &[bank.pool.current()?.order.saturating_add(1)]
        ],
        bump
    )]
    pub next_pool: UncheckedAccount<'info>,
    /// CHECK: its cover of the restoration, by address; it may not exist.
    #[account(seeds = [SEED_COVER, next_pool.key().as_ref(), restoration.key().as_ref()], bump)]
    pub next_cover: UncheckedAccount<'info>,
    /// The ledger of the vault's queue, if it has one.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_return_recovered(ctx: Context<ReturnRecovered>) -> Result<()> {
    let accounts = &ctx.accounts;
    let amount = accounts.due()?;
    let (setup_authority, bump) = {
        let domain = accounts.domain.current()?;
        (domain.setup_authority, domain.bump)
    };
    let seeds: &[&[u8]] = &[SEED_DOMAIN, setup_authority.as_ref(), &[bump]];
    let source: &AccountInfo = (*accounts.source).as_ref();
    let moved = accounts.bank.take(source, accounts.domain.as_ref(), amount, &[seeds])?;
    accounts.book(moved.sent)?;
    let event = {
        let mut cover = accounts.cover.current_mut()?;
        let mut pool = accounts.bank.pool.current_mut()?;
        acts::return_recovered(&mut pool, &mut cover, (moved.sent, moved.received), clock()?.now)
            .map_err(core_error)?;
        RecoveredReturned {
            pool: cover.pool,
            restoration: cover.restoration,
            source: accounts.source.key(),
            amount: moved.received,
            returned: cover.returned,
        }
    };
    emit_cpi!(event);
    Ok(())
}

impl ReturnRecovered<'_> {
    /// The amount that the recovery account owes to the pool.
    #[inline(never)]
    fn due(&self) -> Result<u64> {
        let (votes, _) = Pubkey::find_program_address(&[SEED_VOTES, self.domain.key().as_ref()], &crate::ID);
        require_keys_neq!(self.source.key(), votes, BulkheadError::WrongDestination);
        let (vault, restoration) = (self.vault.current()?, self.restoration.current()?);
        let ledger = of_queue(&self.queue_ledger)?;
        let vault_key = self.vault.as_ref().key;
        let backing = VaultFunds {
            vault: &vault,
            custody: 0,
            recovered: self.source.amount,
            kept: queue_ledger::kept((vault_key, &vault), ledger.as_deref(), &restoration.incident)
                .map_err(core_error)?,
        };
        let next = if_there::<InsuranceCover>(&self.next_cover)?;
        acts::to_return(
            &*self.cover.current()?,
            &restoration,
            self.claims.amount,
            &backing,
            next.as_deref(),
            clock()?.now,
        )
        .map_err(core_error)
    }

    #[inline(never)]
    fn book(&self, sent: u64) -> Result<()> {
        let mut ledger = of_queue_mut(&self.queue_ledger)?;
        let mut vault = self.vault.current_mut()?;
        acts::book_drawn(&*self.restoration.current()?, &mut vault, ledger.as_deref_mut(), sent).map_err(core_error)
    }
}
