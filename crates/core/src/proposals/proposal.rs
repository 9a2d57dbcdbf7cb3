//! The life of a proposal: approvals, clock, veto, expiry.
//!
//! A delay gives people time to examine what is coming. So it must pass by the cluster's clock, and half of it must
//! also pass in slots: while the cluster stood still nobody could act. Only half, because slots are sometimes slower
//! than their target, and then nothing should take longer.

use bulkhead_interface::{
    ProposalKind,
    constants::{MIN_FALLBACK_DELAY_SECONDS, proposal_flag, proposal_state, role},
    layout::{Council, Policy, Proposal},
};

use crate::{
    CoreError,
    acts::At,
    clock,
    domain::council::{is_counted, is_unreachable, member_bit, members},
    hash::sha256,
    proposals::veto,
};

/// Have the guardians confirmed something since it was created that its approvers could not know? Only threshold
/// decisions count: one guardian's alarm or pause voids nothing; otherwise anyone could void proposals forever.
#[must_use]
pub fn is_outdated(proposal: &Proposal, confirmed_slot: u64) -> bool {
    let is_voided = ProposalKind::of(proposal.kind).is_none_or(ProposalKind::is_voided);
    confirmed_slot != 0 && is_voided && proposal.created_slot <= confirmed_slot
}

/// What approvals sign: SHA-256 of the kind byte and the payload, which together are the Borsh form of a decision.
#[must_use]
pub fn payload_hash(kind: u8, payload: &[u8]) -> [u8; 32] {
    sha256(&[&[kind], payload])
}

/// Member `index` approves. The clock starts when the eligible approvers reach the threshold. There can be enough
/// approvals without a running clock: one approver was silent when the others approved and is back, or another withdrew
/// an approval. Then any of them starts the clock by approving again.
///
/// # Errors
/// A named [`CoreError`].
pub fn approve(
    proposal: &mut Proposal,
    council: &Council,
    index: usize,
    payload_hash: &[u8; 32],
    created_slot: u64,
    at: At,
) -> Result<(), CoreError> {
    check_named(proposal, council, payload_hash, created_slot, at.now)?;
    let bit = member_bit(index);
    let needed = u32::from(policy(proposal, council)?.threshold);
    let before = consenting(proposal, council, at.now);
    if !adds_to(proposal, &before, needed, bit) {
        return Err(CoreError::AlreadyApproved);
    }
    proposal.approvals |= bit;
    if !is_reached(proposal, &before, needed) {
        // Also when the threshold was once reached and lost to silence: a clock that had stopped does not simply
        // continue.
        stop_clock(proposal);
        if (before.counted | bit).count_ones() >= needed {
            start_clock(proposal, at);
        }
    }
    Ok(())
}

/// Would an approval of the eligible member `index` have an effect? The first one does. A repeated one does if there
/// are enough approvals and no clock runs, or if the member was silent since the clock started and too few of the
/// others are left.
#[must_use]
pub fn adds(proposal: &Proposal, council: &Council, index: usize, now: i64) -> bool {
    let consenting = consenting(proposal, council, now);
    policy(proposal, council)
        .is_ok_and(|policy| adds_to(proposal, &consenting, policy.threshold.into(), member_bit(index)))
}

fn adds_to(proposal: &Proposal, before: &Consenting, needed: u32, bit: u16) -> bool {
    if proposal.approvals & bit == 0 {
        return true;
    }
    let is_clock_missing = proposal.approved_ts == 0 && before.counted.count_ones() >= needed;
    let was_silent = before.in_time & bit == 0;
    !is_reached(proposal, before, needed) && (is_clock_missing || was_silent)
}

/// Are there enough approvals, and does their clock run?
const fn is_reached(proposal: &Proposal, consenting: &Consenting, needed: u32) -> bool {
    proposal.approved_ts != 0 && consenting.in_time.count_ones() >= needed
}

/// The fallback alone approves its own proposal. The clock starts.
///
/// # Errors
/// A named [`CoreError`].
pub fn approve_alone(
    proposal: &mut Proposal,
    council: &Council,
    payload_hash: &[u8; 32],
    created_slot: u64,
    at: At,
) -> Result<(), CoreError> {
    check_named(proposal, council, payload_hash, created_slot, at.now)?;
    if proposal.approved_ts != 0 {
        return Err(CoreError::AlreadyApproved);
    }
    if !is_unreachable(council, at.now) {
        return Err(CoreError::FallbackNotDue);
    }
    start_clock(proposal, at);
    Ok(())
}

const fn start_clock(proposal: &mut Proposal, at: At) {
    (proposal.approved_ts, proposal.approved_slot) = (at.now, at.slot);
}

/// Its delay starts from the beginning when it is approved again.
pub const fn stop_clock(proposal: &mut Proposal) {
    (proposal.approved_ts, proposal.approved_slot) = (0, 0);
}

