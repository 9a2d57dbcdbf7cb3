//! Anyone shows that a checkpoint's own tree cannot be right: posted or attested -> contested.
//!
//! One leaf in a shard its key does not belong to, or of nothing; or two leaves whose keys do not
//! ascend, as when a position is counted twice. No honest tree has them, so no honest checkpoint can
//! be contested, whoever tries and whatever he has done to the host. It is final.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{CheckpointLog, LeafEvidence};

use crate::{authority::act_error, current::Current, error::BulkheadError, events::CheckpointContested};

#[event_cpi]
#[derive(Accounts)]
pub struct ContestCheckpoint<'info> {
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
    /// A leaf of the checkpoint.
    #[account(constraint = first.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub first: AccountLoader<'info, LeafEvidence>,
    /// Another one that contradicts it.
    #[account(constraint = second.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub second: Option<AccountLoader<'info, LeafEvidence>>,
}

pub fn handle_contest_checkpoint(ctx: Context<ContestCheckpoint>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (slot, hash) = {
        let first = accounts.first.current()?;
        let second = accounts.second.as_ref().map(Current::current).transpose()?;
        acts::contest_checkpoint(&mut *accounts.log.current_mut()?, &first, second.as_deref()).map_err(act_error)?;
        (first.slot, first.checkpoint)
    };
    emit_cpi!(CheckpointContested {
        log: accounts.log.key(),
        slot,
        hash,
        first: accounts.first.key(),
        second: accounts.second.as_ref().map(Key::key),
    });
    Ok(())
}
