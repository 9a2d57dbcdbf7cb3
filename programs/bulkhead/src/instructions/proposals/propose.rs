//! An approver proposes: a kind, and the exact arguments it will run with.
//!
//! Nothing is approved by proposing. Arguments that would not decode are refused here, so that
//! whoever approves can always read them.

use anchor_lang::prelude::*;
use bulkhead_core::proposal::{class_of, payload_hash};
use bulkhead_interface::{
    constants::{MAX_PAYLOAD, VERSION, kind, phase, proposal_state, role},
    layout::{Council, Domain, Proposal},
    seeds::SEED_PROPOSAL,
};

use crate::{
    authority::{PROPOSAL_HEADER, require_member},
    current::Current,
    error::BulkheadError,
    events::ProposalCreated,
    instructions::{
        ChooseRestorationArgs, CloseDetectorArgs, CouncilConfig, OpenAuthorityWatchArgs, OpenBreakerArgs,
        OpenPriceBreakerArgs, OpenSolvencyBreakerArgs, OpenVaultArgs, RegisterLedgerArgs, RegisterRouteArgs,
        ReopenArgs, ResumeArgs, SetLimitArgs, SetLinkArgs,
    },
};

#[derive(Accounts)]
#[instruction(kind: u8, payload: Vec<u8>)]
pub struct Propose<'info> {
    pub proposer: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
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
    let clock = Clock::get()?;
    let (index, hash, expires_ts) = {
        let mut domain = ctx.accounts.domain.current_mut()?;
        require!(domain.state != phase::SETUP, BulkheadError::WrongPhase);
        let council = ctx.accounts.council.current()?;
        require_member(&council, ctx.accounts.proposer.key, role::APPROVER)?;
        let class = class_of(kind).ok_or(BulkheadError::WrongProposalKind)?;
        let policy = council
            .policies
            .get(usize::from(class))
            .ok_or(BulkheadError::WrongProposalKind)?;

        let mut proposal = ctx.accounts.proposal.load_init()?;
        proposal.version = VERSION;
        proposal.bump = ctx.bumps.proposal;
        proposal.state = proposal_state::OPEN;
        proposal.kind = kind;
        proposal.class = class;
        proposal.index = domain.proposal_count;
        proposal.config_epoch = council.config_epoch;
        proposal.created_slot = clock.slot;
        proposal.created_ts = clock.unix_timestamp;
        proposal.expires_ts = clock
            .unix_timestamp
            .checked_add(policy.expiry_seconds)
            .ok_or(BulkheadError::Overflow)?;
        proposal.domain = ctx.accounts.domain.key();
        proposal.proposer = ctx.accounts.payer.key();
        proposal.payload_hash = payload_hash(kind, &payload);
        proposal.payload_len = u16::try_from(payload.len()).map_err(|_| BulkheadError::PayloadTooLong)?;
        domain.proposal_count = domain.proposal_count.checked_add(1).ok_or(BulkheadError::Overflow)?;
        (proposal.index, proposal.payload_hash, proposal.expires_ts)
    };
    ctx.accounts
        .proposal
        .as_ref()
        .try_borrow_mut_data()?
        .get_mut(PROPOSAL_HEADER..)
        .ok_or(BulkheadError::PayloadTooLong)?
        .copy_from_slice(&payload);
    emit!(ProposalCreated {
        proposal: ctx.accounts.proposal.key(),
        index,
        kind,
        payload_hash: hash,
        expires_ts,
    });
    Ok(())
}

/// The payload is the Borsh form of the arguments of the kind's instruction, and nothing behind.
fn require_decodes(kind: u8, payload: &[u8]) -> Result<()> {
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
        _ => return err!(BulkheadError::WrongProposalKind),
    };
    require!(is_sound, BulkheadError::PayloadMismatch);
    Ok(())
}
