//! An approver proposes: a kind, and the exact arguments it will run with.
//!
//! Nothing is approved by proposing. Arguments that would not decode are refused here, so that
//! whoever approves can always read them. When too few approvers have been heard of for long, the
//! fallback may propose a new council, and nothing else.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewProposal};
use bulkhead_interface::{
    constants::{MAX_PAYLOAD, kind},
    layout::{Council, Domain, Proposal},
    seeds::SEED_PROPOSAL,
};

use crate::{
    authority::{PROPOSAL_HEADER, act_error, clock},
    call::StoredInstruction,
    current::Current,
    error::BulkheadError,
    events::ProposalCreated,
    instructions::{
        ChooseRestorationArgs, CloseDetectorArgs, CouncilConfig, GrantRightsArgs, OpenAuthorityWatchArgs,
        OpenBreakerArgs, OpenCheckpointLogArgs, OpenPriceBreakerArgs, OpenSolvencyBreakerArgs, OpenVaultArgs,
        OverrideSealArgs, RegisterLedgerArgs, RegisterPlaybookArgs, RegisterRouteArgs, ReopenArgs, ResumeArgs,
        SetLimitArgs, SetLinkArgs,
    },
};

#[derive(Accounts)]
#[instruction(kind: u8, payload: Vec<u8>)]
pub struct Propose<'info> {
    /// An approver; the fallback when it is due.
    pub proposer: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(
        init,
        payer = payer,
        space = PROPOSAL_HEADER.saturating_add(payload.len()),
        seeds = [SEED_PROPOSAL, domain.key().as_ref(), &domain.current()?.proposal_count.to_le_bytes()],
        bump
    )]
    pub proposal: AccountLoader<'info, Proposal>,
    pub system_program: Program<'info, System>,
}

pub fn handle_propose(ctx: Context<Propose>, kind: u8, payload: Vec<u8>) -> Result<()> {
    require!(payload.len() <= MAX_PAYLOAD, BulkheadError::PayloadTooLong);
    require_decodes(kind, &payload)?;
    let at = clock()?;
    let accounts = &ctx.accounts;
    let (index, hash, expires_ts) = {
        let mut domain = accounts.domain.current_mut()?;
        let mut council = accounts.council.current_mut()?;
        let mut proposal = accounts.proposal.load_init()?;
        let new = NewProposal {
            domain: accounts.domain.key(),
            bump: ctx.bumps.proposal,
            payer: accounts.payer.key(),
        };
        let proposer = accounts.proposer.key;
        acts::propose(
            &mut domain,
            &mut council,
            &mut proposal,
            &new,
            proposer,
            kind,
            &payload,
            at,
        )
        .map_err(act_error)?;
        (proposal.index, proposal.payload_hash, proposal.expires_ts)
    };
    write_payload(accounts.proposal.as_ref(), &payload)?;
    emit!(ProposalCreated {
        proposal: ctx.accounts.proposal.key(),
        index,
        kind,
        payload_hash: hash,
        expires_ts,
    });
    Ok(())
}

/// Writes the payload behind the header, which has room for exactly that.
pub(super) fn write_payload(proposal: &AccountInfo, payload: &[u8]) -> Result<()> {
    proposal
        .try_borrow_mut_data()?
        .get_mut(PROPOSAL_HEADER..)
        .filter(|body| body.len() == payload.len())
        .ok_or(BulkheadError::PayloadTooLong)?
        .copy_from_slice(payload);
    Ok(())
}

/// The payload is the Borsh form of the arguments of the kind's instruction, and nothing behind.
pub(super) fn require_decodes(kind: u8, payload: &[u8]) -> Result<()> {
    fn decodes<A: AnchorDeserialize>(payload: &[u8]) -> bool {
        A::try_from_slice(payload).is_ok()
    }
    let is_sound = match kind {
        kind::RESUME => decodes::<ResumeArgs>(payload),
        kind::CHANGE_COUNCIL => decodes::<CouncilConfig>(payload),
        kind::REGISTER_ROUTE => decodes::<RegisterRouteArgs>(payload),
        kind::CHOOSE_RESTORATION => decodes::<ChooseRestorationArgs>(payload),
        kind::REOPEN => decodes::<ReopenArgs>(payload),
        kind::OPEN_BREAKER => decodes::<OpenBreakerArgs>(payload),
        kind::OPEN_VAULT => decodes::<OpenVaultArgs>(payload),
        kind::REGISTER_LEDGER => decodes::<RegisterLedgerArgs>(payload),
        kind::SET_LIMIT => decodes::<SetLimitArgs>(payload),
        kind::SET_LINK => decodes::<SetLinkArgs>(payload),
        kind::OPEN_PRICE_BREAKER => decodes::<OpenPriceBreakerArgs>(payload),
        kind::OPEN_SOLVENCY_BREAKER => decodes::<OpenSolvencyBreakerArgs>(payload),
        kind::OPEN_AUTHORITY_WATCH => decodes::<OpenAuthorityWatchArgs>(payload),
        kind::CLOSE_DETECTOR => decodes::<CloseDetectorArgs>(payload),
        kind::GRANT_RIGHTS => decodes::<GrantRightsArgs>(payload),
        kind::REGISTER_PLAYBOOK => decodes::<RegisterPlaybookArgs>(payload),
        kind::RUN_INSTRUCTION => decodes::<StoredInstruction>(payload),
        kind::OPEN_CHECKPOINT_LOG => decodes::<OpenCheckpointLogArgs>(payload),
        kind::OVERRIDE_SEAL => decodes::<OverrideSealArgs>(payload),
        _ => return err!(BulkheadError::WrongProposalKind),
    };
    require!(is_sound, BulkheadError::PayloadMismatch);
    Ok(())
}
