//! The timeline of an emergency.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, incident_state, step},
    layout::{Domain, Incident, Step},
};

/// Who raised the alarm, when, and over how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Bump of the incident's PDA.
    pub bump: u8,
    /// One of `constants::cause`.
    pub cause: u8,
    /// The detector or the guardian.
    pub source: Pubkey,
    /// What was tried, in the detector's unit; 0 for a guardian.
    pub amount: u64,
    /// What the detector allows; 0 for a guardian.
    pub limit: u64,
    /// Slot of the breach.
    pub slot: u64,
    /// Time of the breach, unix seconds.
    pub ts: i64,
}

/// There have been as many incidents as can be numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// Fills a fresh incident and makes it the domain's open one. The caller moves the phase.
///
/// # Errors
/// [`TooMany`].
pub fn begin(
    incident: &mut Incident,
    domain: &mut Domain,
    key: Pubkey,
    domain_key: Pubkey,
    alarm: &Alarm,
) -> Result<(), TooMany> {
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
    domain.restoration = Pubkey::default();
    domain.incident_count = domain.incident_count.checked_add(1).ok_or(TooMany)?;
    Ok(())
}

/// Notes when `step` (of `constants::step`) happened, unless it is noted already: the timeline
/// tells when something was first true.
pub fn mark(incident: &mut Incident, step: usize, slot: u64, now: i64) {
    if !has_happened(incident, step) {
        mark_again(incident, step, slot, now);
    }
}

/// Notes when `step` happened last, for steps that are over only when their last part is.
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

/// Was the evacuation confirmed later than `proposed_slot`? Who proposed something then did not know.
#[must_use]
pub fn is_evacuation_news(incident: &Incident, proposed_slot: u64) -> bool {
    let confirmed = incident.steps.get(step::EVACUATION);
    has_happened(incident, step::EVACUATION) && confirmed.is_some_and(|confirmed| confirmed.slot > proposed_slot)
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
        assert!(!has_happened(&incident, step::HOLD));
        mark(&mut incident, step::HOLD, 5, 50);
        mark(&mut incident, step::HOLD, 6, 60);
        assert_eq!(
            (incident.steps[step::HOLD].slot, incident.steps[step::HOLD].ts),
            (5, 50)
        );
        mark_again(&mut incident, step::HOLD, 7, 70);
        assert_eq!(incident.steps[step::HOLD].slot, 7);
        mark(&mut incident, step::COUNT, 1, 1);
    }

    #[test]
    fn an_incident_covers_its_breach_and_what_follows() {
        let mut incident: Incident = bytemuck::Zeroable::zeroed();
        mark(&mut incident, step::BREACH, 100, 1);
        assert!(!covers(&incident, 99) && covers(&incident, 100) && covers(&incident, 101));
    }
}
