//! Anyone publishes leaves of a checkpoint. The leaves stay in the transaction history, and the program rebuilds the
//! shard's tree from them.
//!
//! Leaves are sent in ascending order of their keys, one shard at a time. Each publisher uses an account of their own,
//! so nobody can spoil another's work. Works in every phase, because a tree may be published when it is needed.
//! `finish_publication` compares the result; `close_shard` returns the rent of an abandoned attempt.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{CheckpointLog, SnapshotShard, space},
    seeds::SEED_PUBLICATION,
};

use crate::{authority::core_error, current::Current, events::LeavesPublished, pda};

#[derive(Accounts)]
#[instruction(slot: u64, number: u8)]
pub struct PublishLeaves<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<SnapshotShard>(),
        seeds = [SEED_PUBLICATION, log.key().as_ref(), &slot.to_le_bytes(), &[number], payer.key().as_ref()],
        bump
    )]
    pub shard: AccountLoader<'info, SnapshotShard>,
    pub system_program: Program<'info, System>,
}

pub fn handle_publish_leaves(ctx: Context<PublishLeaves>, slot: u64, number: u8, leaves: Vec<u8>) -> Result<()> {
    let accounts = &ctx.accounts;
    let key = accounts.log.key();
    let mut shard = if pda::is_new(accounts.shard.as_ref())? {
        let mut shard = accounts.shard.load_init()?;
        shard.shard = number;
        acts::begin_publication(&crate::ID, (&key, &*accounts.log.current()?), slot, &mut shard).map_err(core_error)?;
        shard.version = VERSION;
        shard.bump = ctx.bumps.shard;
        shard.cranker = accounts.payer.key();
        shard
    } else {
        accounts.shard.current_mut()?
    };
    acts::publish_leaves(&mut shard, &leaves).map_err(core_error)?;
    emit!(LeavesPublished {
        log: key,
        slot,
        number,
        count: shard.count,
        sum: shard.sum,
    });
    Ok(())
}