/// Member `index` withdraws an approval. Falling below the threshold stops the clock; reaching it again restarts the
/// clock from the beginning.
///
/// # Errors
/// A named [`CoreError`].
pub fn withdraw_approval(proposal: &mut Proposal, council: &Council, index: usize, now: i64) -> Result<(), CoreError> {
    check_live(proposal, council, now)?;
    let bit = member_bit(index);
    if proposal.approvals & bit == 0 {
        return Err(CoreError::ApprovalMissing);
    }
    proposal.approvals &= !bit;
    let needed = u32::from(policy(proposal, council)?.threshold);
    if consenting(proposal, council, now).in_time.count_ones() < needed {
        stop_clock(proposal);
    }
    Ok(())
}

/// Member `index` stops the proposal, at any time before it is executed. A vetoer whom the proposal would remove can
/// stop it only together with another, never alone.
///
/// Returns whether it is stopped.
///
/// # Errors
/// A named [`CoreError`].
pub fn veto(proposal: &mut Proposal, council: &Council, index: usize, now: i64) -> Result<bool, CoreError> {
    check_live(proposal, council, now)?;
    let bit = member_bit(index);
    if veto::against(proposal, council) & bit != 0 {
        return Err(CoreError::AlreadyVetoed);
    }
    proposal.vetoes |= bit;
    let is_stopped = veto::is_stopped(proposal, council);
    if is_stopped {
        proposal.state = proposal_state::VETOED;
    }
    Ok(is_stopped)
}

/// State of a proposal: one answer for the program, for people and for their tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has run.
    Executed,
    /// Vetoers stopped it.
    Vetoed,
    /// The council has changed since it was made.
    Stale,
    /// It has expired.
    Expired,
    /// It does not have enough approvals of eligible members.
    Collecting,
    /// Enough approvers have been active: a proposal approved by the fallback does not run.
    FallbackNotDue,
    /// Approved; its delay has not passed.
    Waiting,
    /// Anyone may execute it.
    Ready,
    /// As things stand the program would refuse it: see [`crate::acts::progress`].
    Refused,
}

/// A proposal's status and the values it is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its state.
    pub status: Status,
    /// The members whose approval counts now, one bit each. See [`Progress::lacks_a_clock`].
    pub eligible: u16,
    /// Approvals it needs; 0 for the fallback's proposal, which it approves alone.
    pub needed: u8,
    /// First moment it may run, once it is approved. Unix seconds.
    pub eta: Option<i64>,
    /// First slot it may run in, once it is approved. The moment above comes later, unless the cluster stands still.
    pub eta_slot: Option<u64>,
}

impl Progress {
    /// Are there enough approvals, but no running clock? Then any approver starts it by approving again.
    #[must_use]
    pub const fn lacks_a_clock(&self) -> bool {
        let is_collecting = matches!(self.status, Status::Collecting);
        is_collecting && self.needed != 0 && self.eligible.count_ones() >= self.needed as u32
    }
}

/// State of `proposal` at `now`: open, of this council, not expired, approved by enough members who are eligible and
/// have been since the clock started, its delay passed. A proposal approved by the fallback runs if enough approvers
/// have not become active again since.
#[must_use]
pub fn progress(proposal: &Proposal, council: &Council, at: At) -> Progress {
    let consenting = consenting(proposal, council, at.now);
    let eligible = consenting.in_time;
    let threshold = policy(proposal, council).map_or(u8::MAX, |policy| policy.threshold);
    let needed = if is_fallbacks(proposal) { 0 } else { threshold };
    let eta = eta(proposal, council).filter(|_| is_reached(proposal, &consenting, needed.into()));
    let eta_slot = eta.map(|eta| first_slot(proposal, eta));
    let is_over = |eta: i64| at.now >= eta && eta_slot.is_some_and(|slot| at.slot >= slot);
    let status = match check_live(proposal, council, at.now) {
        Err(CoreError::StaleConfigEpoch) => Status::Stale,
        Err(CoreError::ProposalExpired) => Status::Expired,
        Err(_) if proposal.state == proposal_state::EXECUTED => Status::Executed,
        Err(_) => Status::Vetoed,
        Ok(()) => match eta {
            None => Status::Collecting,
            Some(_) if is_fallbacks(proposal) && !is_unreachable(council, proposal.approved_ts) => {
                Status::FallbackNotDue
            }
            Some(eta) if !is_over(eta) => Status::Waiting,
            Some(_) => Status::Ready,
        },
    };
    Progress {
        status,
        eligible,
        needed,
        eta,
        eta_slot,
    }
}

/// May it run now?
///
/// # Errors
/// A named [`CoreError`].
pub fn check_executable(proposal: &Proposal, council: &Council, at: At) -> Result<(), CoreError> {
    match progress(proposal, council, at).status {
        Status::Ready => Ok(()),
        Status::Waiting => Err(CoreError::DelayNotPassed),
        Status::FallbackNotDue => Err(CoreError::FallbackNotDue),
        Status::Collecting | Status::Refused => Err(CoreError::NotApproved),
        Status::Expired => Err(CoreError::ProposalExpired),
        Status::Stale => Err(CoreError::StaleConfigEpoch),
        Status::Executed | Status::Vetoed => Err(CoreError::ProposalNotOpen),
    }
}

