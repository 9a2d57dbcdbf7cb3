//! Opens a cranker's account for one of the sixteen shards of an open snapshot.
//!
//! Anyone may crank, each into accounts of their own: whoever skips positions spoils nobody else's
//! work, and a shard that skips cannot be sealed. Shards of different crankers may be sealed
//! together.

use anchor_lang::prelude::*;
use bulkhead_interface::{
    constants::{SHARDS, VERSION, snapshot_state},
    layout::{Domain, Snapshot, SnapshotShard, space},
    seeds::SEED_SHARD,
};

use super::require_held;
use crate::{current::Current, error::BulkheadError, events::ShardOpened};

#[event_cpi]
#[derive(Accounts)]
#[instruction(number: u8)]
pub struct OpenShard<'info> {
    /// Who may add to the shard.
    pub cranker: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = snapshot.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub snapshot: AccountLoader<'info, Snapshot>,
    #[account(
        init,
        payer = payer,
        space = space::<SnapshotShard>(),
        seeds = [SEED_SHARD, snapshot.key().as_ref(), &[number], cranker.key().as_ref()],
        bump
    )]
    pub shard: AccountLoader<'info, SnapshotShard>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_shard(ctx: Context<OpenShard>, number: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let cranker = accounts.cranker.key();
    {
        let snapshot = accounts.snapshot.current()?;
        require_held(&*accounts.domain.current()?, &snapshot.incident)?;
        require!(snapshot.state == snapshot_state::OPEN, BulkheadError::SnapshotSealed);
        require!(usize::from(number) < SHARDS, BulkheadError::ArgumentOutOfRange);
        let mut shard = accounts.shard.load_init()?;
        shard.version = VERSION;
        shard.bump = ctx.bumps.shard;
        shard.state = snapshot_state::OPEN;
        shard.shard = number;
        shard.domain = snapshot.domain;
        shard.incident = snapshot.incident;
        shard.snapshot = accounts.snapshot.key();
        shard.ledger = snapshot.ledger;
        shard.tag = snapshot.tag;
        shard.cranker = cranker;
    }
    emit_cpi!(ShardOpened {
        snapshot: ctx.accounts.snapshot.key(),
        shard: ctx.accounts.shard.key(),
        number,
        cranker,
    });
    Ok(())
}
