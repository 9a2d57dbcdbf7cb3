//! An approver proposes a decision: a kind, and the exact arguments it will run with.
//!
//! Proposing does not approve and does not record activity. Arguments that do not decode, or that could never run, are
//! refused here. Each proposer has their own numbers, so nobody can take another's; any free number works. After too
//! few approvers have been active for long enough, the fallback may propose a new council, and nothing else.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewProposal};
use bulkhead_interface::{
    constants::MAX_PAYLOAD,
    layout::{Council, Domain, Proposal},
    seeds::SEED_PROPOSAL,
};

use crate::{
    authority::{PROPOSAL_HEADER, clock, core_error},
    current::Current,
    decision::{EncodedDecision, Scene},
    error::BulkheadError,
    events::ProposalCreated,
    pda,
};

#[derive(Accounts)]
#[instruction(index: u64)]
pub struct Propose<'info> {
    /// An approver; or the fallback when it is due.
    pub proposer: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    /// CHECK: the proposal's PDA, by its seeds; not created yet.
    #[account(
        mut,
        seeds = [SEED_PROPOSAL, domain.key().as_ref(), proposer.key().as_ref(), &index.to_le_bytes()],
        bump
    )]
    pub proposal: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_propose(ctx: Context<Propose>, index: u64, decision: EncodedDecision) -> Result<()> {
    let (kind, payload) = (decision.kind()?, decision.payload());
    require!(payload.len() <= MAX_PAYLOAD, BulkheadError::PayloadTooLong);
    let accounts = &ctx.accounts;
    let (domain_key, proposer) = (accounts.domain.key(), accounts.proposer.key);
    let new = NewProposal {
        domain: domain_key,
        index,
        bump: ctx.bumps.proposal,
        payer: accounts.payer.key(),
    };
    let mut proposal: Proposal = bytemuck::Zeroable::zeroed();
    {
        let (domain, council) = (accounts.domain.current()?, accounts.council.current()?);
        let scene = Scene {
            domain: domain_key,
            council: &council,
        };
        let at = clock()?;
        decision.judge(&scene, &mut |asked| {
            acts::propose(&domain, &council, &mut proposal, &new, proposer, asked, payload, at).map_err(core_error)
        })?;
    }
    accounts.create(index, ctx.bumps.proposal, payload.len())?;
    {
        let mut data = accounts.proposal.try_borrow_mut_data()?;
        let (header, body) = data
            .split_at_mut_checked(PROPOSAL_HEADER)
            .ok_or(BulkheadError::PayloadTooLong)?;
        pda::fill(header, &proposal)?;
        body.copy_from_slice(payload);
    }
    emit!(ProposalCreated {
        proposal: accounts.proposal.key(),
        domain: domain_key,
        proposer: *proposer,
        index,
        kind,
        payload_hash: proposal.payload_hash,
        expires_ts: proposal.expires_ts,
    });
    Ok(())
}

impl Propose<'_> {
    /// Creates the account with the length the payload needs.
    fn create(&self, index: u64, bump: u8, payload_len: usize) -> Result<()> {
        let proposal = self.proposal.as_ref();
        require_keys_neq!(*proposal.owner, crate::ID, BulkheadError::ProposalNumberTaken);
        let (domain, proposer) = (self.domain.key(), self.proposer.key());
        pda::create(
            proposal,
            self.payer.as_ref(),
            self.system_program.key(),
            PROPOSAL_HEADER.saturating_add(payload_len),
            &[
                SEED_PROPOSAL,
                domain.as_ref(),
                proposer.as_ref(),
                &index.to_le_bytes(),
                &[bump],
            ],
        )
    }
}

/// Writes the payload behind the header. The account has exactly enough room for it.
pub(super) fn write_payload(proposal: &AccountInfo, payload: &[u8]) -> Result<()> {
    proposal
        .try_borrow_mut_data()?
        .get_mut(PROPOSAL_HEADER..)
        .filter(|body| body.len() == payload.len())
        .ok_or(BulkheadError::PayloadTooLong)?
        .copy_from_slice(payload);
    Ok(())
}
