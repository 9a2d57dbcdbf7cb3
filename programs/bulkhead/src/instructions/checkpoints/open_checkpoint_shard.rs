//! Stores the canopy of one shard of a checkpoint's snapshot: the nodes that claims are proved against.
//!
//! Anyone may call it. The canopy must hash to the shard's root, so every caller creates the same account, and it is
//! sealed from the start. Works in every phase, because claims do. It also works for a void snapshot, which may have
//! been restored before it became void.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, snapshots::merkle::NODE_BYTES};
use bulkhead_interface::{
    constants::{CANOPY, VERSION, snapshot_source},
    layout::{Node, Snapshot, SnapshotShard, space},
    seeds::SEED_SHARD,
};
use bytemuck::Zeroable;

use crate::{authority::core_error, current::Current, error::BulkheadError, events::CheckpointShardOpened};

#[event_cpi]
#[derive(Accounts)]
#[instruction(number: u8)]
pub struct OpenCheckpointShard<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(constraint = snapshot.current()?.source == snapshot_source::CHECKPOINT @ BulkheadError::ForeignAccount)]
    pub snapshot: AccountLoader<'info, Snapshot>,
    #[account(
        init,
        payer = payer,
        space = space::<SnapshotShard>(),
        seeds = [SEED_SHARD, snapshot.key().as_ref(), &[number], payer.key().as_ref()],
        bump
    )]
    pub shard: AccountLoader<'info, SnapshotShard>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_checkpoint_shard(ctx: Context<OpenCheckpointShard>, number: u8, canopy: Vec<u8>) -> Result<()> {
    ctx.accounts.open(number, &canopy, ctx.bumps.shard)?;
    emit_cpi!(CheckpointShardOpened {
        snapshot: ctx.accounts.snapshot.key(),
        shard: ctx.accounts.shard.key(),
        number,
    });
    Ok(())
}

impl OpenCheckpointShard<'_> {
    #[inline(never)]
    fn open(&self, number: u8, canopy: &[u8], bump: u8) -> Result<()> {
        let snapshot = self.snapshot.current()?;
        let (rows, rest) = canopy.as_chunks::<NODE_BYTES>();
        require!(rows.len() == CANOPY && rest.is_empty(), BulkheadError::ShardsMismatch);
        let mut nodes = [Node::zeroed(); CANOPY];
        for (node, row) in nodes.iter_mut().zip(rows) {
            *node = bytemuck::pod_read_unaligned(row);
        }
        let mut shard = self.shard.load_init()?;
        acts::open_checkpoint_shard((&self.snapshot.key(), &snapshot), number, &nodes, &mut shard)
            .map_err(core_error)?;
        shard.version = VERSION;
        shard.bump = bump;
        shard.cranker = self.payer.key();
        Ok(())
    }
}
