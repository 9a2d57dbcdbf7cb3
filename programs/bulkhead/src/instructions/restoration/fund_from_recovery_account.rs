//! Anyone moves what an evacuation brought to a recovery account into the pool.
//!
//! A recovery account is a token account of the domain's PDA to which the incident's evacuation moved a vault, or the
//! host moved a direct vault. The vault must back this ledger, or its queue must be this ledger: what is kept for the queue
//! goes to the queue's claims and all the rest to the other's. The ledger of the queue must be passed if the vault has one.
//! No other tokens of the domain can be moved this way, least of all escrowed votes. The
//! instruction never moves more than the evacuation brought there, nor more than the claims still lack; the rest stays
//! in the recovery account. It works in every phase and in every later incident, until a later incident evacuates the
//! same vault: from then on the tokens in the recovery account belong to that incident.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts::{self, RecoveryAccount};
use bulkhead_interface::{
    discriminator,
    layout::{DirectVault, Domain, Ledger, Restoration, Vault},
    seeds::{SEED_DOMAIN, SEED_VOTES},
};

use super::require_claims_run;
use crate::{
    authority::core_error,
    current::{Current, typed_mut},
    error::BulkheadError,
    events::RestorationFunded,
    instructions::custody::{of_queue, of_queue_mut},
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct FundFromRecoveryAccount<'info> {
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = restoration.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub restoration: AccountLoader<'info, Restoration>,
    /// CHECK: the vault or direct vault that the restoration's incident moved to the recovery account. Its owner, type and
    /// domain are checked.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    #[account(mut, constraint = source.owner == domain.key() @ BulkheadError::ForeignAccount)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = restoration.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
    /// The ledger of the vault's queue, if it has one.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_fund_from_recovery_account(ctx: Context<FundFromRecoveryAccount>) -> Result<()> {
    let accounts = &ctx.accounts;
    let amount = accounts.due()?;
    let (setup_authority, bump) = {
        let domain = accounts.domain.current()?;
        (domain.setup_authority, domain.bump)
    };
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.source).as_ref(),
        mint: (*accounts.mint).as_ref(),
        to: (*accounts.pool).as_ref(),
        authority: accounts.domain.as_ref(),
        decimals: accounts.mint.decimals,
    };
    let seeds: &[&[u8]] = &[SEED_DOMAIN, setup_authority.as_ref(), &[bump]];
    let moved = token::transfer(&transfer, amount, &[seeds])?;
    accounts.book(moved.sent)?;
    emit_cpi!(RestorationFunded {
        restoration: accounts.restoration.key(),
        source: accounts.source.key(),
        amount: moved.received,
        balance: token::balance(transfer.to)?,
    });
    Ok(())
}

impl FundFromRecoveryAccount<'_> {
    /// The amount that the recovery account owes to the claims.
    #[inline(never)]
    fn due(&self) -> Result<u64> {
        let (votes, _) = Pubkey::find_program_address(&[SEED_VOTES, self.domain.key().as_ref()], &crate::ID);
        require_keys_neq!(self.source.key(), votes, BulkheadError::WrongDestination);
        let (source, held) = (&self.source.key(), self.source.amount);
        let restoration = self.restoration.current()?;
        require_claims_run(&restoration)?;
        // The restoration is of this domain, and the vault has to be of the restoration's.
        let due = if self.is_direct()? {
            let vault = typed_mut::<DirectVault>(&self.vault)?;
            acts::direct_vault_due(&restoration, &vault, (source, held), self.pool.amount)
        } else {
            let ledger = of_queue(&self.queue_ledger)?;
            let recovery_account = RecoveryAccount {
                vault_key: self.vault.key,
                vault: &*typed_mut::<Vault>(&self.vault)?,
                source,
                held,
                queue: ledger.as_deref(),
            };
            acts::recovery_account_due(&restoration, recovery_account, self.pool.amount)
        };
        due.map_err(core_error)
    }

    fn is_direct(&self) -> Result<bool> {
        Ok(self.vault.try_borrow_data()?.starts_with(&discriminator::DIRECT_VAULT))
    }

    /// Records what left the recovery account.
    fn book(&self, amount: u64) -> Result<()> {
        let booked = if self.is_direct()? {
            acts::book_drawn_of(&mut typed_mut::<DirectVault>(&self.vault)?.evacuation, amount)
        } else {
            let mut ledger = of_queue_mut(&self.queue_ledger)?;
            acts::book_drawn(
                &*self.restoration.current()?,
                &mut *typed_mut::<Vault>(&self.vault)?,
                ledger.as_deref_mut(),
                amount,
            )
        };
        booked.map_err(core_error)
    }
}
