//! The accounts with which the restoration of a ledger begins, whoever has chosen its state.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts::{NewRestoration, Plan};
use bulkhead_interface::{
    layout::{Incident, Ledger, Restoration, Snapshot, Vault, space},
    seeds::{SEED_CHECKPOINTS, SEED_CLAIM_TERMS, SEED_INTERIM, SEED_POOL, SEED_RESTORATION},
};

use crate::{
    current::Current,
    error::BulkheadError,
    instructions::{checkpoints::note_restoration, custody::restore_queue, interim::end_interim},
    token::require_safe_mint,
};

/// A restoration that begins: one for each ledger and incident, at one address.
#[derive(Accounts)]
pub struct BeginRestoration<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub incident: AccountLoader<'info, Incident>,
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// CHECK: the ledger's checkpoint log, by address; it may not exist.
    #[account(
        mut,
        seeds = [SEED_CHECKPOINTS, snapshot.current()?.domain.as_ref(), &[snapshot.current()?.ledger_index]], bump
    )]
    pub log: UncheckedAccount<'info>,
    /// CHECK: the terms of the ledger's claims, by address; they may not exist.
    #[account(
        seeds = [SEED_CLAIM_TERMS, snapshot.current()?.domain.as_ref(), &[snapshot.current()?.ledger_index]], bump
    )]
    pub terms: UncheckedAccount<'info>,
    #[account(
        init, payer = payer, space = space::<Restoration>(),
        seeds = [SEED_RESTORATION, incident.key().as_ref(), &[snapshot.current()?.ledger_index]], bump
    )]
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(address = snapshot.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    /// Already there when interim claims were paid from it.
    #[account(
        init_if_needed, payer = payer,
        token::mint = mint, token::authority = restoration, token::token_program = token_program,
        seeds = [SEED_POOL, restoration.key().as_ref()], bump
    )]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
    /// CHECK: the ledger's interim share-out, by address; it may not exist.
    #[account(mut, seeds = [SEED_INTERIM, incident.key().as_ref(), &[snapshot.current()?.ledger_index]], bump)]
    pub interim: UncheckedAccount<'info>,
    /// For a queue: the vault.
    #[account(mut)]
    pub vault: Option<AccountLoader<'info, Vault>>,
    /// For a queue: its ledger.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

impl BeginRestoration<'_> {
    /// What begins, in the types the acts take. The snapshot must belong to `domain`.
    pub fn named(&self, domain: Pubkey, bump: u8) -> Result<(Plan, NewRestoration)> {
        let snapshot = self.snapshot.current()?;
        require_keys_eq!(snapshot.domain, domain, BulkheadError::ForeignAccount);
        require_safe_mint(self.mint.as_ref().as_ref())?;
        let plan = Plan {
            incident: self.incident.key(),
            snapshot: self.snapshot.key(),
            root: snapshot.root,
            ledger_index: snapshot.ledger_index,
        };
        let new = NewRestoration {
            key: self.restoration.key(),
            bump,
            domain,
            mint: self.mint.key(),
            decimals: self.mint.decimals,
            pool: self.pool.key(),
            token_program: self.token_program.key(),
        };
        Ok((plan, new))
    }

    /// Records in the ledger's log that it is restored, and ends its interim share-out. The releases of a queue are paid by
    /// its claims from now on, and by nothing else.
    pub fn note(&self) -> Result<()> {
        let snapshot = &*self.snapshot.current()?;
        restore_queue(snapshot, &self.vault, &self.queue_ledger)?;
        note_restoration(&self.log, &*self.incident.current()?, snapshot)?;
        let restoration = &mut *self.restoration.load_init()?;
        end_interim(&self.interim, (&self.restoration.key(), restoration), snapshot)
    }
}
