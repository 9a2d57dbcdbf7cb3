//! Who guards the domain, and whether they are still there.

use bulkhead_interface::{
    Pubkey,
    constants::{phase, role},
    layout::{Council, Domain, Member},
};

use super::ActError;
use crate::council;

/// A member says that it is there. Any member may, at any time; it counts again a day later if it had been silent.
///
/// Returns the time it counts from.
///
/// # Errors
/// [`ActError::NotAMember`].
pub fn heartbeat(council: &mut Council, member: &Pubkey, now: i64) -> Result<i64, ActError> {
    let index = council::member_index(council, member, role::ALL)?;
    council::hear(council, index, now);
    council
        .members
        .get(index)
        .map(|member| member.active_from_ts)
        .ok_or(ActError::NotAMember)
}

/// Gives a guardian pause rights back, up to what the council grants. A matured proposal says so; others stay valid.
///
/// Returns what the guardian has now.
///
/// # Errors
/// [`ActError`] by name.
pub fn grant_rights(council: &mut Council, guardian: &Pubkey, rights: u8) -> Result<u8, ActError> {
    let index = council::member_index(council, guardian, role::GUARDIAN)?;
    let most = council.pause_rights;
    let member = council.members.get_mut(index).ok_or(ActError::NotAMember)?;
    let granted = member.pause_rights.checked_add(rights).filter(|sum| *sum <= most);
    member.pause_rights = granted.filter(|_| rights > 0).ok_or(ActError::ArgumentOutOfRange)?;
    Ok(member.pause_rights)
}

/// One guardian runs a playbook, at once. Burns a pause right; what it runs is the caller's to do. Not during set-up,
/// when nobody vouches for anything yet.
///
/// Returns the pause rights left.
///
/// # Errors
/// [`ActError`] by name.
pub fn run_playbook(domain: &Domain, council: &mut Council, guardian: &Pubkey, now: i64) -> Result<u8, ActError> {
    if domain.state == phase::SETUP {
        return Err(ActError::WrongPhase);
    }
    let index = council::member_index(council, guardian, role::GUARDIAN)?;
    Ok(council::burn(council, index, now)?)
}

/// Puts a whole council in place: gives every pause right, takes every member as heard of now, and voids every open
/// proposal. `plan` has members with keys and roles, thresholds and times; the rest of it is not read.
///
/// # Errors
/// [`ActError::InvalidCouncil`].
pub fn change_council(council: &mut Council, plan: &Council, now: i64) -> Result<(), ActError> {
    council.member_count = plan.member_count;
    council.hold_threshold = plan.hold_threshold;
    council.pause_rights = plan.pause_rights;
    council.contain_seconds = plan.contain_seconds;
    council.trip_seconds = plan.trip_seconds;
    council.default_mask = plan.default_mask;
    council.contains_per_day = plan.contains_per_day;
    council.contains_in_a_row = plan.contains_in_a_row;
    council.heartbeat_seconds = plan.heartbeat_seconds;
    council.fallback_seconds = plan.fallback_seconds;
    council.fallback = plan.fallback;
    council.policies = plan.policies;
    council.config_epoch = council.config_epoch.checked_add(1).ok_or(ActError::Overflow)?;
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
    Ok(council::check(council)?)
}
