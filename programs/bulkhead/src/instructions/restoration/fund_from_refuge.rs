//! Anyone moves what an evacuation brought to a refuge into the pool.
//!
//! A refuge is a token account of the domain's PDA that the incident's migration moved a vault to.
//! Nothing else of the domain's can be moved this way, least of all escrowed votes, and never more
//! than the claims still lack: what they do not need stays in the refuge. A restoration of an
//! earlier incident can take nothing once another incident has begun.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::tranche::lacking;
use bulkhead_interface::{
    layout::{Domain, Restoration, Vault},
    seeds::{SEED_DOMAIN, SEED_VOTES},
};

use crate::{
    current::Current,
    error::BulkheadError,
    events::RestorationFunded,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct FundFromRefuge<'info> {
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = restoration.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub restoration: AccountLoader<'info, Restoration>,
    /// The vault that this incident's evacuation moved to the refuge.
    #[account(constraint = vault.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(mut, constraint = source.owner == domain.key() @ BulkheadError::ForeignAccount)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = restoration.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_fund_from_refuge(ctx: Context<FundFromRefuge>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_refuge()?;
    let amount = lacking(&*accounts.restoration.current()?, accounts.pool.amount).min(accounts.source.amount);
    require!(amount > 0, BulkheadError::NothingToMove);
    let (namespace, bump) = {
        let domain = accounts.domain.current()?;
        (domain.namespace, domain.bump)
    };
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.source).as_ref(),
        mint: (*accounts.mint).as_ref(),
        to: (*accounts.pool).as_ref(),
        authority: accounts.domain.as_ref(),
        decimals: accounts.mint.decimals,
    };
    let seeds: &[&[u8]] = &[SEED_DOMAIN, namespace.as_ref(), &[bump]];
    let moved = token::transfer(&transfer, amount, &[seeds])?;
    emit_cpi!(RestorationFunded {
        restoration: accounts.restoration.key(),
        source: accounts.source.key(),
        amount: moved.received,
        balance: token::balance(transfer.to)?,
    });
    Ok(())
}

impl FundFromRefuge<'_> {
    /// The source is where this incident's evacuation went, and the incident is still the last one.
    #[inline(never)]
    fn require_refuge(&self) -> Result<()> {
        let domain = self.domain.current()?;
        let restoration = self.restoration.current()?;
        require!(
            domain.open_incident == restoration.incident || domain.restoration == self.restoration.key(),
            BulkheadError::IncidentNotOpen
        );
        let evacuation = self.vault.current()?.evacuation;
        require_keys_eq!(evacuation.incident, restoration.incident, BulkheadError::ForeignAccount);
        let source = self.source.key();
        require_keys_eq!(evacuation.destination, source, BulkheadError::WrongDestination);
        let (votes, _) = Pubkey::find_program_address(&[SEED_VOTES, self.domain.key().as_ref()], &crate::ID);
        require_keys_neq!(source, votes, BulkheadError::WrongDestination);
        Ok(())
    }
}
