//! What the domain has its host do.

use bulkhead_interface::layout::EmergencyRun;

use super::{Report, detail, differing, shown};
use crate::watch::{Detail, Event};

impl Report {
    pub(super) fn emergency_run(&mut self, is_new: bool, old: &EmergencyRun, new: &EmergencyRun) {
        let is_started = old.number != new.number;
        if is_started {
            self.record(
                Event::EmergencyRunStarted,
                differing!(is_new, old, new; emergency_action, guardian, incident, number),
            );
        }
        if old.last_slot != new.last_slot && new.last_slot != 0 {
            self.record(
                Event::EmergencyStepRun,
                differing!(is_new || is_started, old, new; next_step, state),
            );
        }
    }
}
