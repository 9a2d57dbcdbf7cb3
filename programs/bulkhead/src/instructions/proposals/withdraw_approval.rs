//! An approver takes an approval back. Below the threshold the clock stops and starts anew later.

use anchor_lang::prelude::*;
use bulkhead_core::proposal;
use bulkhead_interface::{
    constants::role,
    layout::{Council, Proposal},
};

use crate::{
    authority::{proposal_error, require_member},
    current::Current,
    error::BulkheadError,
    events::ApprovalWithdrawn,
};

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
        let index = require_member(&council, ctx.accounts.approver.key, role::APPROVER)?;
        proposal::withdraw_approval(&mut proposal, &council, index, now).map_err(proposal_error)?;
        proposal.approvals
    };
    emit_cpi!(ApprovalWithdrawn {
        proposal: ctx.accounts.proposal.key(),
        approver: ctx.accounts.approver.key(),
        approvals,
    });
    Ok(())
}
