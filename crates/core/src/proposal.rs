//! The life of a proposal: approvals, clock, veto, expiry.

use bulkhead_interface::{
    constants::{class, kind, proposal_state},
    layout::{Council, Policy, Proposal},
};

use crate::{council::member_bit, hash::sha256};

/// Why a proposal cannot be approved, executed or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalError {
    /// Executed or vetoed already.
    NotOpen,
    /// The council has changed since.
    StaleEpoch,
    /// Too late.
    Expired,
    /// The threshold has not been reached.
    NotApproved,
    /// Too early.
    DelayNotPassed,
    /// This member approved before.
    AlreadyApproved,
    /// This member has nothing to withdraw.
    ApprovalMissing,
    /// The approval is of another payload or creation slot.
    Mismatch,
    /// It could still be executed.
    StillOpen,
    /// A time does not fit.
    Overflow,
}

/// The class whose policy a kind of proposal needs; `None` for an unknown kind.
#[must_use]
pub const fn class_of(kind: u8) -> Option<u8> {
    match kind {
        kind::RESUME | kind::REOPEN => Some(class::LOOSEN),
        kind::CHANGE_COUNCIL => Some(class::CONSTITUTION),
        kind::REGISTER_ROUTE
        | kind::OPEN_BREAKER
        | kind::OPEN_VAULT
        | kind::REGISTER_LEDGER
        | kind::SET_LIMIT
        | kind::SET_LINK
        | kind::OPEN_PRICE_BREAKER
        | kind::OPEN_SOLVENCY_BREAKER
        | kind::OPEN_AUTHORITY_WATCH
        | kind::CLOSE_DETECTOR => Some(class::CUSTODY),
        kind::CHOOSE_RESTORATION => Some(class::RESTORATION),
        _ => None,
    }
}

/// Kinds that make no sense during set-up, when nothing is protected yet.
#[must_use]
pub const fn is_crisis_kind(kind: u8) -> bool {
    matches!(
        kind,
        kind::RESUME | kind::REOPEN | kind::CHANGE_COUNCIL | kind::CHOOSE_RESTORATION
    )
}

/// What approvals sign: SHA-256 of the kind byte and the payload.
#[must_use]
pub fn payload_hash(kind: u8, payload: &[u8]) -> [u8; 32] {
    sha256(&[&[kind], payload])
}

/// Member `index` approves. The clock starts when the threshold is reached.
///
/// # Errors
/// [`ProposalError`] by name.
pub fn approve(
    proposal: &mut Proposal,
    council: &Council,
    index: usize,
    payload_hash: &[u8; 32],
    created_slot: u64,
    now: i64,
) -> Result<(), ProposalError> {
    check_live(proposal, council, now)?;
    if *payload_hash != proposal.payload_hash || created_slot != proposal.created_slot {
        return Err(ProposalError::Mismatch);
    }
    let bit = member_bit(index);
    if proposal.approvals & bit != 0 {
        return Err(ProposalError::AlreadyApproved);
    }
    proposal.approvals |= bit;
    if proposal.approved_ts == 0 && has_threshold(proposal, council) {
        proposal.approved_ts = now;
    }
    Ok(())
}

/// Member `index` takes an approval back. Falling below the threshold stops the clock; reaching
/// it again starts it anew.
///
/// # Errors
/// [`ProposalError`] by name.
pub fn withdraw_approval(
    proposal: &mut Proposal,
    council: &Council,
    index: usize,
    now: i64,
) -> Result<(), ProposalError> {
    check_live(proposal, council, now)?;
    let bit = member_bit(index);
    if proposal.approvals & bit == 0 {
        return Err(ProposalError::ApprovalMissing);
    }
    proposal.approvals &= !bit;
    if !has_threshold(proposal, council) {
        proposal.approved_ts = 0;
    }
    Ok(())
}

/// A vetoer stops the proposal, at any time before it is executed.
///
/// # Errors
/// [`ProposalError::NotOpen`].
pub fn veto(proposal: &mut Proposal) -> Result<(), ProposalError> {
    if proposal.state != proposal_state::OPEN {
        return Err(ProposalError::NotOpen);
    }
    proposal.state = proposal_state::VETOED;
    Ok(())
}

/// May it run now? Open, of this council, approved, its delay passed, not expired.
///
/// # Errors
/// [`ProposalError`] by name.
pub fn check_executable(proposal: &Proposal, council: &Council, now: i64) -> Result<(), ProposalError> {
    check_live(proposal, council, now)?;
    if proposal.approved_ts == 0 || !has_threshold(proposal, council) {
        return Err(ProposalError::NotApproved);
    }
    if now < eta(proposal, policy(proposal, council)?)? {
        return Err(ProposalError::DelayNotPassed);
    }
    Ok(())
}

/// May its account be closed? Only when it can never run again.
///
/// # Errors
/// [`ProposalError::StillOpen`].
pub fn check_closable(proposal: &Proposal, council: &Council, now: i64) -> Result<(), ProposalError> {
    match check_live(proposal, council, now) {
        Ok(()) => Err(ProposalError::StillOpen),
        Err(_) => Ok(()),
    }
}

/// First moment an approved proposal may run. Unix seconds.
///
/// # Errors
/// [`ProposalError::Overflow`].
pub fn eta(proposal: &Proposal, policy: &Policy) -> Result<i64, ProposalError> {
    proposal
        .approved_ts
        .checked_add(policy.delay_seconds)
        .ok_or(ProposalError::Overflow)
}

fn check_live(proposal: &Proposal, council: &Council, now: i64) -> Result<(), ProposalError> {
    if proposal.state != proposal_state::OPEN {
        return Err(ProposalError::NotOpen);
    }
    if proposal.config_epoch != council.config_epoch {
        return Err(ProposalError::StaleEpoch);
    }
    if now > proposal.expires_ts {
        return Err(ProposalError::Expired);
    }
    Ok(())
}

fn has_threshold(proposal: &Proposal, council: &Council) -> bool {
    policy(proposal, council).is_ok_and(|policy| proposal.approvals.count_ones() >= u32::from(policy.threshold))
}

/// A class that does not exist has no policy, so nothing of it is ever approved.
fn policy<'a>(proposal: &Proposal, council: &'a Council) -> Result<&'a Policy, ProposalError> {
    council
        .policies
        .get(usize::from(proposal.class))
        .ok_or(ProposalError::NotApproved)
}
