//! Opens the snapshot of one ledger for the incident that is frozen or recovering.
//!
//! Anyone may call it. There is one snapshot per incident and ledger, and the caller chooses nothing about it.
//!
//! For a ledger with factors, remaining accounts are the instructions sysvar and the factors' accounts, in their order.
//! Their numbers are read here, once, and stored behind the snapshot: every cranker values positions by the same. The
//! instruction must then be standalone in its transaction, so that no rate is moved for the length of one.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, SnapshotKeys},
    snapshots::layout::linked,
};
use bulkhead_interface::{
    layout::{Domain, Incident, Ledger, Snapshot},
    seeds::SEED_SNAPSHOT,
};

use super::read_factors_into;
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
        space = linked::snapshot_space(&*ledger.current()?),
        seeds = [SEED_SNAPSHOT, incident.key().as_ref(), &[ledger.current()?.index]],
        bump
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_snapshot<'info>(ctx: Context<'info, OpenSnapshot<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let incident = accounts.incident.key();
    let keys = SnapshotKeys {
        domain: accounts.domain.as_ref().key,
        incident: &incident,
        ledger: accounts.ledger.as_ref().key,
        snapshot: accounts.snapshot.as_ref().key,
        bump: ctx.bumps.snapshot,
    };
    let ledger = accounts.ledger.current()?;
    let tag = read_factors_into(
        &ledger,
        &accounts.snapshot,
        ctx.remaining_accounts,
        |snapshot, factors| {
            acts::open_snapshot(
                &*accounts.domain.current()?,
                &ledger,
                snapshot,
                &keys,
                factors,
                clock()?,
            )
            .map_err(core_error)
        },
    )?;
    drop(ledger);
    emit_cpi!(SnapshotOpened {
        snapshot: ctx.accounts.snapshot.key(),
        incident,
        ledger: ctx.accounts.ledger.key(),
        tag,
    });
    Ok(())
}
