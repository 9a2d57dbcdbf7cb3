//! Closes a proved leaf and returns the rent to whoever opened it. Only they may, at any time: a contested checkpoint
//! stays contested. A leaf that is on record as disputed stays as long as its checkpoint; otherwise the same leaf could
//! be disputed again.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{CheckpointLog, LeafEvidence};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::EvidenceClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseEvidence<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(address = evidence.current()?.log @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(
        mut,
        close = payer,
        constraint = evidence.current()?.payer == payer.key() @ BulkheadError::ForeignAccount
    )]
    pub evidence: AccountLoader<'info, LeafEvidence>,
}

pub fn handle_close_evidence(ctx: Context<CloseEvidence>) -> Result<()> {
    acts::close_evidence(&*ctx.accounts.log.current()?, &*ctx.accounts.evidence.current()?).map_err(core_error)?;
    emit_cpi!(EvidenceClosed {
        evidence: ctx.accounts.evidence.key(),
    });
    Ok(())
}
