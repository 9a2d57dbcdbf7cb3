//! What the instructions of an insurance pool share.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::{
    acts::{VaultFunds, as_vault, insured},
    custody::{migration::Moved, queue_ledger},
    detectors::latch,
};
use bulkhead_interface::{
    constants::domain_flag,
    layout::{DirectVault, Domain, InsurancePool, Ledger, PauseBoard, Vault},
    seeds::SEED_INSURANCE,
};

use crate::{
    authority::core_error,
    current::{Current, if_there},
    detector,
    error::BulkheadError,
    token::{self, Transfer},
};

/// A pool and its tokens. The pool signs for them: no signature of the domain, and so no proposal, reaches them.
#[derive(Accounts)]
pub struct InsuranceTokens<'info> {
    /// The pool.
    #[account(mut)]
    pub pool: AccountLoader<'info, InsurancePool>,
    /// Its token account.
    #[account(mut, address = pool.current()?.tokens @ BulkheadError::ForeignAccount)]
    pub tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// The mint.
    #[account(address = pool.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// SPL Token or Token-2022.
    #[account(address = pool.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

impl<'info> InsuranceTokens<'info> {
    /// Moves tokens into the pool. `authority` signs for `from`, by the transaction or by `seeds`.
    #[inline(never)]
    pub fn take(
        &self,
        from: &AccountInfo<'info>,
        authority: &AccountInfo<'info>,
        amount: u64,
        seeds: &[&[&[u8]]],
    ) -> Result<Moved> {
        let transfer = Transfer {
            from,
            to: (*self.tokens).as_ref(),
            authority,
            ..self.transfer()
        };
        token::transfer(&transfer, amount, seeds)
    }

    /// Moves tokens out of the pool, which signs.
    #[inline(never)]
    pub fn pay(&self, to: &AccountInfo<'info>, amount: u64) -> Result<Moved> {
        let (domain, ledger, order, bump) = {
            let pool = self.pool.current()?;
            (pool.domain, pool.ledger_index, pool.order, pool.bump)
        };
        let seeds: &[&[u8]] = &[SEED_INSURANCE, domain.as_ref(), &[ledger], &[order], &[bump]];
        let transfer = Transfer { to, ..self.transfer() };
        token::transfer(&transfer, amount, &[seeds])
    }

    fn transfer<'a>(&'a self) -> Transfer<'a, 'info> {
        Transfer {
            program: self.token_program.as_ref(),
            from: (*self.tokens).as_ref(),
            mint: (*self.mint).as_ref(),
            to: (*self.tokens).as_ref(),
            authority: self.pool.as_ref(),
            decimals: self.mint.decimals,
        }
    }
}

/// Has a detector of the pool latched, and can anyone still propagate it? `given` are the pool's detectors, in its order.
/// One that is closed, or whose address holds no detector of the domain, has not.
pub fn is_latched(
    pool: &InsurancePool,
    domain: &Domain,
    board: &PauseBoard,
    given: &[AccountInfo],
    now: i64,
) -> Result<bool> {
    let is_decided = domain.flags & domain_flag::DECIDED != 0;
    let mut given = given.iter();
    let mut is_any = false;
    for key in insured(&pool.terms.detectors) {
        let account = given.next().ok_or(BulkheadError::AccountsMismatch)?;
        require_keys_eq!(*account.key, *key, BulkheadError::AccountsMismatch);
        if let Ok((_, found)) = detector::read(account) {
            let is_news = latch::is_news(&found.latch, board.unpaused_slot, now, is_decided);
            is_any |= found.domain == pool.domain && is_news;
        }
    }
    Ok(is_any)
}

/// A vault, the balances of its custody and its recovery account, and what of both is kept for its queue.
type Found = (Vault, u64, u64, u64);

/// The pool's vaults, as a restoration in `incident` counts them. `given` has three accounts for each, in the pool's
/// order: the vault, its custody and the account that its last evacuation went to; and a fourth where the vault has a
/// queue's ledger: that ledger. An address that holds no vault of Bulkhead backs nothing.
pub fn find_vaults(pool: &InsurancePool, incident: &Pubkey, given: &[AccountInfo]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut given = given.iter();
    for key in insured(&pool.terms.vaults) {
        let mut next = || given.next().ok_or(BulkheadError::AccountsMismatch);
        let (account, custody, recovery) = (next()?, next()?, next()?);
        require_keys_eq!(*account.key, *key, BulkheadError::AccountsMismatch);
        let Some(vault) = read_vault(account) else { continue };
        require_keys_eq!(*custody.key, vault.custody, BulkheadError::AccountsMismatch);
        let destination = vault.evacuation.destination;
        let is_evacuated = destination != Pubkey::default();
        require!(
            !is_evacuated || *recovery.key == destination,
            BulkheadError::AccountsMismatch
        );
        let ledger = match queue_ledger::index_of(&vault) {
            Some(_) => if_there::<Ledger>(next()?)?,
            None => None,
        };
        let kept = queue_ledger::kept((account.key, &vault), ledger.as_deref(), incident).map_err(core_error)?;
        // An account that was closed holds nothing.
        let held = |account: &AccountInfo| token::holding(account, &vault.mint).unwrap_or(0);
        let recovered = if is_evacuated { held(recovery) } else { 0 };
        found.push((vault, held(custody), recovered, kept));
    }
    Ok(found)
}

/// A vault, or a direct vault as one.
fn read_vault(account: &AccountInfo) -> Option<Vault> {
    if let Ok(Some(vault)) = if_there::<Vault>(account) {
        return Some(*vault);
    }
    let vault = if_there::<DirectVault>(account).ok().flatten()?;
    Some(as_vault(&vault))
}

/// What was found, as the acts take it.
pub fn backings(found: &[Found]) -> Vec<VaultFunds<'_>> {
    found
        .iter()
        .map(|(vault, custody, recovered, kept)| VaultFunds {
            vault,
            custody: *custody,
            recovered: *recovered,
            kept: *kept,
        })
        .collect()
}
