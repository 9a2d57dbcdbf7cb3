//! The timeline of an emergency.

use bulkhead_interface::{
    constants::step,
    layout::{Incident, Step},
};

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
