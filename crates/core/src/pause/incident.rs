//! The timeline of an emergency.

use crate::CoreError;
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, domain_flag, incident_state, step},
    layout::{Domain, Incident, Step},
};

/// Who raised the alarm, when, and at what value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Bump of the incident's PDA.
    pub bump: u8,
    /// One of `constants::cause`.
    pub cause: u8,
    /// The detector or the guardian.
    pub source: Pubkey,
    /// The observed value, in the detector's unit; 0 for a guardian.
    pub amount: u64,
    /// The detector's limit; 0 for a guardian.
    pub limit: u64,
    /// Slot of the breach.
    pub slot: u64,
    /// Time of the breach, unix seconds.
    pub ts: i64,
}

/// Initializes an incident and makes it the domain's open one. The caller changes the phase.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn begin(
    incident: &mut Incident,
    domain: &mut Domain,
    key: Pubkey,
    domain_key: Pubkey,
    alarm: &Alarm,
) -> Result<(), CoreError> {
    incident.version = VERSION;
    incident.bump = alarm.bump;
    incident.state = incident_state::OPEN;
    incident.cause = alarm.cause;
    incident.index = domain.incident_count;
    incident.domain = domain_key;
    incident.source = alarm.source;
    incident.breach_amount = alarm.amount;
    incident.limit = alarm.limit;
    mark(incident, step::BREACH, alarm.slot, alarm.ts);
    domain.open_incident = key;
    domain.flags &= !domain_flag::DECIDED;
    domain.restoration = Pubkey::default();
    domain.incident_count = domain.incident_count.checked_add(1).ok_or(CoreError::Overflow)?;
    Ok(())
}

/// Will the next alarm open its own incident, because none is open, or only one that was decided while something newer
/// stayed in force?
#[must_use]
pub fn is_next_due(domain: &Domain) -> bool {
    domain.open_incident == Pubkey::default() || domain.flags & domain_flag::DECIDED != 0
}

/// Number of the incident that an alarm belongs to: the open one, which is always the latest, or the next.
#[must_use]
pub fn number_for_alarm(domain: &Domain) -> u64 {
    if is_next_due(domain) {
        domain.incident_count
    } else {
        domain.incident_count.saturating_sub(1)
    }
}

/// Moves the breach back to an earlier alarm, whenever it is propagated: the breach is the earliest alarm, and
/// everything that must be from before it is compared with it. Returns whether it moved.
pub fn precede(incident: &mut Incident, alarm: &Alarm) -> bool {
    let is_earlier = incident
        .steps
        .get(step::BREACH)
        .is_some_and(|breach| alarm.slot < breach.slot);
    if is_earlier {
        incident.cause = alarm.cause;
        incident.source = alarm.source;
        incident.breach_amount = alarm.amount;
        incident.limit = alarm.limit;
        mark_again(incident, step::BREACH, alarm.slot, alarm.ts);
    }
    is_earlier
}

/// After a partial unpause, moves the breach of the continuing alarm to the slot in which that unpause was proposed:
/// what came before is dealt with and back-dates nothing that is found later.
pub fn follow(incident: &mut Incident, unpaused_slot: u64, now: i64) {
    if incident
        .steps
        .get(step::BREACH)
        .is_some_and(|breach| breach.slot < unpaused_slot)
    {
        mark_again(incident, step::BREACH, unpaused_slot, now);
    }
}

/// Had `step` happened before `slot`, or not at all?
#[must_use]
pub fn is_known(incident: &Incident, step: usize, slot: u64) -> bool {
    !has_happened(incident, step) || incident.steps.get(step).is_some_and(|entry| entry.slot < slot)
}

/// Records when `step` (of `constants::step`) first happened. Does nothing if it is already recorded.
pub fn mark(incident: &mut Incident, step: usize, slot: u64, now: i64) {
    if !has_happened(incident, step) {
        mark_again(incident, step, slot, now);
    }
}

/// Records when `step` last happened, for steps that end only with their last part.
pub fn mark_again(incident: &mut Incident, step: usize, slot: u64, now: i64) {
    if let Some(entry) = incident.steps.get_mut(step) {
        *entry = Step { slot, ts: now };
    }
}

/// Has `step` happened?
#[must_use]
pub fn has_happened(incident: &Incident, step: usize) -> bool {
    incident
        .steps
        .get(step)
        .is_some_and(|entry| (entry.slot, entry.ts) != (0, 0))
}

/// Was something that happened in `slot` part of this incident: not before its breach?
#[must_use]
pub fn covers(incident: &Incident, slot: u64) -> bool {
    let breach = incident.steps.get(step::BREACH);
    breach.is_some_and(|breach| slot >= breach.slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_marked_once_and_a_last_part_again() {
        let mut incident: Incident = bytemuck::Zeroable::zeroed();
        assert!(!has_happened(&incident, step::FREEZE));
        mark(&mut incident, step::FREEZE, 5, 50);
        mark(&mut incident, step::FREEZE, 6, 60);
        assert_eq!(
            (incident.steps[step::FREEZE].slot, incident.steps[step::FREEZE].ts),
            (5, 50)
        );
        mark_again(&mut incident, step::FREEZE, 7, 70);
        assert_eq!(incident.steps[step::FREEZE].slot, 7);
        mark(&mut incident, step::COUNT, 1, 1);
    }

    #[test]
    fn the_breach_is_the_earliest_alarm_whoever_carries_it_when() {
        let (mut incident, mut domain): (Incident, Domain) =
            (bytemuck::Zeroable::zeroed(), bytemuck::Zeroable::zeroed());
        let alarm = |slot| Alarm {
            bump: 1,
            cause: 2,
            source: Pubkey::new_from_array([slot; 32]),
            amount: slot.into(),
            limit: 3,
            slot: slot.into(),
            ts: slot.into(),
        };
        assert!(is_next_due(&domain) && number_for_alarm(&domain) == 0);
        let key = Pubkey::new_from_array([9; 32]);
        assert_eq!(begin(&mut incident, &mut domain, key, key, &alarm(50)), Ok(()));
        assert!(!is_next_due(&domain) && number_for_alarm(&domain) == 0);
        assert!(!precede(&mut incident, &alarm(50)) && !precede(&mut incident, &alarm(51)));
        assert!(precede(&mut incident, &alarm(49)));
        assert!(!covers(&incident, 48) && covers(&incident, 49));
        assert_eq!((incident.breach_amount, incident.source), (49, alarm(49).source));
        follow(&mut incident, 48, 99);
        assert!(covers(&incident, 49), "an unpause moves it forward, and never back");
        follow(&mut incident, 60, 99);
        assert!(!covers(&incident, 59) && covers(&incident, 60));
        domain.flags = domain_flag::DECIDED;
        assert!(is_next_due(&domain) && number_for_alarm(&domain) == 1);
    }

    #[test]
    fn what_is_known_has_happened_before() {
        let mut incident: Incident = bytemuck::Zeroable::zeroed();
        assert!(is_known(&incident, step::FREEZE, 0));
        mark(&mut incident, step::FREEZE, 5, 50);
        assert!(!is_known(&incident, step::FREEZE, 5) && is_known(&incident, step::FREEZE, 6));
    }

    #[test]
    fn an_incident_covers_its_breach_and_what_follows() {
        let mut incident: Incident = bytemuck::Zeroable::zeroed();
        mark(&mut incident, step::BREACH, 100, 1);
        assert!(!covers(&incident, 99) && covers(&incident, 100) && covers(&incident, 101));
    }
}
