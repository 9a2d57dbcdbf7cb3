//! Anyone opens the interim share-out of a ledger, and with it the pool of its later restoration.
//!
//! The guardians have confirmed the incident, the ledger's snapshot is sealed, and no better seal can replace it. The
//! other state is the newest checkpoint that the ledger's rule allows: the opener has nothing to choose. It pays nothing
//! by itself. An unpause that was proposed before no longer runs.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts::{self, InterimStates, NewInterim};
use bulkhead_interface::{
    layout::{CheckpointLog, Domain, Incident, Interim, Ledger, Snapshot, space},
    seeds::{SEED_INTERIM, SEED_POOL, SEED_RESTORATION},
};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::InterimOpened,
    token::require_safe_mint,
};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenInterim<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = ledger.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(constraint = log.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// The snapshot account of the newest usable checkpoint.
    pub checkpoint: AccountLoader<'info, Snapshot>,
    #[account(
        init, payer = payer, space = space::<Interim>(),
        seeds = [SEED_INTERIM, incident.key().as_ref(), &[ledger.current()?.index]], bump
    )]
    pub interim: AccountLoader<'info, Interim>,
    /// CHECK: where the ledger's restoration will be, by address. It owns the pool.
    #[account(seeds = [SEED_RESTORATION, incident.key().as_ref(), &[ledger.current()?.index]], bump)]
    pub restoration: UncheckedAccount<'info>,
    #[account(address = ledger.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init_if_needed, payer = payer,
        token::mint = mint, token::authority = restoration, token::token_program = token_program,
        seeds = [SEED_POOL, restoration.key().as_ref()], bump
    )]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_interim(ctx: Context<OpenInterim>) -> Result<()> {
    require_safe_mint(ctx.accounts.mint.as_ref().as_ref())?;
    let event = ctx.accounts.open(ctx.bumps.interim, ctx.bumps.restoration)?;
    emit_cpi!(event);
    Ok(())
}

impl OpenInterim<'_> {
    #[inline(never)]
    fn open(&self, bump: u8, restoration_bump: u8) -> Result<InterimOpened> {
        let new = NewInterim {
            bump,
            domain: self.domain.key(),
            restoration: (self.restoration.key(), restoration_bump),
            mint: self.mint.key(),
            decimals: self.mint.decimals,
            pool: self.pool.key(),
            token_program: self.token_program.key(),
        };
        let states = InterimStates {
            ledger: &*self.ledger.current()?,
            log: &*self.log.current()?,
            snapshot: (&self.snapshot.key(), &*self.snapshot.current()?),
            checkpoint: (&self.checkpoint.key(), &*self.checkpoint.current()?),
            is_restored: !self.restoration.data_is_empty(),
        };
        let mut interim = self.interim.load_init()?;
        acts::open_interim(
            &*self.domain.current()?,
            (&self.incident.key(), &mut *self.incident.current_mut()?),
            &mut interim,
            &states,
            &new,
            clock()?,
        )
        .map_err(core_error)?;
        Ok(InterimOpened {
            interim: self.interim.key(),
            incident: interim.incident,
            snapshot: interim.snapshot,
            checkpoint: interim.checkpoint,
            pool: interim.pool,
            bps: interim.bps,
            cap: interim.cap,
        })
    }
}
