//! Closes a shard that was not sealed and returns its rent: another's was sealed, or a position
//! has changed and the shard has to be read again.
//!
//! Only its cranker may. A sealed shard holds what claims are proved against and stays.

use anchor_lang::prelude::*;
use bulkhead_interface::{constants::snapshot_state, layout::SnapshotShard};

use crate::{current::Current, error::BulkheadError, events::ShardClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseShard<'info> {
    pub cranker: Signer<'info>,
    #[account(
        mut,
        close = receiver,
        constraint = shard.current()?.cranker == cranker.key() @ BulkheadError::NotShardCranker
    )]
    pub shard: AccountLoader<'info, SnapshotShard>,
    /// CHECK: the cranker chooses who gets the rent.
    #[account(mut)]
    pub receiver: UncheckedAccount<'info>,
}

pub fn handle_close_shard(ctx: Context<CloseShard>) -> Result<()> {
    let snapshot = {
        let shard = ctx.accounts.shard.current()?;
        require!(shard.state == snapshot_state::OPEN, BulkheadError::SnapshotSealed);
        shard.snapshot
    };
    emit_cpi!(ShardClosed {
        snapshot,
        shard: ctx.accounts.shard.key(),
    });
    Ok(())
}
