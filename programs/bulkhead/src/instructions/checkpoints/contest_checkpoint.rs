//! Anyone proves that a checkpoint's own tree cannot be right: posted or attested -> contested.
//!
//! The proof is one of three. One leaf that is in a shard its key does not belong to, or a zero-amount leaf. Two leaves
//! whose keys do not ascend, as when a position is counted twice. Or, with the checkpoint's shards, one leaf that their
//! counts let nobody claim, or that states another count. No honest checkpoint contains any of these, so none can be
//! contested, whoever tries and whatever they have done to the host. The contest is final.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, snapshots::root::empty_shard};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{CheckpointLog, LeafEvidence},
};

use super::{ShardSummary, write_shards};
use crate::{authority::core_error, current::Current, error::BulkheadError, events::CheckpointContested};

#[event_cpi]
#[derive(Accounts)]
pub struct ContestCheckpoint<'info> {
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
    /// A leaf of the checkpoint.
    #[account(constraint = first.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub first: AccountLoader<'info, LeafEvidence>,
    /// Another leaf that contradicts it.
    #[account(constraint = second.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub second: Option<AccountLoader<'info, LeafEvidence>>,
}

pub fn handle_contest_checkpoint(ctx: Context<ContestCheckpoint>, shards: Option<Vec<ShardSummary>>) -> Result<()> {
    let event = ctx.accounts.contest(shards.as_deref())?;
    emit_cpi!(event);
    Ok(())
}

impl ContestCheckpoint<'_> {
    #[inline(never)]
    fn contest(&self, shards: Option<&[ShardSummary]>) -> Result<CheckpointContested> {
        let mut roots = [empty_shard(); SHARDS];
        if let Some(shards) = shards {
            write_shards(shards, &mut roots)?;
        }
        let first = self.first.current()?;
        let second = self.second.as_ref().map(Current::current).transpose()?;
        let mut log = self.log.current_mut()?;
        let shards = shards.is_some().then_some(&roots);
        acts::contest_checkpoint(&mut log, &first, second.as_deref(), shards).map_err(core_error)?;
        Ok(CheckpointContested {
            log: self.log.key(),
            slot: first.slot,
            hash: first.checkpoint,
            first: self.first.key(),
            second: self.second.as_ref().map(Key::key),
        })
    }
}
