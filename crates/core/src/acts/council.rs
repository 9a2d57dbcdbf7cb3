//! Who guards the domain, and whether they are still there.

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_MEMBERS, phase, role},
    layout::{Council, Domain, Member},
};

use super::ActError;
use crate::council;

/// A member says that it is there. Any member may, at any time; it counts again a day later if it had been silent.
/// It names its last sign of life as it stands: whatever way a heartbeat was kept (a multisig's approved transaction
/// needs no nonce for that), the next sign of life voids it, so the dead are heard of once more at most.
///
/// Returns the time it counts from.
///
/// # Errors
/// [`ActError::NotAMember`], [`ActError::HeardOfSince`].
pub fn heartbeat(council: &mut Council, member: &Pubkey, last_active_ts: i64, now: i64) -> Result<i64, ActError> {
    let index = council::member_index(council, member, role::ALL)?;
    let known = council::members(council).get(index).map(|member| member.last_active_ts);
    if known != Some(last_active_ts) {
        return Err(ActError::HeardOfSince);
    }
    council::hear(council, index, now);
    council
        .members
        .get(index)
        .map(|member| member.active_from_ts)
        .ok_or(ActError::NotAMember)
}

/// Rights that are given back to a member, or that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Of a guardian.
    pub pauses: u8,
    /// Of a vetoer.
    pub vetoes: u8,
}

/// Gives a member pause rights and veto rights back, up to what the council grants. A matured proposal says so; others
/// stay valid.
///
/// Returns what the member has now.
///
/// # Errors
/// [`ActError`] by name.
pub fn grant_rights(council: &mut Council, member: &Pubkey, rights: Rights) -> Result<Rights, ActError> {
    let index = grantable(council, member, rights)?;
    let most = Rights {
        pauses: council.pause_rights,
        vetoes: council.veto_rights,
    };
    let sum = |old: u8, new: u8, most: u8| old.checked_add(new).filter(|sum| new == 0 || *sum <= most);
    let vetoes = council.vetoes_left.get_mut(index).ok_or(ActError::NotAMember)?;
    *vetoes = sum(*vetoes, rights.vetoes, most.vetoes).ok_or(ActError::ArgumentOutOfRange)?;
    let vetoes = *vetoes;
    let member = council.members.get_mut(index).ok_or(ActError::NotAMember)?;
    member.pause_rights = sum(member.pause_rights, rights.pauses, most.pauses).ok_or(ActError::ArgumentOutOfRange)?;
    Ok(Rights {
        pauses: member.pause_rights,
        vetoes,
    })
}

/// The place of a member that may be given these rights at all: some, of roles it has, no more than the council gives.
pub(super) fn grantable(council: &Council, member: &Pubkey, rights: Rights) -> Result<usize, ActError> {
    if rights.pauses == 0 && rights.vetoes == 0 {
        return Err(ActError::ArgumentOutOfRange);
    }
    let index = council::member_index(council, member, role::ALL)?;
    if rights.pauses > 0 {
        council::member_index(council, member, role::GUARDIAN)?;
    }
    if rights.vetoes > 0 {
        council::member_index(council, member, role::VETOER)?;
    }
    if rights.pauses > council.pause_rights || rights.vetoes > council.veto_rights {
        return Err(ActError::ArgumentOutOfRange);
    }
    Ok(index)
}

/// One guardian runs a playbook, at once. Burns a pause right; what it runs is the caller's to do. Not during set-up,
/// when nobody vouches for anything yet.
///
/// Returns the pause rights left.
///
/// # Errors
/// [`ActError`] by name.
pub fn run_playbook(domain: &Domain, council: &mut Council, guardian: &Pubkey) -> Result<u8, ActError> {
    if domain.state == phase::SETUP {
        return Err(ActError::WrongPhase);
    }
    let index = council::member_index(council, guardian, role::GUARDIAN)?;
    Ok(council::burn(council, index)?)
}

/// Puts a whole council in place: gives every pause and veto right, takes every member as heard of now, and voids every open
/// proposal. `plan` has members with keys and roles, thresholds and times; the rest of it is not read.
///
/// # Errors
/// [`ActError::InvalidCouncil`].
pub fn change_council(council: &mut Council, plan: &Council, now: i64) -> Result<(), ActError> {
    council.member_count = plan.member_count;
    council.hold_threshold = plan.hold_threshold;
    council.pause_rights = plan.pause_rights;
    council.veto_rights = plan.veto_rights;
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
    council.vetoes_left = [0; MAX_MEMBERS];
    for (left, member) in council.vetoes_left.iter_mut().zip(council::members(plan)) {
        if member.roles & role::VETOER != 0 {
            *left = plan.veto_rights;
        }
    }
    Ok(council::check(council)?)
}
