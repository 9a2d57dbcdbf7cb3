//! Voids a checkpoint's snapshot that could no longer be opened: sealed -> void.
//!
//! Either the checkpoint was contested after the snapshot was opened, or samples of its slot contradict it, or the
//! breach turned out to be earlier than its posting. Anyone may call it. A void snapshot is not a candidate and cannot
//! be restored, and a ballot that chose it is run again. If it has already been restored, claims continue: that
//! decision was made.

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
