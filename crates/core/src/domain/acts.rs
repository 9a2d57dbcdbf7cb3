//! Who guards the domain, and whether they are still active.

use bulkhead_interface::{
    Pubkey,
    constants::{phase, role},
    layout::{Council, Domain, Member},
};

use crate::{CoreError, domain::council};

/// A member proves that they are active. Any member may, at any time; a member who was silent is eligible again one day
/// later. The heartbeat must name the member's current last activity. However a heartbeat was kept (a multisig's
/// approved transaction needs no nonce for that), the next recorded activity voids it, so a dead member's key can be
/// active at most once more.
///
/// Returns the time from which the member is eligible.
///
/// # Errors
/// [`CoreError::NotAMember`], [`CoreError::ActiveSince`].
pub fn heartbeat(council: &mut Council, member: &Pubkey, last_active_ts: i64, now: i64) -> Result<i64, CoreError> {
    let index = council::member_index(council, member, role::ALL)?;
    let known = council::members(council).get(index).map(|member| member.last_active_ts);
    if known != Some(last_active_ts) {
        return Err(CoreError::ActiveSince);
    }
    council::record_activity(council, index, now);
    council
        .members
        .get(index)
        .map(|member| member.active_from_ts)
        .ok_or(CoreError::NotAMember)
}

/// Restores a guardian's pause rights, up to what the council grants, and returns the rights they have now. Requires a
/// matured proposal and leaves other proposals valid. Veto rights return automatically.
///
/// # Errors
/// A named [`CoreError`].
pub fn grant_rights(council: &mut Council, member: &Pubkey, pauses: u8) -> Result<u8, CoreError> {
    let index = grantable(council, member, pauses)?;
    let most = council.pause_rights;
    let member = council.members.get_mut(index).ok_or(CoreError::NotAMember)?;
    let sum = member.pause_rights.checked_add(pauses).filter(|sum| *sum <= most);
    member.pause_rights = sum.ok_or(CoreError::ArgumentOutOfRange)?;
    Ok(member.pause_rights)
}

/// Index of a guardian who may be granted this many rights at all: more than zero, and no more than the council grants.
pub(crate) fn grantable(council: &Council, member: &Pubkey, pauses: u8) -> Result<usize, CoreError> {
    let index = council::member_index(council, member, role::GUARDIAN)?;
    if pauses == 0 || pauses > council.pause_rights {
        return Err(CoreError::ArgumentOutOfRange);
    }
    Ok(index)
}

/// One guardian runs an emergency action immediately. Burns a pause right; the caller runs the action itself. Refused
/// during set-up, when nobody has vouched for anything yet.
///
/// Returns the pause rights left.
///
/// # Errors
/// A named [`CoreError`].
pub fn run_emergency_action(domain: &Domain, council: &mut Council, guardian: &Pubkey) -> Result<u8, CoreError> {
    if domain.state == phase::SETUP {
        return Err(CoreError::WrongPhase);
    }
    let index = council::member_index(council, guardian, role::GUARDIAN)?;
    council::burn(council, index)
}

/// Puts a whole council in place: restores every pause right, ends every veto, treats every member as active now, and
/// voids every open proposal. `plan` supplies members with keys and roles, thresholds and times; its other fields are
/// not read.
///
/// # Errors
/// [`CoreError::InvalidCouncil`].
pub fn change_council(council: &mut Council, plan: &Council, now: i64) -> Result<(), CoreError> {
    council.member_count = plan.member_count;
    council.freeze_threshold = plan.freeze_threshold;
    council.pause_rights = plan.pause_rights;
    council.veto_rights = plan.veto_rights;
    council.guardian_pause_seconds = plan.guardian_pause_seconds;
    council.trip_seconds = plan.trip_seconds;
    council.default_mask = plan.default_mask;
    council.guardian_pauses_per_day = plan.guardian_pauses_per_day;
    council.guardian_pauses_in_a_row = plan.guardian_pauses_in_a_row;
    council.heartbeat_seconds = plan.heartbeat_seconds;
    council.fallback_seconds = plan.fallback_seconds;
    council.fallback = plan.fallback;
    council.policies = plan.policies;
    council.config_epoch = council.config_epoch.checked_add(1).ok_or(CoreError::Overflow)?;
    council.members = bytemuck::Zeroable::zeroed();
    for (member, new) in council.members.iter_mut().zip(council::members(plan)) {
        *member = Member {
            key: new.key,
            roles: new.roles,
            pause_rights: plan.pause_rights,
            last_active_ts: now,
            ..bytemuck::Zeroable::zeroed()
        };
    }
    council.vetoes = bytemuck::Zeroable::zeroed();
    council::check(council)
}
