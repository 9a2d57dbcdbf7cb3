//! One vetoer stops a proposal, at any time before it is executed. It cannot be undone. For a week the veto stands against
//! all that the same proposer has made and makes, and takes a right as long.
//!
//! A vetoer that is silent does not stop a change of the council, and one whom the change would remove stops it together
//! with another only.

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
