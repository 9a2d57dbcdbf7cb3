//! One vetoer stops a proposal, at any time before it is executed. It cannot be undone.

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
    events::ProposalVetoed,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Veto<'info> {
    pub vetoer: Signer<'info>,
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = proposal.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount)]
    pub proposal: AccountLoader<'info, Proposal>,
}

pub fn handle_veto(ctx: Context<Veto>) -> Result<()> {
    {
        let council = ctx.accounts.council.current()?;
        let mut proposal = ctx.accounts.proposal.current_mut()?;
        require_member(&council, ctx.accounts.vetoer.key, role::VETOER)?;
        proposal::veto(&mut proposal).map_err(proposal_error)?;
    }
    emit_cpi!(ProposalVetoed {
        proposal: ctx.accounts.proposal.key(),
        vetoer: ctx.accounts.vetoer.key(),
    });
    Ok(())
}
