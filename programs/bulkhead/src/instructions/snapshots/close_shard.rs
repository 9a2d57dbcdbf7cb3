//! Closes a shard that no seal depends on and returns its rent. For example: another cranker's shard was sealed, the
//! seal it belonged to was replaced, or a position has changed and the shard must be read again.
//!
//! Only its cranker may close it. A shard of the last seal stays, because claims are proved against it.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Snapshot, SnapshotShard};

use crate::{authority::core_error, current::Current, events::ShardClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseShard<'info> {
    pub cranker: Signer<'info>,
    /// The shard's snapshot; required if the shard was sealed.
    pub snapshot: Option<AccountLoader<'info, Snapshot>>,
    #[account(mut, close = receiver)]
    pub shard: AccountLoader<'info, SnapshotShard>,
    /// CHECK: the cranker chooses who gets the rent.
    #[account(mut)]
    pub receiver: UncheckedAccount<'info>,
}

pub fn handle_close_shard(ctx: Context<CloseShard>) -> Result<()> {
    let accounts = &ctx.accounts;
    let snapshot = {
        let given = accounts.snapshot.as_ref();
        let state = given.map(Current::current).transpose()?;
        let given = given.map(|account| account.as_ref().key).zip(state.as_deref());
        let shard = accounts.shard.current()?;
        acts::close_shard(given, &shard, accounts.cranker.key).map_err(core_error)?;
        shard.snapshot
    };
    emit_cpi!(ShardClosed {
        snapshot,
        shard: ctx.accounts.shard.key(),
    });
    Ok(())
}
