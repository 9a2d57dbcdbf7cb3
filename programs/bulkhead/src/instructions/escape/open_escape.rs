//! Anyone restores a ledger without a vote, once the freeze has lasted for as long as was fixed in peace: frozen or
//! recovering -> recovering.
//!
//! Claims are paid by the state that was read in the incident and agrees with the host's total. Where none was sealed a
//! week after the escape is due, by the newest checkpoint that can be used and whose leaves are published, and without
//! such a checkpoint by what an override sealed. Each ledger has one restoration in an incident,
//! at one address: of an escape and a chosen state, the first one stays. It opens no action of the host, and the council
//! reopens the domain by a proposal as after any restoration.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts::{self, EscapeState, NewRestoration, Plan};
use bulkhead_interface::{
    layout::{CheckpointLog, Domain, Incident, Ledger, Restoration, Snapshot, Vault, space},
    seeds::{SEED_CHECKPOINTS, SEED_CLAIM_TERMS, SEED_INTERIM, SEED_POOL, SEED_RESTORATION, SEED_SNAPSHOT},
};

use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    error::BulkheadError,
    events::EscapeOpened,
    instructions::{
        checkpoints::note_restoration, custody::restore_queue, interim::end_interim, restoration::copy_terms,
    },
    token::require_safe_mint,
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(ledger_index: u8)]
pub struct OpenEscape<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = snapshot.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// CHECK: the snapshot read in the incident, by address; it may not exist.
    #[account(seeds = [SEED_SNAPSHOT, incident.key().as_ref(), &[ledger_index]], bump)]
    pub own_snapshot: UncheckedAccount<'info>,
    /// CHECK: the ledger's checkpoint log, by address; it may not exist.
    #[account(mut, seeds = [SEED_CHECKPOINTS, domain.key().as_ref(), &[ledger_index]], bump)]
    pub log: UncheckedAccount<'info>,
    /// CHECK: the terms of the ledger's claims, by address; they may not exist.
    #[account(seeds = [SEED_CLAIM_TERMS, domain.key().as_ref(), &[ledger_index]], bump)]
    pub terms: UncheckedAccount<'info>,
    #[account(
        init, payer = payer, space = space::<Restoration>(),
        seeds = [SEED_RESTORATION, incident.key().as_ref(), &[ledger_index]], bump
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
    #[account(mut, seeds = [SEED_INTERIM, incident.key().as_ref(), &[ledger_index]], bump)]
    pub interim: UncheckedAccount<'info>,
    /// For a queue: the vault.
    #[account(mut)]
    pub vault: Option<AccountLoader<'info, Vault>>,
    /// For a queue: its ledger.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_open_escape(ctx: Context<OpenEscape>, ledger_index: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    require_safe_mint(accounts.mint.as_ref().as_ref())?;
    let event = accounts.open(ledger_index, ctx.bumps.restoration)?;
    note_restoration(
        &accounts.log,
        &*accounts.incident.current()?,
        &*accounts.snapshot.current()?,
    )?;
    end_interim(
        &accounts.interim,
        (&event.restoration, &mut *accounts.restoration.load_init()?),
        &*accounts.snapshot.current()?,
    )?;
    emit_cpi!(event);
    Ok(())
}

impl OpenEscape<'_> {
    #[inline(never)]
    fn open(&self, ledger_index: u8, bump: u8) -> Result<EscapeOpened> {
        let snapshot = self.snapshot.current()?;
        let plan = Plan {
            incident: self.incident.key(),
            snapshot: self.snapshot.key(),
            root: snapshot.root,
            ledger_index,
        };
        let new = NewRestoration {
            key: self.restoration.key(),
            bump,
            domain: self.domain.key(),
            mint: self.mint.key(),
            decimals: self.mint.decimals,
            pool: self.pool.key(),
            token_program: self.token_program.key(),
        };
        let own = if_there::<Snapshot>(&self.own_snapshot)?;
        let log = if_there::<CheckpointLog>(&self.log)?;
        let state = EscapeState {
            snapshot: &snapshot,
            own: own.as_deref(),
            log: log.as_deref(),
        };
        restore_queue(&snapshot, &self.vault, &self.queue_ledger)?;
        let mut domain = self.domain.current_mut()?;
        let mut restoration = self.restoration.load_init()?;
        let previous_phase = domain.state;
        acts::open_escape(
            &mut domain,
            &mut *self.incident.current_mut()?,
            &mut restoration,
            &state,
            (&plan, &new),
            clock()?,
        )
        .map_err(core_error)?;
        copy_terms(&mut restoration, &self.terms)?;
        Ok(EscapeOpened {
            domain: new.domain,
            incident: plan.incident,
            restoration: new.key,
            snapshot: plan.snapshot,
            pool: new.pool,
            total: snapshot.total,
            count: snapshot.count,
            previous_phase,
            phase: domain.state,
        })
    }
}
