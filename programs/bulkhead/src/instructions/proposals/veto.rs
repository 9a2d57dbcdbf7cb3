//! One vetoer stops a proposal at any time before it is executed. A veto cannot be undone. For one week it blocks
//! everything that the same proposer has proposed or proposes, and uses up one veto right for the same time.
//!
//! A silent vetoer cannot stop a change of the council. A vetoer whom the change would remove can stop it only together
//! with another.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Proposal};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ProposalVetoed};

#[event_cpi]
#[derive(Accounts)]
pub struct Veto<'info> {
    pub vetoer: Signer<'info>,
    #[account(mut)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = proposal.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount)]
    pub proposal: AccountLoader<'info, Proposal>,
}

pub fn handle_veto(ctx: Context<Veto>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let done = {
        let mut council = ctx.accounts.council.current_mut()?;
        let mut proposal = ctx.accounts.proposal.current_mut()?;
        acts::veto(&mut council, &mut proposal, ctx.accounts.vetoer.key, now).map_err(core_error)?
    };
    emit_cpi!(ProposalVetoed {
        proposal: ctx.accounts.proposal.key(),
        vetoer: ctx.accounts.vetoer.key(),
        is_stopped: done.is_stopped,
        rights_left: done.rights_left,
    });
    Ok(())
}
