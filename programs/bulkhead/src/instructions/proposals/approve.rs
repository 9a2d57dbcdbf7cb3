//! An approver approves one proposal, by its payload hash and creation slot.
//!
//! So an approval can neither be signed before the proposal exists nor be kept for later: a transaction under a durable
//! nonce is refused. Reaching the threshold starts the delay. A silent member is refused with a named error. The
//! fallback may approve only its own proposal.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Proposal};

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, clock, core_error, refuse_durable_nonce},
    current::Current,
    error::BulkheadError,
    events::ProposalApproved,
};

#[derive(Accounts)]
pub struct Approve<'info> {
    /// A member; or the fallback, for its own proposal.
    pub approver: Signer<'info>,
    #[account(mut)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut)]
    pub proposal: AccountLoader<'info, Proposal>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_approve(ctx: Context<Approve>, payload_hash: [u8; 32], created_slot: u64) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    let at = clock()?;
    let mut council = ctx.accounts.council.current_mut()?;
    let mut proposal = ctx.accounts.proposal.current_mut()?;
    require_keys_eq!(proposal.domain, council.domain, BulkheadError::ForeignAccount);
    let approver = ctx.accounts.approver.key;
    acts::approve(&mut council, &mut proposal, approver, &payload_hash, created_slot, at).map_err(core_error)?;
    emit!(ProposalApproved {
        proposal: ctx.accounts.proposal.key(),
        approver: ctx.accounts.approver.key(),
        approvals: proposal.approvals,
        approved_ts: proposal.approved_ts,
    });
    Ok(())
}
