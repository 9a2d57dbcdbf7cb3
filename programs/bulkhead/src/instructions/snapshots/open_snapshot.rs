//! Opens the snapshot of one ledger for the incident that is held.
//!
//! Anyone may. There is one for each incident and ledger, with nothing to choose in it.

use anchor_lang::prelude::*;
use bulkhead_core::merkle;
use bulkhead_interface::{
    constants::{VERSION, snapshot_state},
    layout::{Domain, Incident, Ledger, Snapshot, space},
    seeds::SEED_SNAPSHOT,
};

use super::require_held;
use crate::{current::Current, error::BulkheadError, events::SnapshotOpened};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenSnapshot<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = incident.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = ledger.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        init,
        payer = payer,
        space = space::<Snapshot>(),
        seeds = [SEED_SNAPSHOT, incident.key().as_ref(), &[ledger.current()?.index]],
        bump
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_snapshot(ctx: Context<OpenSnapshot>) -> Result<()> {
    let accounts = &ctx.accounts;
    let incident = accounts.incident.key();
    let tag = {
        require_held(&*accounts.domain.current()?, &incident)?;
        let ledger = accounts.ledger.current()?;
        let tag = merkle::tag(&crate::ID, &accounts.snapshot.key(), ledger.index);
        let mut snapshot = accounts.snapshot.load_init()?;
        snapshot.version = VERSION;
        snapshot.bump = ctx.bumps.snapshot;
        snapshot.state = snapshot_state::OPEN;
        snapshot.ledger_index = ledger.index;
        snapshot.domain = accounts.domain.key();
        snapshot.incident = incident;
        snapshot.ledger = accounts.ledger.key();
        snapshot.mint = ledger.mint;
        snapshot.tag = tag;
        snapshot.opened_slot = Clock::get()?.slot;
        tag
    };
    emit_cpi!(SnapshotOpened {
        snapshot: ctx.accounts.snapshot.key(),
        incident,
        ledger: ctx.accounts.ledger.key(),
        tag,
    });
    Ok(())
}
