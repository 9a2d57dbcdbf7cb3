//! What the domain has its host do.

use bulkhead_interface::layout::{DirectVault, EmergencyRun, HostProgram};

use super::{Report, detail, differing, hex, shown};
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

    pub(super) fn direct_vault(&mut self, is_new: bool, old: &DirectVault, new: &DirectVault) {
        let decided = |vault: &DirectVault| {
            let ends = (vault.source, vault.route, vault.route_holder, vault.ledger);
            (ends, vault.least_bps, vault.instruction_hash, vault.registered_ts)
        };
        if is_new || decided(old) != decided(new) {
            self.record(
                Event::DirectVaultRegistered,
                differing!(is_new, old, new; source, route, ledger, least_bps),
            );
        }
        let (was, is) = (old.evacuation, new.evacuation);
        if (was.incident, was.slot, was.before) != (is.incident, is.slot, is.before) {
            self.record(
                Event::DirectVaultEvacuated,
                differing!(false, was, is; incident, before, moved, fee, after),
            );
        }
    }

    pub(super) fn host_program(&mut self, is_new: bool, old: &HostProgram, new: &HostProgram) {
        let build = |record: &HostProgram| (record.build_hash, record.build_spill, record.build_decided_slot);
        if build(old) != build(new) {
            let hash = |record: &HostProgram| (!is_new).then(|| hex(&record.build_hash));
            let details = vec![detail("build_hash", hash(old), Some(hex(&new.build_hash)))];
            self.record(Event::EmergencyBuildRegistered, details);
        }
        let confirmed = |record: &HostProgram| (record.incident, record.confirmations, record.confirmed_slot);
        if confirmed(old) != confirmed(new) {
            self.record(
                Event::EmergencyBuildConfirmed,
                differing!(is_new, old, new; incident, confirmations, state),
            );
        }
        if (old.deployed_hash, old.deployed_slot) != (new.deployed_hash, new.deployed_slot) {
            let hash = |record: &HostProgram| Some(hex(&record.deployed_hash));
            let details = vec![detail("deployed_hash", hash(old), hash(new))];
            self.record(Event::HostUpgraded, details);
        }
    }
}
