//! The proposer replaces the decision in a proposal with another one of the same kind.
//!
//! The edited proposal is treated as new: approvals and clock are reset, and slot, time and expiry are those of the
//! edit. An approval signed before the edit names the old payload or slot and is refused. `payer` pays the rent if the
//! account grows; all rent is returned to whoever paid for the proposal.

use anchor_lang::{
    prelude::*,
    system_program::{Transfer, transfer},
};
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::MAX_PAYLOAD,
    layout::{Council, Domain, Proposal},
};

use super::propose::write_payload;
use crate::{
    authority::{INSTRUCTIONS_SYSVAR, PROPOSAL_HEADER, clock, core_error, refuse_durable_nonce},
    current::Current,
    decision::{EncodedDecision, Scene},
    error::BulkheadError,
    events::ProposalEdited,
};

#[event_cpi]
#[derive(Accounts)]
pub struct EditProposal<'info> {
    /// The proposer, who must still be an approver; or the fallback while it is due.
    pub proposer: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = proposal.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub proposal: AccountLoader<'info, Proposal>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_edit_proposal(ctx: Context<EditProposal>, decision: EncodedDecision) -> Result<()> {
    let (accounts, payload) = (&ctx.accounts, decision.payload());
    refuse_durable_nonce(&accounts.instructions)?;
    require!(payload.len() <= MAX_PAYLOAD, BulkheadError::PayloadTooLong);
    let at = clock()?;
    let (payload_hash, expires_ts) = {
        let (domain, council) = (accounts.domain.current()?, accounts.council.current()?);
        let mut proposal = accounts.proposal.current_mut()?;
        let scene = Scene {
            domain: accounts.domain.key(),
            council: &council,
        };
        let proposer = accounts.proposer.key;
        decision.judge(&scene, &mut |asked| {
            acts::edit_proposal(&domain, &council, &mut proposal, proposer, asked, payload, at).map_err(core_error)
        })?;
        (proposal.payload_hash, proposal.expires_ts)
    };
    accounts.resize(PROPOSAL_HEADER.saturating_add(payload.len()))?;
    write_payload(accounts.proposal.as_ref(), payload)?;
    emit_cpi!(ProposalEdited {
        proposal: accounts.proposal.key(),
        payload_hash,
        created_slot: at.slot,
        expires_ts,
    });
    Ok(())
}

impl EditProposal<'_> {
    /// Resizes the account to `space` bytes and keeps it rent-exempt.
    fn resize(&self, space: usize) -> Result<()> {
        let proposal = self.proposal.as_ref();
        let missing = Rent::get()?.minimum_balance(space).saturating_sub(proposal.lamports());
        if missing > 0 {
            let accounts = Transfer {
                from: self.payer.to_account_info(),
                to: proposal.clone(),
            };
            transfer(CpiContext::new(self.system_program.key(), accounts), missing)?;
        }
        Ok(proposal.resize(space)?)
    }
}
