//! Executes a proposal that restarts from the state the ballot chose: held -> recovering.
//!
//! Anyone may crank it once proposal and ballot both allow it: a proposal for anything but the
//! winner can never be executed, and neither can a winner without a proposal. Further ledgers of
//! the same incident follow one by one while recovering.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::{
    ballot::check_winner,
    incident::mark,
    phase::{Event, after},
};
use bulkhead_interface::{
    constants::{VERSION, kind, snapshot_state, step},
    layout::{Ballot, Incident, Restoration, Snapshot, space},
    seeds::{SEED_CHECKPOINTS, SEED_POOL, SEED_RESTORATION},
};

use crate::{
    authority::*,
    current::Current,
    error::BulkheadError,
    events::RestorationChosen,
    instructions::{ballots::ballot_error, checkpoints::note_restoration},
};

/// Payload of a `CHOOSE_RESTORATION` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ChooseRestorationArgs {
    /// The incident it ends.
    pub incident: Pubkey,
    /// The sealed snapshot claims are paid by.
    pub snapshot: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Smallest tranche, unless it completes the claims. Native units.
    pub min_tranche: u64,
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
    /// CHECK: the ledger's checkpoint log, by address; there may be none.
    #[account(mut, seeds = [SEED_CHECKPOINTS, config.domain.key().as_ref(), &[args.ledger_index]], bump)]
    pub log: UncheckedAccount<'info>,
    #[account(
        init, payer = payer, space = space::<Restoration>(),
        seeds = [SEED_RESTORATION, incident.key().as_ref(), &[args.ledger_index]], bump
    )]
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(address = snapshot.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init, payer = payer,
        token::mint = mint, token::authority = restoration, token::token_program = token_program,
        seeds = [SEED_POOL, restoration.key().as_ref()], bump
    )]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_choose_restoration(ctx: Context<ChooseRestoration>, args: ChooseRestorationArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(kind::CHOOSE_RESTORATION, &args)?;
    require_keys_eq!(args.incident, accounts.incident.key(), BulkheadError::IncidentNotOpen);
    let clock = Clock::get()?;
    accounts.require_chosen(&args, clock.unix_timestamp)?;
    note_restoration(
        &accounts.log,
        &*accounts.incident.current()?,
        &*accounts.snapshot.current()?,
    )?;
    accounts.write_restoration(&args, ctx.bumps.restoration)?;
    let event = accounts.enter_recovery(&clock)?;
    emit_cpi!(event);
    Ok(())
}

impl ChooseRestoration<'_> {
    /// The snapshot is sealed, of this incident and ledger, and what its ballot chose.
    #[inline(never)]
    fn require_chosen(&self, args: &ChooseRestorationArgs, now: i64) -> Result<()> {
        let snapshot = self.snapshot.current()?;
        let ballot = self.ballot.current()?;
        require!(
            snapshot.incident == args.incident
                && snapshot.ledger_index == args.ledger_index
                && ballot.incident == args.incident
                && ballot.ledger_index == args.ledger_index,
            BulkheadError::ForeignAccount
        );
        require!(
            snapshot.state == snapshot_state::SEALED,
            BulkheadError::SnapshotNotSealed
        );
        check_winner(&ballot, &args.snapshot, now).map_err(ballot_error)
    }

    #[inline(never)]
    fn write_restoration(&self, args: &ChooseRestorationArgs, bump: u8) -> Result<()> {
        let snapshot = self.snapshot.current()?;
        let mut restoration = self.restoration.load_init()?;
        restoration.version = VERSION;
        restoration.bump = bump;
        restoration.ledger_index = args.ledger_index;
        restoration.decimals = self.mint.decimals;
        restoration.domain = self.config.domain.key();
        restoration.incident = args.incident;
        restoration.snapshot = args.snapshot;
        restoration.mint = self.mint.key();
        restoration.pool = self.pool.key();
        restoration.token_program = self.token_program.key();
        restoration.total = snapshot.total;
        restoration.count = snapshot.count;
        restoration.min_tranche = args.min_tranche;
        Ok(())
    }

    #[inline(never)]
    fn enter_recovery(&self, clock: &Clock) -> Result<RestorationChosen> {
        let mut domain = self.config.domain.current_mut()?;
        let previous_phase = domain.state;
        domain.state = after(domain.state, Event::ChooseRestoration).map_err(|_| BulkheadError::WrongPhase)?;
        if domain.restoration == Pubkey::default() {
            domain.restoration = self.restoration.key();
        }
        mark(
            &mut *self.incident.current_mut()?,
            step::RESTORATION,
            clock.slot,
            clock.unix_timestamp,
        );
        let snapshot = self.snapshot.current()?;
        Ok(RestorationChosen {
            domain: self.config.domain.key(),
            incident: self.incident.key(),
            restoration: self.restoration.key(),
            snapshot: self.snapshot.key(),
            pool: self.pool.key(),
            total: snapshot.total,
            count: snapshot.count,
            previous_phase,
            phase: domain.state,
        })
    }
}
