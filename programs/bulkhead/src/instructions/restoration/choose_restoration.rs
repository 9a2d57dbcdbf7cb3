//! Executes a proposal that restores the state the ballot chose: frozen -> recovering.
//!
//! Anyone may crank it once both proposal and ballot allow it. A proposal for anything but the winner can never be
//! executed, and a winner without a proposal cannot either. Further ledgers of the same incident follow one by one
//! while recovering. The ledger's log records the restoration: claims of an earlier checkpoint have been paid, so no
//! later incident can restore one. Interim claims end, and the restoration continues where they stopped. Once a queue is
//! restored, its claims pay its releases, and nothing else does.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::acts::{self, Chosen, NewRestoration, Plan};
use bulkhead_interface::{
    layout::{Ballot, Incident, Ledger, Restoration, Snapshot, Vault, space},
    seeds::{SEED_CHECKPOINTS, SEED_CLAIM_TERMS, SEED_INTERIM, SEED_POOL, SEED_RESTORATION},
};

use super::copy_terms;
use crate::{
    authority::*,
    current::Current,
    error::BulkheadError,
    events::RestorationChosen,
    instructions::{checkpoints::note_restoration, custody::restore_queue, interim::end_interim},
    token::require_safe_mint,
};

/// Payload of a `ChooseRestoration` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ChooseRestorationArgs {
    /// The incident it ends.
    pub incident: Pubkey,
    /// The sealed snapshot that claims are paid by.
    pub snapshot: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// The snapshot's root: a snapshot that is sealed again with other leaves is a different state.
    pub root: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: ChooseRestorationArgs)]
pub struct ChooseRestoration<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut, constraint = config.domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    pub ballot: AccountLoader<'info, Ballot>,
    #[account(constraint = snapshot.key() == args.snapshot @ BulkheadError::ForeignAccount)]
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// CHECK: the ledger's checkpoint log, by address; it may not exist.
    #[account(mut, seeds = [SEED_CHECKPOINTS, config.domain.key().as_ref(), &[args.ledger_index]], bump)]
    pub log: UncheckedAccount<'info>,
    /// CHECK: the terms of the ledger's claims, by address; they may not exist.
    #[account(seeds = [SEED_CLAIM_TERMS, config.domain.key().as_ref(), &[args.ledger_index]], bump)]
    pub terms: UncheckedAccount<'info>,
    #[account(
        init, payer = payer, space = space::<Restoration>(),
        seeds = [SEED_RESTORATION, incident.key().as_ref(), &[args.ledger_index]], bump
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
    #[account(mut, seeds = [SEED_INTERIM, incident.key().as_ref(), &[args.ledger_index]], bump)]
    pub interim: UncheckedAccount<'info>,
    /// For a queue: the vault.
    #[account(mut)]
    pub vault: Option<AccountLoader<'info, Vault>>,
    /// For a queue: its ledger.
    #[account(mut)]
    pub queue_ledger: Option<AccountLoader<'info, Ledger>>,
}

pub fn handle_choose_restoration(ctx: Context<ChooseRestoration>, args: ChooseRestorationArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    require_keys_eq!(args.incident, accounts.incident.key(), BulkheadError::IncidentNotOpen);
    require_safe_mint(accounts.mint.as_ref().as_ref())?;
    let event = accounts.choose(&args, ctx.bumps.restoration)?;
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

impl ChooseRestoration<'_> {
    #[inline(never)]
    fn choose(&self, args: &ChooseRestorationArgs, bump: u8) -> Result<RestorationChosen> {
        let plan = Plan {
            incident: args.incident,
            snapshot: args.snapshot,
            root: args.root,
            ledger_index: args.ledger_index,
        };
        let new = NewRestoration {
            key: self.restoration.key(),
            bump,
            domain: self.config.domain.key(),
            mint: self.mint.key(),
            decimals: self.mint.decimals,
            pool: self.pool.key(),
            token_program: self.token_program.key(),
        };
        let mut domain = self.config.domain.current_mut()?;
        let mut restoration = self.restoration.load_init()?;
        let snapshot = self.snapshot.current()?;
        restore_queue(&snapshot, &self.vault, &self.queue_ledger)?;
        let previous_phase = domain.state;
        let chosen = Chosen {
            ballot: &*self.ballot.current()?,
            snapshot: &snapshot,
        };
        acts::choose_restoration(
            &mut domain,
            &mut *self.incident.current_mut()?,
            &mut restoration,
            chosen,
            (&plan, &new),
            clock()?,
        )
        .map_err(core_error)?;
        copy_terms(&mut restoration, &self.terms)?;
        Ok(RestorationChosen {
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
