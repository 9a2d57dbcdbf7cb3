//! Insurance pools.

use bulkhead_interface::layout::{InsuranceCover, InsurancePool};

use super::{Report, detail, differing, shown};
use crate::watch::{Detail, Event};

impl Report {
    pub(super) fn insurance_pool(&mut self, is_new: bool, old: &InsurancePool, new: &InsurancePool) {
        if is_new {
            self.record(
                Event::InsuranceOpened,
                differing!(true, old, new; ledger_index, order, mint),
            );
            return;
        }
        let is_announced = old.decided_slot != new.decided_slot
            || bytemuck::bytes_of(&old.next_terms) != bytemuck::bytes_of(&new.next_terms);
        if is_announced {
            let cap = (old.terms.cap_bps, new.next_terms.cap_bps);
            let cap = detail("cap_bps", Some(shown(&cap.0)), Some(shown(&cap.1)));
            self.record(
                Event::InsuranceTermsAnnounced,
                vec![cap, detail("terms_ts", None, Some(shown(&new.terms_ts)))],
            );
        }
        if old.slashed != new.slashed {
            self.record(Event::InsuranceSlashed, differing!(false, old, new; slashed, assets));
        }
        if old.incident != new.incident || old.next_incident != new.next_incident {
            let details = differing!(false, old, new; incident, freeze_end_ts);
            self.record(Event::IncidentNoted, details);
        }
        if self.changes.is_empty() {
            let details = differing!(false, old, new; assets, shares, reserve, premium);
            self.record(Event::InsuranceMoved, details);
        }
    }

    pub(super) fn insurance_cover(&mut self, is_new: bool, old: &InsuranceCover, new: &InsuranceCover) {
        let event = if is_new {
            Event::ShortfallStated
        } else {
            Event::CoverChanged
        };
        let details = differing!(is_new, old, new; shortfall, limit, reserve, slashed, returned, due_ts, end_ts);
        self.record(event, details);
    }
}
