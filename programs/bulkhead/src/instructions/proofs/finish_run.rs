//! Notes that a run has come to its shard's end: accumulator and count are those that the shard was sealed with.
//!
//! Anyone may call it, and whose run it was does not matter: equal accumulators are the same leaves.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{ProofRun, SealedLedger, StateProof};

use crate::{authority::core_error, current::Current, events::ShardProved};

#[event_cpi]
#[derive(Accounts)]
pub struct FinishRun<'info> {
    #[account(mut)]
    pub proof: AccountLoader<'info, StateProof>,
    pub run: AccountLoader<'info, ProofRun>,
    /// The ledger that the run is of.
    pub ledger: AccountLoader<'info, SealedLedger>,
}

pub fn handle_finish_run(ctx: Context<FinishRun>) -> Result<()> {
    let accounts = &ctx.accounts;
    let key = accounts.proof.key();
    let (role, shard) = {
        let run = accounts.run.current()?;
        let mut proof = accounts.proof.current_mut()?;
        acts::finish_run((&key, &mut proof), &run, &*accounts.ledger.current()?).map_err(core_error)?;
        (run.role, run.shard)
    };
    emit_cpi!(ShardProved {
        proof: key,
        role,
        shard
    });
    Ok(())
}
