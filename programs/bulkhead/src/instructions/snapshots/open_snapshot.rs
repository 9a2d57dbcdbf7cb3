//! Opens the snapshot of one ledger for the incident that is frozen or recovering.
//!
//! Anyone may call it. There is one snapshot per incident and ledger, and the caller chooses nothing about it.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, SnapshotKeys};
use bulkhead_interface::{
    layout::{Domain, Incident, Ledger, Snapshot, space},
    seeds::SEED_SNAPSHOT,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::SnapshotOpened};

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
    let keys = SnapshotKeys {
        domain: accounts.domain.as_ref().key,
        incident: &incident,
        ledger: accounts.ledger.as_ref().key,
        snapshot: accounts.snapshot.as_ref().key,
        bump: ctx.bumps.snapshot,
    };
    let tag = {
        let mut snapshot = accounts.snapshot.load_init()?;
        acts::open_snapshot(
            &*accounts.domain.current()?,
            &*accounts.ledger.current()?,
            &mut snapshot,
            &keys,
            clock()?,
        )
        .map_err(core_error)?;
        snapshot.tag
    };
    emit_cpi!(SnapshotOpened {
        snapshot: ctx.accounts.snapshot.key(),
        incident,
        ledger: ctx.accounts.ledger.key(),
        tag,
    });
    Ok(())
}
