//! Returns the rent of a proved leaf to who opened it. Only he may, whenever he likes: a checkpoint
//! that was contested stays contested.

use anchor_lang::prelude::*;
use bulkhead_interface::layout::LeafEvidence;

use crate::{current::Current, error::BulkheadError, events::EvidenceClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseEvidence<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        mut,
        close = payer,
        constraint = evidence.current()?.payer == payer.key() @ BulkheadError::ForeignAccount
    )]
    pub evidence: AccountLoader<'info, LeafEvidence>,
}

pub fn handle_close_evidence(ctx: Context<CloseEvidence>) -> Result<()> {
    emit_cpi!(EvidenceClosed {
        evidence: ctx.accounts.evidence.key(),
    });
    Ok(())
}
