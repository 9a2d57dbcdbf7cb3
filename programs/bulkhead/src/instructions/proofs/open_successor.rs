//! Opens a snapshot of what the repaired host starts with, once the ledger's state was chosen.
//!
//! Anyone may open one, under a number of their choice, and reads into it as into the incident's own: `open_shard` and
//! `ingest_positions`. It is proved equal to the plan, and never restored. Factors are read as by `open_snapshot`.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, SnapshotKeys},
    snapshots::layout::linked,
};
use bulkhead_interface::{
    layout::{Domain, Incident, Ledger, Snapshot},
    seeds::SEED_SUCCESSOR,
};

use crate::{
    authority::*, current::Current, error::BulkheadError, events::SnapshotOpened, instructions::read_factors_into,
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(number: u16)]
pub struct OpenSuccessor<'info> {
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
        seeds = [SEED_SUCCESSOR, incident.key().as_ref(), &[ledger.current()?.index], &number.to_le_bytes()],
        bump
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_successor<'info>(ctx: Context<'info, OpenSuccessor<'info>>, _number: u16) -> Result<()> {
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
            let (domain, incident) = (accounts.domain.current()?, accounts.incident.current()?);
            acts::open_successor((&domain, &incident), &ledger, snapshot, &keys, factors, clock()?).map_err(core_error)
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
