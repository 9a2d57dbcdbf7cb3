//! Creates a sealed snapshot from an attested checkpoint posted before the incident, so that a ballot can choose it.
//!
//! Anyone may call it while the domain is frozen or recovering, with the roots, sums and counts of the sixteen shards,
//! which must be exactly what the checkpoint commits to. It refuses a contested checkpoint, one without enough
//! attesters, one posted after the incident began, and one from before the ledger's last restoration. The same
//! conditions are checked again when the snapshot is restored.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{CheckpointLog, Domain, Incident, Ledger, Snapshot, space},
    seeds::SEED_CHECKPOINT,
};

use super::{ShardSummary, write_shards};
use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::CheckpointSnapshotOpened,
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(slot: u64)]
pub struct OpenCheckpointSnapshot<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        constraint = incident.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen
    )]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = log.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(address = log.current()?.ledger @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        init,
        payer = payer,
        space = space::<Snapshot>(),
        seeds = [SEED_CHECKPOINT, incident.key().as_ref(), &[log.current()?.ledger_index], &slot.to_le_bytes()],
        bump
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_checkpoint_snapshot(
    ctx: Context<OpenCheckpointSnapshot>,
    slot: u64,
    shards: Vec<ShardSummary>,
) -> Result<()> {
    let event = ctx.accounts.open(slot, &shards, ctx.bumps.snapshot)?;
    emit_cpi!(event);
    Ok(())
}

impl OpenCheckpointSnapshot<'_> {
    #[inline(never)]
    fn open(&self, slot: u64, shards: &[ShardSummary], bump: u8) -> Result<CheckpointSnapshotOpened> {
        let (log_key, log) = (self.log.key(), self.log.current()?);
        let mut snapshot = self.snapshot.load_init()?;
        write_shards(shards, &mut snapshot.shards)?;
        acts::open_checkpoint_snapshot(
            &crate::ID,
            &*self.domain.current()?,
            (&self.incident.key(), &*self.incident.current()?),
            (&log_key, &log),
            slot,
            clock()?,
            &mut snapshot,
        )
        .map_err(core_error)?;
        snapshot.version = VERSION;
        snapshot.bump = bump;
        snapshot.mint = self.ledger.current()?.mint;
        Ok(CheckpointSnapshotOpened {
            snapshot: self.snapshot.key(),
            incident: snapshot.incident,
            log: log_key,
            slot,
            tag: snapshot.tag,
            root: snapshot.root,
            total: snapshot.total,
            count: snapshot.count,
        })
    }
}
