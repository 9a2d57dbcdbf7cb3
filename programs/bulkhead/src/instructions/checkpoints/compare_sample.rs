//! Anyone compares a sample with the checkpoint of its slot. The checkpoint adds up the amounts on which the two agree
//! and differ.
//!
//! The evidence is the position's own leaf together with the checkpoint's shards, which show whether the leaf can be
//! claimed. If the checkpoint left the position out, the evidence is the leaves on either side of its place. A sample
//! counts once. A checkpoint that differs by more than the log's tolerance cannot be put to the vote. Its poster could
//! have known: samples are taken in its own slot.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, checkpoints::checkpoint::Witness, snapshots::root::empty_shard};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{CheckpointLog, LeafEvidence, PositionSample},
};

use super::{ShardSummary, write_shards};
use crate::{authority::core_error, current::Current, error::BulkheadError, events::SampleCompared};

#[event_cpi]
#[derive(Accounts)]
pub struct CompareSample<'info> {
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(mut, constraint = sample.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub sample: AccountLoader<'info, PositionSample>,
    /// The position's leaf, or the leaf on one side of its place.
    #[account(constraint = first.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub first: Option<AccountLoader<'info, LeafEvidence>>,
    /// The leaf on the other side.
    #[account(constraint = second.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub second: Option<AccountLoader<'info, LeafEvidence>>,
}

pub fn handle_compare_sample(ctx: Context<CompareSample>, shards: Option<Vec<ShardSummary>>) -> Result<()> {
    let event = ctx.accounts.compare(shards.as_deref())?;
    emit_cpi!(event);
    Ok(())
}

impl CompareSample<'_> {
    #[inline(never)]
    fn compare(&self, shards: Option<&[ShardSummary]>) -> Result<SampleCompared> {
        let mut roots = [empty_shard(); SHARDS];
        if let Some(shards) = shards {
            write_shards(shards, &mut roots)?;
        }
        let first = self.first.as_ref().map(Current::current).transpose()?;
        let second = self.second.as_ref().map(Current::current).transpose()?;
        let witness = Witness {
            first: first.as_deref(),
            second: second.as_deref(),
            shards: shards.is_some().then_some(&roots),
        };
        let mut sample = self.sample.current_mut()?;
        let difference =
            acts::compare_sample(&mut *self.log.current_mut()?, &mut sample, &witness).map_err(core_error)?;
        Ok(SampleCompared {
            log: sample.log,
            slot: sample.slot,
            key: sample.key,
            amount: sample.amount,
            difference,
        })
    }
}
