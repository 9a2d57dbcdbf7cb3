//! An approver withdraws an approval. Below the threshold the delay stops and later starts from the beginning.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Proposal};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ApprovalWithdrawn};

#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawApproval<'info> {
    pub approver: Signer<'info>,
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = proposal.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount)]
    pub proposal: AccountLoader<'info, Proposal>,
}

pub fn handle_withdraw_approval(ctx: Context<WithdrawApproval>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let approvals = {
        let council = ctx.accounts.council.current()?;
        let mut proposal = ctx.accounts.proposal.current_mut()?;
        acts::withdraw_approval(&council, &mut proposal, ctx.accounts.approver.key, now).map_err(core_error)?;
        proposal.approvals
    };
    emit_cpi!(ApprovalWithdrawn {
        proposal: ctx.accounts.proposal.key(),
        approver: ctx.accounts.approver.key(),
        approvals,
    });
    Ok(())
}
