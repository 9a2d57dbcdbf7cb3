//! Membership and the rules a council must keep to be able to act.

use crate::CoreError;
use bulkhead_interface::{
    Pubkey,
    constants::{
        MAX_DELAY_SECONDS, MAX_GUARDIAN_PAUSE_SECONDS, MAX_HEARTBEAT_SECONDS, MAX_MEMBERS, MAX_TRIP_SECONDS,
        MIN_DELAY_SECONDS, MIN_FALLBACK_SECONDS, MIN_HEARTBEAT_SECONDS, MIN_RUN_SECONDS, REVIVAL_SECONDS, class, role,
    },
    layout::{Council, Member},
};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// The members in use.
#[must_use]
pub fn members(council: &Council) -> &[Member] {
    let count = usize::from(council.member_count).min(MAX_MEMBERS);
    council.members.get(..count).unwrap_or_default()
}

/// The index of `key`, if it has `role`.
///
/// # Errors
/// A named [`CoreError`].
pub fn member_index(council: &Council, key: &Pubkey, role: u8) -> Result<usize, CoreError> {
    let index = members(council)
        .iter()
        .position(|member| member.key == *key)
        .ok_or(CoreError::NotAMember)?;
    match members(council).get(index) {
        Some(member) if member.roles & role != 0 => Ok(index),
        _ => Err(CoreError::RoleMissing),
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

/// Has the member been active recently?
#[must_use]
pub const fn is_active(council: &Council, member: &Member, now: i64) -> bool {
    now.saturating_sub(member.last_active_ts) <= council.heartbeat_seconds
}

/// Is the member eligible? Only the consent of eligible members loosens: active recently, and not just back from a
/// silence.
#[must_use]
pub const fn is_counted(council: &Council, member: &Member, now: i64) -> bool {
    is_active(council, member, now) && now >= member.active_from_ts
}

/// The eligible members with `role`, one bit each.
#[must_use]
pub fn counted(council: &Council, role: u8, now: i64) -> u16 {
    with_role(council, role, |member| is_counted(council, member, now))
}

/// The members with `role`, one bit each.
#[must_use]
pub fn having(council: &Council, role: u8) -> u16 {
    with_role(council, role, |_| true)
}

fn with_role(council: &Council, role: u8, is_meant: impl Fn(&Member) -> bool) -> u16 {
    let bits = members(council)
        .iter()
        .enumerate()
        .filter(|(_, member)| member.roles & role != 0 && is_meant(member))
        .map(|(index, _)| member_bit(index));
    bits.fold(0, |all, bit| all | bit)
}

/// Records activity. After a silence the member is eligible again one day later, so that whoever finds a forgotten key
/// can be noticed before they can approve. Until then further activity changes nothing.
pub fn record_activity(council: &mut Council, index: usize, now: i64) {
    let Some(old) = members(council).get(index) else { return };
    let was_active = is_active(council, old, now);
    if let Some(member) = council.members.get_mut(index) {
        if !was_active {
            member.active_from_ts = now.saturating_add(REVIVAL_SECONDS);
        }
        // Never backwards: the fallback relies on it.
        member.last_active_ts = member.last_active_ts.max(now);
    }
}

/// Have there been too few approvers to change the council for all of `fallback_seconds` before `at`? Computed only
/// from the last activity: an approver was active until `last_active_ts + heartbeat_seconds`, so if fewer than the
/// threshold were active later than `at - fallback_seconds`, there have been too few ever since. Activity only grows,
/// so what holds for a moment in the past holds until enough approvers are active again, and never after.
#[must_use]
pub fn is_unreachable(council: &Council, at: i64) -> bool {
    let patience = council.heartbeat_seconds.saturating_add(council.fallback_seconds);
    let active = with_role(council, role::APPROVER, |member| {
        member.last_active_ts.saturating_add(patience) >= at
    });
    let threshold = council
        .policies
        .get(usize::from(class::CONSTITUTION))
        .map_or(0, |p| p.threshold);
    active.count_ones() < u32::from(threshold)
}

/// How often somebody may pause, whose pauses lapse by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseLimits {
    /// How long a pause lasts.
    pub seconds: i64,
    /// Pauses in one day, UTC.
    pub per_day: u8,
    /// Pauses in a row.
    pub in_a_row: u8,
}

impl PauseLimits {
    /// What the council sets.
    #[must_use]
    pub const fn of(council: &Council) -> Self {
        Self {
            seconds: council.guardian_pause_seconds,
            per_day: council.guardian_pauses_per_day,
            in_a_row: council.guardian_pauses_in_a_row,
        }
    }

    /// Pauses that the member may still use on this day: limited by its rights, the day and the row.
    fn left(self, member: &Member, now: i64) -> u8 {
        let today = if member.guardian_pause_day == day(now) {
            member.guardian_pauses_today
        } else {
            0
        };
        let run = if self.is_in_a_row(member, now) {
            member.guardian_pauses_in_a_row
        } else {
            0
        };
        let left = self.per_day.saturating_sub(today);
        left.min(self.in_a_row.saturating_sub(run)).min(member.pause_rights)
    }

    /// Burns a pause right and counts towards both limits.
    ///
    /// # Errors
    /// [`CoreError`] by name; nothing is changed then.
    pub fn spend(self, member: &mut Member, now: i64) -> Result<u8, CoreError> {
        if member.pause_rights == 0 {
            return Err(CoreError::NoPauseRights);
        }
        if self.left(member, now) == 0 {
            return Err(CoreError::GuardianPauseLimitReached);
        }
        let in_a_row = self.is_in_a_row(member, now);
        if member.guardian_pause_day != day(now) {
            (member.guardian_pause_day, member.guardian_pauses_today) = (day(now), 0);
        }
        if !in_a_row {
            member.guardian_pauses_in_a_row = 0;
        }
        member.guardian_pauses_today = member.guardian_pauses_today.saturating_add(1);
        member.guardian_pauses_in_a_row = member.guardian_pauses_in_a_row.saturating_add(1);
        member.last_guardian_pause_ts = now;
        burn_of(member)
    }

    /// Pauses count as in a row unless the last one has lapsed and the same time has passed again.
    const fn is_in_a_row(self, member: &Member, now: i64) -> bool {
        let lasts = self.seconds.saturating_mul(2);
        member.guardian_pauses_in_a_row > 0 && now < member.last_guardian_pause_ts.saturating_add(lasts)
    }
}

/// Pauses that the guardian may still use on this day: limited by their rights, the day and the row.
#[must_use]
pub fn guardian_pauses_left(council: &Council, member: &Member, now: i64) -> u8 {
    PauseLimits::of(council).left(member, now)
}

/// Burns a pause right and counts towards both limits. The limits are per guardian: a stolen key uses up nobody else's.
///
/// # Errors
/// [`CoreError`] by name; nothing is changed then.
pub fn guardian_pause(council: &mut Council, index: usize, now: i64) -> Result<u8, CoreError> {
    let limits = PauseLimits::of(council);
    limits.spend(council.members.get_mut(index).ok_or(CoreError::NoPauseRights)?, now)
}

/// Burns a pause right, so that a stolen key cannot tighten forever. It does not record activity: instructions that
/// tighten are accepted under a durable nonce too, and a pre-signed transaction does not prove that anyone is active
/// now.
///
/// # Errors
/// [`CoreError::NoPauseRights`].
pub fn burn(council: &mut Council, index: usize) -> Result<u8, CoreError> {
    burn_of(council.members.get_mut(index).ok_or(CoreError::NoPauseRights)?)
}

fn burn_of(member: &mut Member) -> Result<u8, CoreError> {
    member.pause_rights = member.pause_rights.checked_sub(1).ok_or(CoreError::NoPauseRights)?;
    Ok(member.pause_rights)
}

/// The vetoers, one bit each, that `plan` would remove.
#[must_use]
pub fn removed_vetoers(council: &Council, plan: &Council) -> u16 {
    with_role(council, role::VETOER, |member| {
        member_index(plan, &member.key, role::VETOER).is_err()
    })
}

// SECURITY: by a constant that is not zero; the virtual machine has no signed division.
#[allow(clippy::integer_division)]
fn day(now: i64) -> u32 {
    u64::try_from(now).map_or(0, |now| u32::try_from(now / DAY).unwrap_or(u32::MAX))
}

/// Every rule a council must keep: different members, thresholds that the members with the role can reach, delays that
/// are never instant and never endless, at least one day to run what has matured, vetoers that have veto rights, and a
/// fallback that is not on the council. The domain itself is nobody's key: it signs only towards other programs.
///
/// # Errors
/// [`CoreError::InvalidCouncil`].
pub fn check(council: &Council) -> Result<(), CoreError> {
    check_plan(council, &council.domain)
}

/// The same for a planned council of `domain`.
///
/// # Errors
/// [`CoreError::InvalidCouncil`].
pub fn check_plan(council: &Council, domain: &Pubkey) -> Result<(), CoreError> {
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
                && member.key != *domain
                && members.iter().take(i).all(|other| other.key != member.key)
        });
    let sound_fallback = council.fallback != Pubkey::default()
        && council.fallback != *domain
        && members.iter().all(|member| member.key != council.fallback)
        && (MIN_FALLBACK_SECONDS..=MAX_HEARTBEAT_SECONDS).contains(&council.fallback_seconds);
    let sound_canopy = council.guardian_pauses_per_day > 0
        && council.guardian_pauses_in_a_row > 0
        && (council.veto_rights > 0 || with(role::VETOER) == 0);
    let sound_thresholds = (1..=guardians).contains(&usize::from(council.freeze_threshold))
        && council
            .policies
            .iter()
            .all(|policy| (1..=approvers).contains(&usize::from(policy.threshold)));
    let sound_times = council.policies.iter().all(|policy| {
        (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&policy.delay_seconds)
            && policy.expiry_seconds >= policy.delay_seconds.saturating_add(MIN_RUN_SECONDS)
            && policy.expiry_seconds <= MAX_DELAY_SECONDS.saturating_mul(2)
    }) && (1..=MAX_GUARDIAN_PAUSE_SECONDS).contains(&council.guardian_pause_seconds)
        && (1..=MAX_TRIP_SECONDS).contains(&council.trip_seconds)
        && (MIN_HEARTBEAT_SECONDS..=MAX_HEARTBEAT_SECONDS).contains(&council.heartbeat_seconds);
    let is_sound = sound_members && sound_thresholds && sound_times && sound_fallback && sound_canopy;

    if is_sound && council.pause_rights > 0 && council.default_mask != 0 {
        Ok(())
    } else {
        Err(CoreError::InvalidCouncil)
    }
}
