//! Voids the snapshot of a checkpoint that was contested after it had been opened: sealed -> void.
//!
//! Anyone may. A void snapshot is no candidate and cannot be restored, and a ballot that chose it is
//! held again. Where it has been restored already, claims go on: that decision was made.

use anchor_lang::prelude::*;
use bulkhead_core::checkpoint::find;
use bulkhead_interface::{
    constants::{checkpoint_state, snapshot_source, snapshot_state},
    layout::{CheckpointLog, Snapshot},
};

use super::checkpoint_error;
use crate::{current::Current, error::BulkheadError, events::CheckpointSnapshotVoided};

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
}

pub fn handle_void_checkpoint_snapshot(ctx: Context<VoidCheckpointSnapshot>) -> Result<()> {
    let accounts = &ctx.accounts;
    let slot = {
        let mut snapshot = accounts.snapshot.current_mut()?;
        require!(
            snapshot.state == snapshot_state::SEALED,
            BulkheadError::SnapshotNotSealed
        );
        let log = accounts.log.current()?;
        let entry = find(&log, snapshot.checkpoint_slot).map_err(checkpoint_error)?;
        require!(
            entry.state == checkpoint_state::CONTESTED,
            BulkheadError::CheckpointStands
        );
        snapshot.state = snapshot_state::VOID;
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
