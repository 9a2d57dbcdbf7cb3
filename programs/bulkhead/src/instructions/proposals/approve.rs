//! An approver approves one proposal, by its payload hash and creation slot.
//!
//! So an approval cannot be signed before the proposal exists, and not kept for later either: a
//! transaction under a durable nonce is refused. Reaching the threshold starts the delay.

use anchor_lang::prelude::*;
use bulkhead_core::proposal;
use bulkhead_interface::{
    constants::role,
    layout::{Council, Proposal},
};

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, proposal_error, refuse_durable_nonce, require_member},
    current::Current,
    error::BulkheadError,
    events::ProposalApproved,
};

#[derive(Accounts)]
pub struct Approve<'info> {
    pub approver: Signer<'info>,
    pub council: AccountLoader<'info, Council>,
    #[account(mut)]
    pub proposal: AccountLoader<'info, Proposal>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_approve(ctx: Context<Approve>, payload_hash: [u8; 32], created_slot: u64) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    let now = Clock::get()?.unix_timestamp;
    let council = ctx.accounts.council.current()?;
    let mut proposal = ctx.accounts.proposal.current_mut()?;
    require_keys_eq!(proposal.domain, council.domain, BulkheadError::ForeignAccount);
    let index = require_member(&council, ctx.accounts.approver.key, role::APPROVER)?;
    proposal::approve(&mut proposal, &council, index, &payload_hash, created_slot, now).map_err(proposal_error)?;
    emit!(ProposalApproved {
        proposal: ctx.accounts.proposal.key(),
        approver: ctx.accounts.approver.key(),
        approvals: proposal.approvals,
        approved_ts: proposal.approved_ts,
    });
    Ok(())
}
