//! Vaults, releases and detectors.

use bulkhead_interface::{
    constants::{migration_state, release_state},
    layout::{AuthorityWatch, Migration, OutflowBreaker, Release, SolvencyBreaker, Vault},
};

use super::{Report, detail, differing, shown};
use crate::watch::{Detail, Event};

impl Report {
    pub(super) fn migration(&mut self, is_new: bool, old: &Migration, new: &Migration) {
        if is_new || old.confirmations != new.confirmations {
            self.record(Event::EvacuationConfirmed, differing!(is_new, old, new; confirmations));
        }
        if old.state != new.state && new.state == migration_state::ACTIVE {
            self.record(Event::EvacuationStarted, vec![]);
        }
    }

    pub(super) fn vault(&mut self, is_new: bool, old: &Vault, new: &Vault) {
        if is_new {
            self.record(Event::VaultOpened, differing!(true, old, new; mint, operator, breaker));
        }
        if old.route != new.route {
            self.record(Event::EvacuationRouteRegistered, differing!(is_new, old, new; route));
        }
        if old.cancel_root != new.cancel_root {
            self.record(Event::CancelListSet, vec![]);
        }
        if old.evacuated_slot != new.evacuated_slot || !is_new && old.state != new.state {
            self.record(
                Event::VaultEvacuated,
                differing!(is_new, old, new; state, evacuated_slot),
            );
        }
        // A release was queued, paid in part or cancelled, which its own record shows.
        let queued = new.queued;
        if !is_new && old.queued != queued && bytemuck::bytes_of(&Vault { queued, ..*old }) == bytemuck::bytes_of(new) {
            self.record(Event::QueueMoved, differing!(false, old, new; queued));
        }
    }

    pub(super) fn release(&mut self, is_new: bool, old: &Release, new: &Release) {
        let asked = |release: &Release| (release.amount, release.requested_ts, release.requested_slot);
        if !is_new && asked(old) != asked(new) {
            return self.replaced(old, new, Self::release);
        }
        if is_new {
            self.record(
                Event::ReleaseQueued,
                differing!(true, old, new; vault, destination, amount, payable_ts),
            );
        }
        if !is_new && (old.destination, old.owner) != (new.destination, new.owner) {
            self.record(
                Event::ReleaseRedirected,
                differing!(false, old, new; destination, owner),
            );
        }
        if !is_new && old.evacuations != new.evacuations {
            self.record(Event::ReleaseRequeued, vec![]);
        }
        if old.state != new.state && new.state == release_state::CANCELLED {
            self.record(Event::ReleaseCancelled, differing!(is_new, old, new; paid));
        } else if old.paid != new.paid {
            self.record(Event::ReleaseSettled, differing!(is_new, old, new; paid, state));
        }
    }

    pub(super) fn limits(&mut self, is_new: bool, old: &OutflowBreaker, new: &OutflowBreaker) {
        let details =
            differing!(is_new, old, new; limit, slot_limit, limit_bps, slot_bps, inflow_credit, trip_limit, trip_bps);
        if details.is_empty() || is_new {
            return;
        }
        let is_lower = new.limit <= old.limit
            && new.slot_limit <= old.slot_limit
            && new.limit_bps <= old.limit_bps
            && new.slot_bps <= old.slot_bps
            && new.inflow_credit <= old.inflow_credit
            && new.trip_limit <= old.trip_limit
            && new.trip_bps <= old.trip_bps;
        self.record(if is_lower { Event::LimitLowered } else { Event::LimitSet }, details);
    }

    pub(super) fn shortfall(&mut self, is_new: bool, old: &SolvencyBreaker, new: &SolvencyBreaker) {
        if old.suspect_ts != new.suspect_ts {
            self.record(Event::ShortfallObserved, differing!(is_new, old, new; suspect_ts));
        }
    }

    pub(super) fn authorities(&mut self, _: bool, old: &AuthorityWatch, new: &AuthorityWatch) {
        let seen = |watch: &AuthorityWatch| (watch.latched.slot, watch.latched.keys);
        if seen(old) != seen(new) {
            let keys = new
                .latched
                .keys
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ");
            self.record(Event::AuthorityChangeObserved, vec![detail("keys", None, Some(keys))]);
        }
    }
}