/// May its account be closed? Only when it can never run again.
///
/// # Errors
/// [`CoreError::ProposalStillOpen`].
pub fn check_closable(proposal: &Proposal, council: &Council, now: i64) -> Result<(), CoreError> {
    match check_live(proposal, council, now) {
        Ok(()) => Err(CoreError::ProposalStillOpen),
        Err(_) => Ok(()),
    }
}

/// First moment a proposal whose clock runs may be executed. Unix seconds.
fn eta(proposal: &Proposal, council: &Council) -> Option<i64> {
    let delay = delay_seconds(policy(proposal, council).ok()?, is_fallbacks(proposal));
    (proposal.approved_ts != 0).then(|| proposal.approved_ts.saturating_add(delay))
}

/// First slot in which it may be executed: half of its delay has passed in slots.
fn first_slot(proposal: &Proposal, eta: i64) -> u64 {
    let delay = eta.saturating_sub(proposal.approved_ts);
    proposal.approved_slot.saturating_add(clock::slots_of(delay) >> 1)
}

/// Last moment at which a proposal created now may run. The fallback's longer delay does not shorten its execution
/// time.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn expires(policy: &Policy, is_fallbacks: bool, now: i64) -> Result<i64, CoreError> {
    let longer = delay_seconds(policy, is_fallbacks).saturating_sub(policy.delay_seconds);
    now.checked_add(policy.expiry_seconds)
        .and_then(|expires| expires.checked_add(longer))
        .ok_or(CoreError::Overflow)
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

/// It is live, and matches the approval.
fn check_named(
    proposal: &Proposal,
    council: &Council,
    payload_hash: &[u8; 32],
    created_slot: u64,
    now: i64,
) -> Result<(), CoreError> {
    check_live(proposal, council, now)?;
    if *payload_hash != proposal.payload_hash || created_slot != proposal.created_slot {
        return Err(CoreError::ApprovalMismatch);
    }
    Ok(())
}

/// Open, of this council, not voided by a veto in force against its proposer, not expired.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_live(proposal: &Proposal, council: &Council, now: i64) -> Result<(), CoreError> {
    if proposal.state != proposal_state::OPEN {
        return Err(CoreError::ProposalNotOpen);
    }
    if proposal.config_epoch != council.config_epoch {
        return Err(CoreError::StaleConfigEpoch);
    }
    if veto::is_stopped(proposal, council) {
        return Err(CoreError::ProposalNotOpen);
    }
    if now > proposal.expires_ts {
        return Err(CoreError::ProposalExpired);
    }
    Ok(())
}

/// Which of the approvers count.
struct Consenting {
    /// Eligible now.
    counted: u16,
    /// Eligible, and not silent since the clock started: a member who returns from a silence must approve again, so
    /// that nobody executes immediately with the consent of a forgotten key.
    in_time: u16,
}

/// Only approvals of eligible members count, and thresholds never decrease.
fn consenting(proposal: &Proposal, council: &Council, now: i64) -> Consenting {
    let mut found = Consenting { counted: 0, in_time: 0 };
    for (index, member) in members(council).iter().enumerate() {
        let bit = proposal.approvals & member_bit(index);
        if bit == 0 || member.roles & role::APPROVER == 0 || !is_counted(council, member, now) {
            continue;
        }
        found.counted |= bit;
        if proposal.approved_ts == 0 || member.active_from_ts <= proposal.approved_ts {
            found.in_time |= bit;
        }
    }
    found
}

/// A class that does not exist has no policy, so none of its proposals is ever approved.
fn policy<'a>(proposal: &Proposal, council: &'a Council) -> Result<&'a Policy, CoreError> {
    council
        .policies
        .get(usize::from(proposal.class))
        .ok_or(CoreError::NotApproved)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// A new kind is void until somebody says why it is not.
    #[test]
    fn what_the_guardians_confirm_voids_every_kind_but_the_councils() {
        let kept: Vec<_> = ProposalKind::all().filter(|kind| !kind.is_voided()).collect();
        assert_eq!(kept, [ProposalKind::ChangeCouncil, ProposalKind::GrantRights]);
        let made = |kind: u8, created_slot| Proposal {
            kind,
            created_slot,
            ..bytemuck::Zeroable::zeroed()
        };
        let run = ProposalKind::RunInstruction.number();
        assert!(is_outdated(&made(run, 7), 7));
        assert!(!is_outdated(&made(run, 8), 7));
        assert!(!is_outdated(&made(ProposalKind::ChangeCouncil.number(), 7), 7));
        assert!(!is_outdated(&made(run, 0), 0), "nothing was ever confirmed");
        assert!(is_outdated(&made(u8::MAX, 7), 7), "nobody knows what it does");
    }
}
