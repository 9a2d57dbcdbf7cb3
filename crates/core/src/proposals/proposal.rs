//! The life of a proposal: approvals, clock, veto, expiry.
//!
//! A delay is for people to look at what is coming. So it has to pass by the cluster's clock, and half of it by slots
//! besides: where the cluster stood still there was nothing to act in. Half, because slots are at times slower than they
//! are meant to be, and then nothing should take longer.

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

/// Did the guardians confirm something since it was made that its approvers could not know? Only what they decide by
/// threshold counts: an alarm or a pause of one voids nothing, or anybody could void forever.
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

/// Member `index` approves. The clock starts when those who approve and count reach the threshold. Enough of them may
/// stand without a clock: one was silent when the others approved and is back, or another took an approval back. Then any
/// of them starts it by approving again.
///
/// # Errors
/// [`CoreError`] by name.
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
        // Also when the threshold was reached once and lost to silence: a clock that had stopped goes on for nobody.
        stop_clock(proposal);
        if (before.counted | bit).count_ones() >= needed {
            start_clock(proposal, at);
        }
    }
    Ok(())
}

/// Would an approval of member `index`, who counts, add anything? The first one does. Another one does where enough approve
/// and no clock runs, or where the member was silent since the clock started and too few are left of the others.
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

/// Do enough approve, and does their clock run?
const fn is_reached(proposal: &Proposal, consenting: &Consenting, needed: u32) -> bool {
    proposal.approved_ts != 0 && consenting.in_time.count_ones() >= needed
}

/// The fallback approves what it has proposed, alone. The clock starts.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Its delay starts anew when it is approved again.
pub const fn stop_clock(proposal: &mut Proposal) {
    (proposal.approved_ts, proposal.approved_slot) = (0, 0);
}

/// Member `index` takes an approval back. Falling below the threshold stops the clock; reaching
/// it again starts it anew.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Member `index` stops the proposal, at any time before it is executed. A vetoer whom the proposal would remove stops
/// it together with another, never alone.
///
/// Returns whether it is stopped.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Where a proposal stands. One answer for the program, for people and for their machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has run.
    Executed,
    /// Vetoers stopped it.
    Vetoed,
    /// The council has changed since it was made.
    Stale,
    /// Its time is over.
    Expired,
    /// It lacks approvals of members that count.
    Collecting,
    /// Enough approvers have been heard of: what the fallback approved does not run.
    FallbackNotDue,
    /// Approved; its delay lasts.
    Waiting,
    /// Anyone may execute it.
    Ready,
    /// As things stand the program refuses it: see [`crate::acts::progress`].
    Refused,
}

/// A proposal's status, and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands.
    pub status: Status,
    /// The members whose approval counts now, one bit each. See [`Progress::lacks_a_clock`].
    pub eligible: u16,
    /// Approvals it needs; 0 for the fallback's, which it approves alone.
    pub needed: u8,
    /// First moment it may run, once it is approved. Unix seconds.
    pub eta: Option<i64>,
    /// First slot it may run in, likewise. The moment comes later, unless the cluster stands still.
    pub eta_slot: Option<u64>,
}

impl Progress {
    /// Do enough approve, and no clock runs? Then any of them starts it by approving again.
    #[must_use]
    pub const fn lacks_a_clock(&self) -> bool {
        let is_collecting = matches!(self.status, Status::Collecting);
        is_collecting && self.needed != 0 && self.eligible.count_ones() >= self.needed as u32
    }
}

/// Where `proposal` stands at `now`: open, of this council, not expired, approved by enough who count and have counted
/// since the clock started, its delay passed. What the fallback has approved runs if enough approvers were never heard
/// of again since.
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
/// [`CoreError`] by name.
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

/// First slot it may be executed in: half of its delay has passed by slots.
fn first_slot(proposal: &Proposal, eta: i64) -> u64 {
    let delay = eta.saturating_sub(proposal.approved_ts);
    proposal.approved_slot.saturating_add(clock::slots_of(delay) >> 1)
}

/// Last moment a proposal made now may run. The fallback's longer delay does not eat into its time.
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

/// It is live, and is what the approval names.
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

/// Open, of this council, not void by a veto that stands against its proposer, not expired.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Who of those that approved count.
struct Consenting {
    /// Count now.
    counted: u16,
    /// Count, and were not silent since the clock started: who came back from a silence approves anew, so that nobody
    /// executes at once with the consent of a key that lay forgotten.
    in_time: u16,
}

/// Only the approvals of members that count are counted, and thresholds never sink.
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

/// A class that does not exist has no policy, so nothing of it is ever approved.
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
