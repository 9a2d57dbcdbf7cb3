//! Anyone closes a proposal that can never run again; the rent goes back to whoever paid it.

use anchor_lang::prelude::*;
use bulkhead_core::proposals::proposal;
use bulkhead_interface::layout::{Council, Proposal};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ProposalClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseProposal<'info> {
    pub council: AccountLoader<'info, Council>,
    #[account(
        mut,
        close = receiver,
        constraint = proposal.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount
    )]
    pub proposal: AccountLoader<'info, Proposal>,
    /// CHECK: the rent payer, matched by the address that the proposal stores.
    #[account(mut, address = proposal.current()?.payer @ BulkheadError::ForeignAccount)]
    pub receiver: UncheckedAccount<'info>,
}

pub fn handle_close_proposal(ctx: Context<CloseProposal>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    {
        let proposal = ctx.accounts.proposal.current()?;
        proposal::check_closable(&proposal, &*ctx.accounts.council.current()?, now).map_err(core_error)?;
    }
    emit_cpi!(ProposalClosed {
        proposal: ctx.accounts.proposal.key(),
    });
    Ok(())
}
