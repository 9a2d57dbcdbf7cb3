//! Membership and the rules a council must keep to be able to act.

use bulkhead_interface::{
    Pubkey,
    constants::{MAX_CONTAIN_SECONDS, MAX_DELAY_SECONDS, MAX_MEMBERS, MAX_TRIP_SECONDS, MIN_DELAY_SECONDS, role},
    layout::{Council, Member},
};

/// Why a signer may not act as a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberError {
    /// Not on the council.
    NotAMember,
    /// On the council, without the role.
    RoleMissing,
}

/// A council that could not act, or could act at once, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCouncil;

/// The members in use.
#[must_use]
pub fn members(council: &Council) -> &[Member] {
    let count = usize::from(council.member_count).min(MAX_MEMBERS);
    council.members.get(..count).unwrap_or_default()
}

/// The index of `key`, if it has `role`.
///
/// # Errors
/// [`MemberError`] by name.
pub fn member_index(council: &Council, key: &Pubkey, role: u8) -> Result<usize, MemberError> {
    let index = members(council)
        .iter()
        .position(|member| member.key == *key)
        .ok_or(MemberError::NotAMember)?;
    match members(council).get(index) {
        Some(member) if member.roles & role != 0 => Ok(index),
        _ => Err(MemberError::RoleMissing),
    }
}

/// The bit of member `index` in a bitmap of confirmations or approvals.
#[must_use]
pub fn member_bit(index: usize) -> u16 {
    u32::try_from(index)
        .ok()
        .and_then(|shift| 1u16.checked_shl(shift))
        .unwrap_or(0)
}

/// Every rule a council must keep: different members, thresholds within reach of those who have
/// the role, delays that are never instant and never endless.
///
/// # Errors
/// [`InvalidCouncil`].
pub fn check(council: &Council) -> Result<(), InvalidCouncil> {
    let members = members(council);
    let with = |role: u8| members.iter().filter(|m| m.roles & role != 0).count();
    let guardians = with(role::GUARDIAN);
    let approvers = with(role::APPROVER);

    let sound_members = !members.is_empty()
        && usize::from(council.member_count) <= MAX_MEMBERS
        && members.iter().enumerate().all(|(i, member)| {
            member.key != Pubkey::default()
                && member.roles != 0
                && member.roles & !role::ALL == 0
                && members.iter().take(i).all(|other| other.key != member.key)
        });
    let sound_thresholds = (1..=guardians).contains(&usize::from(council.hold_threshold))
        && council
            .policies
            .iter()
            .all(|policy| (1..=approvers).contains(&usize::from(policy.threshold)));
    let sound_times = council.policies.iter().all(|policy| {
        (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&policy.delay_seconds)
            && policy.expiry_seconds > policy.delay_seconds
            && policy.expiry_seconds <= MAX_DELAY_SECONDS.saturating_mul(2)
    }) && (1..=MAX_CONTAIN_SECONDS).contains(&council.contain_seconds)
        && (1..=MAX_TRIP_SECONDS).contains(&council.trip_seconds);

    if sound_members && sound_thresholds && sound_times && council.pause_rights > 0 && council.default_mask != 0 {
        Ok(())
    } else {
        Err(InvalidCouncil)
    }
}
