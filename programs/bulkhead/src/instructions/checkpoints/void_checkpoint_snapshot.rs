//! Voids the snapshot of a checkpoint that could not be opened any more: sealed -> void.
//!
//! It was contested after it had been opened, samples of its slot speak against it, or the breach
//! turned out to be from before it was posted. Anyone may. A void snapshot is no candidate and cannot
//! be restored, and a ballot that chose it is run again. Where it has been restored already, claims
//! go on: that decision was made.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::{snapshot_source, snapshot_state},
    layout::{CheckpointLog, Incident, Snapshot},
};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::CheckpointSnapshotVoided};

#[event_cpi]
#[derive(Accounts)]
pub struct VoidCheckpointSnapshot<'info> {
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(
        mut,
        constraint = snapshot.current()?.domain == log.current()?.domain @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.ledger == log.current()?.ledger @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.source == snapshot_source::CHECKPOINT @ BulkheadError::ForeignAccount
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    #[account(address = snapshot.current()?.incident @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
}

pub fn handle_void_checkpoint_snapshot(ctx: Context<VoidCheckpointSnapshot>) -> Result<()> {
    let accounts = &ctx.accounts;
    let slot = {
        let mut snapshot = accounts.snapshot.current_mut()?;
        acts::void_checkpoint_snapshot(&*accounts.log.current()?, &*accounts.incident.current()?, &mut snapshot)
            .map_err(core_error)?;
        snapshot.checkpoint_slot
    };
    emit_cpi!(CheckpointSnapshotVoided {
        snapshot: accounts.snapshot.key(),
        slot,
        previous_state: snapshot_state::SEALED,
        state: snapshot_state::VOID,
    });
    Ok(())
}
