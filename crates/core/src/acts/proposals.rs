//! The only path to anything looser.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, kind, phase, proposal_flag, proposal_state, role},
    layout::{Council, Domain, Proposal},
};

use super::{ActError, At};
use crate::{
    council::{MemberError, hear, is_counted, is_unreachable, member_index, members},
    proposal::{self as rules, ProposalError},
};

/// Does this call of the set-up key need no proposal? After set-up every call needs one.
///
/// # Errors
/// [`ActError`] by name.
pub fn is_set_up_by(domain: &Domain, signer: &Pubkey, kind: u8) -> Result<bool, ActError> {
    match (domain.state, rules::is_crisis_kind(kind)) {
        (phase::SETUP, true) => Err(ActError::WrongPhase),
        (phase::SETUP, false) if *signer != domain.namespace => Err(ActError::NotSetupAuthority),
        (phase::SETUP, false) => Ok(true),
        _ => Ok(false),
    }
}

/// The account of a proposal that is being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewProposal {
    /// The domain's address.
    pub domain: Pubkey,
    /// Bump of its PDA.
    pub bump: u8,
    /// Who pays for it.
    pub payer: Pubkey,
}

/// An approver proposes, silent or not: nothing is approved by it. The fallback may propose a council, and nothing
/// else, when there have been too few approvers for long enough.
///
/// # Errors
/// [`ActError`] by name.
#[allow(clippy::too_many_arguments)]
pub fn propose(
    domain: &mut Domain,
    council: &mut Council,
    proposal: &mut Proposal,
    new: &NewProposal,
    proposer: &Pubkey,
    kind: u8,
    payload: &[u8],
    at: At,
) -> Result<(), ActError> {
    if domain.state == phase::SETUP {
        return Err(ActError::WrongPhase);
    }
    proposal.version = VERSION;
    proposal.bump = new.bump;
    proposal.state = proposal_state::OPEN;
    proposal.flags = flags_of(council, proposer, kind, at.now)?;
    proposal.kind = kind;
    proposal.class = rules::class_of(kind).ok_or(ActError::WrongProposalKind)?;
    proposal.index = domain.proposal_count;
    proposal.config_epoch = council.config_epoch;
    proposal.domain = new.domain;
    proposal.proposer = *proposer;
    proposal.payer = new.payer;
    domain.proposal_count = domain.proposal_count.checked_add(1).ok_or(ActError::Overflow)?;
    write(council, proposal, payload, at)
}

/// Who made a proposal puts another payload of the same kind in it. It is as good as a new one: approvals and clock
/// are gone, and earlier approvals name another hash or slot.
///
/// # Errors
/// [`ActError`] by name.
pub fn edit_proposal(
    council: &mut Council,
    proposal: &mut Proposal,
    proposer: &Pubkey,
    payload: &[u8],
    at: At,
) -> Result<(), ActError> {
    if proposal.proposer != *proposer {
        return Err(ActError::NotProposer);
    }
    rules::check_live(proposal, council, at.now)?;
    proposal.flags = flags_of(council, proposer, proposal.kind, at.now)?;
    proposal.approvals = 0;
    proposal.approved_ts = 0;
    write(council, proposal, payload, at)
}

/// May `proposer` make a proposal of this kind, and as what?
fn flags_of(council: &mut Council, proposer: &Pubkey, kind: u8, now: i64) -> Result<u8, ActError> {
    match member_index(council, proposer, role::APPROVER) {
        Ok(index) => {
            hear(council, index, now);
            Ok(0)
        }
        Err(MemberError::NotAMember) if *proposer == council.fallback => {
            if kind != kind::CHANGE_COUNCIL {
                return Err(ActError::WrongProposalKind);
            }
            if !is_unreachable(council, now) {
                return Err(ProposalError::FallbackNotDue.into());
            }
            Ok(proposal_flag::FALLBACK)
        }
        Err(error) => Err(error.into()),
    }
}

fn write(council: &Council, proposal: &mut Proposal, payload: &[u8], at: At) -> Result<(), ActError> {
    let policy = council
        .policies
        .get(usize::from(proposal.class))
        .ok_or(ActError::WrongProposalKind)?;
    proposal.created_slot = at.slot;
    proposal.created_ts = at.now;
    proposal.expires_ts = rules::expires(policy, rules::is_fallbacks(proposal), at.now)?;
    proposal.payload_hash = rules::payload_hash(proposal.kind, payload);
    proposal.payload_len = u16::try_from(payload.len()).map_err(|_| ActError::Overflow)?;
    Ok(())
}

/// An approver that counts approves one payload made in one slot; the fallback approves its own proposal alone.
///
/// # Errors
/// [`ActError`] by name.
pub fn approve(
    council: &mut Council,
    proposal: &mut Proposal,
    approver: &Pubkey,
    payload_hash: &[u8; 32],
    created_slot: u64,
    now: i64,
) -> Result<(), ActError> {
    if rules::is_fallbacks(proposal) {
        if *approver != council.fallback {
            return Err(ActError::RoleMissing);
        }
        return Ok(rules::approve_alone(
            proposal,
            council,
            payload_hash,
            created_slot,
            now,
        )?);
    }
    let index = member_index(council, approver, role::APPROVER)?;
    let counts = members(council)
        .get(index)
        .is_some_and(|member| is_counted(council, member, now));
    if !counts {
        return Err(ActError::MemberSilent);
    }
    hear(council, index, now);
    Ok(rules::approve(
        proposal,
        council,
        index,
        payload_hash,
        created_slot,
        now,
    )?)
}

/// An approver takes an approval back, silent or not.
///
/// # Errors
/// [`ActError`] by name.
pub fn withdraw_approval(
    council: &Council,
    proposal: &mut Proposal,
    approver: &Pubkey,
    now: i64,
) -> Result<(), ActError> {
    let index = member_index(council, approver, role::APPROVER)?;
    Ok(rules::withdraw_approval(proposal, council, index, now)?)
}

/// A vetoer stops a proposal, silent or not.
///
/// # Errors
/// [`ActError`] by name.
pub fn veto(council: &mut Council, proposal: &mut Proposal, vetoer: &Pubkey, now: i64) -> Result<(), ActError> {
    let index = member_index(council, vetoer, role::VETOER)?;
    hear(council, index, now);
    Ok(rules::veto(proposal)?)
}

/// Marks a matured proposal executed, if it says exactly this.
///
/// # Errors
/// [`ActError`] by name.
pub fn consume(council: &Council, proposal: &mut Proposal, kind: u8, payload: &[u8], now: i64) -> Result<(), ActError> {
    if proposal.kind != kind {
        return Err(ActError::WrongProposalKind);
    }
    rules::check_executable(proposal, council, now)?;
    if rules::payload_hash(kind, payload) != proposal.payload_hash {
        return Err(ActError::PayloadMismatch);
    }
    proposal.state = proposal_state::EXECUTED;
    Ok(())
}
