//! Opens a cranker's account for one of the sixteen shards of a snapshot. The snapshot may already be sealed: the new
//! shard then serves a seal that leaves out less, or an override.
//!
//! Anyone may crank, each into accounts of their own. A cranker who skips positions spoils nobody else's work, and a
//! shard that skips positions cannot be sealed. Shards of different crankers may be sealed together.
//!
//! If the ledger needs a proof of state, every position that is read also enters the shard's accumulator.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{Domain, ProofRules, Snapshot, SnapshotShard, space},
    seeds::{SEED_PROOF_RULES, SEED_SHARD},
};

use crate::{
    authority::core_error,
    current::{Current, if_there},
    curve::Syscalls,
    error::BulkheadError,
    events::ShardOpened,
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(number: u8)]
pub struct OpenShard<'info> {
    /// The cranker, who alone may append to the shard.
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
    /// CHECK: which ledgers need a proof, by address; a domain may have no such rules.
    #[account(seeds = [SEED_PROOF_RULES, domain.key().as_ref()], bump = domain.current()?.proof_rules_bump)]
    pub rules: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_shard(ctx: Context<OpenShard>, number: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let cranker = accounts.cranker.key();
    let key = accounts.snapshot.key();
    {
        let snapshot = accounts.snapshot.current()?;
        let mut shard = accounts.shard.load_init()?;
        let state = accounts.domain.current()?;
        acts::open_shard(&state, (&key, &snapshot), &mut shard, number, &cranker, ctx.bumps.shard)
            .map_err(core_error)?;
        let rules = if_there::<ProofRules>(&accounts.rules)?;
        acts::begin_accumulator(&mut shard, rules.as_deref(), snapshot.ledger_index, &Syscalls).map_err(core_error)?;
    }
    emit_cpi!(ShardOpened {
        snapshot: key,
        shard: ctx.accounts.shard.key(),
        number,
        cranker,
    });
    Ok(())
}
