//! Completes a shard of a checkpoint after its publisher has sent the leaves, and marks it published if it matches the
//! checkpoint.
//!
//! The caller passes roots, sums and counts of all sixteen shards, which must be what the checkpoint commits to. This
//! also publishes every shard without a leaf. A checkpoint whose shards are all published is proved to be a sound tree
//! that everyone has. The account is closed. Only its publisher may call this.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, snapshots::root::empty_shard};
use bulkhead_interface::{
    constants::SHARDS,
    layout::{CheckpointLog, SnapshotShard},
    seeds::SEED_PUBLICATION,
};

use super::{ShardSummary, write_shards};
use crate::{authority::core_error, current::Current, events::ShardPublished};

#[event_cpi]
#[derive(Accounts)]
#[instruction(slot: u64, number: u8)]
pub struct FinishPublication<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(
        mut,
        close = payer,
        seeds = [SEED_PUBLICATION, log.key().as_ref(), &slot.to_le_bytes(), &[number], payer.key().as_ref()],
        bump = shard.current()?.bump
    )]
    pub shard: AccountLoader<'info, SnapshotShard>,
}

pub fn handle_finish_publication(
    ctx: Context<FinishPublication>,
    slot: u64,
    number: u8,
    shards: Vec<ShardSummary>,
) -> Result<()> {
    let is_published = ctx.accounts.finish(slot, &shards)?;
    emit_cpi!(ShardPublished {
        log: ctx.accounts.log.key(),
        slot,
        number,
        is_published,
    });
    Ok(())
}

impl FinishPublication<'_> {
    #[inline(never)]
    fn finish(&self, slot: u64, shards: &[ShardSummary]) -> Result<bool> {
        let mut roots = [empty_shard(); SHARDS];
        write_shards(shards, &mut roots)?;
        let (mut log, mut shard) = (self.log.current_mut()?, self.shard.current_mut()?);
        acts::finish_publication(&mut log, slot, &mut shard, &roots).map_err(core_error)
    }
}
