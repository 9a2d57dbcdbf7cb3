//! The life of a proposal: approvals, clock, veto, expiry.

use bulkhead_interface::{
    constants::{MIN_FALLBACK_DELAY_SECONDS, class, kind, proposal_flag, proposal_state, role},
    layout::{Council, Policy, Proposal},
};

use crate::{
    council::{counted, is_unreachable, member_bit},
    hash::sha256,
};

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
    /// Enough approvers have been heard of: the council is not the fallback's to change.
    FallbackNotDue,
    /// A time does not fit.
    Overflow,
}

/// The class whose policy a kind of proposal needs; `None` for an unknown kind.
#[must_use]
pub const fn class_of(kind: u8) -> Option<u8> {
    match kind {
        kind::RESUME | kind::REOPEN => Some(class::LOOSEN),
        kind::CHANGE_COUNCIL | kind::GRANT_RIGHTS | kind::REGISTER_PLAYBOOK | kind::RUN_INSTRUCTION => {
            Some(class::CONSTITUTION)
        }
        kind::REGISTER_ROUTE
        | kind::OPEN_BREAKER
        | kind::OPEN_VAULT
        | kind::REGISTER_LEDGER
        | kind::SET_LIMIT
        | kind::SET_LINK
        | kind::OPEN_PRICE_BREAKER
        | kind::OPEN_SOLVENCY_BREAKER
        | kind::OPEN_AUTHORITY_WATCH
        | kind::CLOSE_DETECTOR
        | kind::OPEN_CHECKPOINT_LOG => Some(class::CUSTODY),
        kind::CHOOSE_RESTORATION | kind::OVERRIDE_SEAL => Some(class::RESTORATION),
        _ => None,
    }
}

/// Kinds that make no sense during set-up, when nothing is protected yet, or that only a proposal may bring about.
#[must_use]
pub const fn is_crisis_kind(kind: u8) -> bool {
    matches!(
        kind,
        kind::RESUME
            | kind::REOPEN
            | kind::CHANGE_COUNCIL
            | kind::CHOOSE_RESTORATION
            | kind::OVERRIDE_SEAL
            | kind::GRANT_RIGHTS
            | kind::RUN_INSTRUCTION
    )
}

/// What approvals sign: SHA-256 of the kind byte and the payload.
#[must_use]
pub fn payload_hash(kind: u8, payload: &[u8]) -> [u8; 32] {
    sha256(&[&[kind], payload])
}

/// Member `index` approves. The clock starts when those who approve and count reach the threshold.
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
    check_named(proposal, council, payload_hash, created_slot, now)?;
    let bit = member_bit(index);
    if proposal.approvals & bit != 0 {
        return Err(ProposalError::AlreadyApproved);
    }
    proposal.approvals |= bit;
    if proposal.approved_ts == 0 && has_threshold(proposal, council, now) {
        proposal.approved_ts = now;
    }
    Ok(())
}

/// The fallback approves what it has proposed, alone. The clock starts.
///
/// # Errors
/// [`ProposalError`] by name.
pub fn approve_alone(
    proposal: &mut Proposal,
    council: &Council,
    payload_hash: &[u8; 32],
    created_slot: u64,
    now: i64,
) -> Result<(), ProposalError> {
    check_named(proposal, council, payload_hash, created_slot, now)?;
    if proposal.approved_ts != 0 {
        return Err(ProposalError::AlreadyApproved);
    }
    if !is_unreachable(council, now) {
        return Err(ProposalError::FallbackNotDue);
    }
    proposal.approved_ts = now;
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
    if !has_threshold(proposal, council, now) {
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

/// May it run now? Open, of this council, approved by enough who still count, its delay passed, not expired. What the
/// fallback has approved runs if enough approvers were never heard of again since.
///
/// # Errors
/// [`ProposalError`] by name.
pub fn check_executable(proposal: &Proposal, council: &Council, now: i64) -> Result<(), ProposalError> {
    check_live(proposal, council, now)?;
    if proposal.approved_ts == 0 {
        return Err(ProposalError::NotApproved);
    }
    if is_fallbacks(proposal) {
        if !is_unreachable(council, proposal.approved_ts) {
            return Err(ProposalError::FallbackNotDue);
        }
    } else if !has_threshold(proposal, council, now) {
        return Err(ProposalError::NotApproved);
    }
    if now < eta(proposal, council)? {
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
pub fn eta(proposal: &Proposal, council: &Council) -> Result<i64, ProposalError> {
    let delay = delay_seconds(policy(proposal, council)?, is_fallbacks(proposal));
    proposal.approved_ts.checked_add(delay).ok_or(ProposalError::Overflow)
}

/// Last moment a proposal made now may run. The fallback's longer delay does not eat into its time.
///
/// # Errors
/// [`ProposalError::Overflow`].
pub fn expires(policy: &Policy, is_fallbacks: bool, now: i64) -> Result<i64, ProposalError> {
    let longer = delay_seconds(policy, is_fallbacks).saturating_sub(policy.delay_seconds);
    now.checked_add(policy.expiry_seconds)
        .and_then(|expires| expires.checked_add(longer))
        .ok_or(ProposalError::Overflow)
}

/// Was it made by the fallback?
#[must_use]
pub const fn is_fallbacks(proposal: &Proposal) -> bool {
    proposal.flags & proposal_flag::FALLBACK != 0
}

fn delay_seconds(policy: &Policy, is_fallbacks: bool) -> i64 {
    let least = if is_fallbacks { MIN_FALLBACK_DELAY_SECONDS } else { 0 };
    policy.delay_seconds.max(least)
}

/// It is live, and is what the approval names.
fn check_named(
    proposal: &Proposal,
    council: &Council,
    payload_hash: &[u8; 32],
    created_slot: u64,
    now: i64,
) -> Result<(), ProposalError> {
    check_live(proposal, council, now)?;
    if *payload_hash != proposal.payload_hash || created_slot != proposal.created_slot {
        return Err(ProposalError::Mismatch);
    }
    Ok(())
}

/// Open, of this council, not expired.
///
/// # Errors
/// [`ProposalError`] by name.
pub fn check_live(proposal: &Proposal, council: &Council, now: i64) -> Result<(), ProposalError> {
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

/// Only the approvals of members that count are counted, and the threshold never sinks.
fn has_threshold(proposal: &Proposal, council: &Council, now: i64) -> bool {
    let approvals = proposal.approvals & counted(council, role::APPROVER, now);
    policy(proposal, council).is_ok_and(|policy| approvals.count_ones() >= u32::from(policy.threshold))
}

/// A class that does not exist has no policy, so nothing of it is ever approved.
fn policy<'a>(proposal: &Proposal, council: &'a Council) -> Result<&'a Policy, ProposalError> {
    council
        .policies
        .get(usize::from(proposal.class))
        .ok_or(ProposalError::NotApproved)
}
