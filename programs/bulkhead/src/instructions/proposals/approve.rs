//! An approver approves one proposal, by its payload hash and creation slot.
//!
//! So an approval can neither be signed before the proposal exists nor be kept for later: a transaction under a durable
//! nonce is refused. Reaching the threshold starts the delay. A silent member is refused with a named error. The
//! fallback may approve only its own proposal.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Proposal};

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, clock, core_error, refuse_durable_nonce_in},
    current::Current,
    error::BulkheadError,
    events::{ProposalApproved, log},
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
    let accounts = &ctx.accounts;
    let asked = Approval {
        approver: accounts.approver.key,
        council: &mut *accounts.council.current_mut()?,
        proposal: (accounts.proposal.as_ref().key, &mut *accounts.proposal.current_mut()?),
        instructions: &accounts.instructions.try_borrow_data()?,
    };
    asked.approve(&payload_hash, created_slot)
}

/// The accounts of an approval. The approver has signed.
pub(crate) struct Approval<'a> {
    pub approver: &'a Pubkey,
    pub council: &'a mut Council,
    pub proposal: (&'a Pubkey, &'a mut Proposal),
    /// Data of the instructions sysvar.
    pub instructions: &'a [u8],
}

impl Approval<'_> {
    #[inline(always)]
    pub fn approve(self, payload_hash: &[u8; 32], created_slot: u64) -> Result<()> {
        refuse_durable_nonce_in(self.instructions)?;
        let at = clock()?;
        let (key, proposal) = self.proposal;
        require_keys_eq!(proposal.domain, self.council.domain, BulkheadError::ForeignAccount);
        acts::approve(self.council, proposal, self.approver, payload_hash, created_slot, at).map_err(core_error)?;
        log(&ProposalApproved {
            proposal: *key,
            approver: *self.approver,
            approvals: proposal.approvals,
            approved_ts: proposal.approved_ts,
        })
    }
}
