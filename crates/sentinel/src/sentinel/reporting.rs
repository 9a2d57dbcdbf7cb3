//! Metrics and the status, after every step.

use bulkhead_client::pda;
use bulkhead_core::domain::council::{guardian_pauses_left, member_index, members};
use bulkhead_interface::{
    constants::role,
    layout::{Council, Domain},
};
use metrics::{counter, gauge};

use super::Sentinel;
use crate::{config::Severity, metrics as names, serve::Status, state::DutyState};

fn number(is: bool) -> f64 {
    f64::from(u8::from(is))
}

#[expect(clippy::cast_precision_loss, reason = "a metric")]
const fn float(value: u64) -> f64 {
    value as f64
}

impl Sentinel {
    /// Reports how everything is.
    pub(super) fn report(&self, open: &[usize]) {
        let slot = self.at.map_or(0, |at| at.slot);
        gauge!(names::SLOT).set(float(slot));
        gauge!(names::QUORUM).set(float(self.eyes.quorum() as u64));
        gauge!(names::ENDPOINTS_OPEN).set(float(open.len() as u64));
        gauge!(names::LEADER).set(number(self.leads));
        gauge!(names::DOMAINS).set(float(self.setup.domains.len() as u64));
        gauge!(names::IN_FLIGHT).set(float(self.work.len() as u64));
        gauge!(names::LAMPORTS_TODAY).set(float(self.spent.1));
        gauge!(names::BUDGET).set(float(self.setup.file.fees.lamports_a_day));
        for (place, eye) in self.eyes.all().iter().enumerate() {
            let name = || eye.name.clone();
            gauge!(names::ENDPOINT_OPEN, "endpoint" => name()).set(number(open.contains(&place)));
            gauge!(names::ENDPOINT_SLOT, "endpoint" => name()).set(float(eye.at.map_or(0, |at| at.slot)));
            let differs = self.differing.get(&place).copied().unwrap_or(0);
            gauge!(names::ENDPOINT_DIFFERS, "endpoint" => name()).set(float(differs as u64));
            counter!(names::ENDPOINT_STALE, "endpoint" => name()).absolute(eye.stale_reads);
            if let Some(is) = eye.connected {
                gauge!(names::WEBSOCKET, "endpoint" => name()).set(number(is));
            }
        }
        if let Some(payer) = self.setup.payer.and_then(|key| self.eyes.likeliest(&key)) {
            gauge!(names::PAYER).set(float(payer.lamports));
        }
        self.report_causes();
        self.report_domains();
        self.tools.status.set(Status {
            leads: self.leads,
            endpoints_open: open.len(),
            quorum: self.eyes.quorum(),
            domains_seen: self.seen.len(),
            domains: self.setup.domains.len(),
            state_works: self.state_error.is_none(),
            slot,
            causes: self.causes.iter().count(),
            stepped: self.tools.clock.millis(),
        });
    }

    fn report_causes(&self) {
        for severity in [Severity::Info, Severity::Warning, Severity::Critical] {
            for (is_confirmed, state) in [(false, "reported"), (true, "confirmed")] {
                let is_meant = |cause: &&crate::state::Cause| {
                    cause.severity == severity && (cause.confirmed_ts != 0) == is_confirmed
                };
                let count = self.causes.iter().filter(is_meant).count();
                gauge!(names::CAUSES, "severity" => severity.name(), "state" => state).set(float(count as u64));
            }
        }
        let failing = self.duties.values().filter(|row| row.state == DutyState::Failed);
        let mut by_duty = std::collections::BTreeMap::<&str, u64>::new();
        for row in self.duties.values() {
            by_duty.entry(duty_of(&row.duty)).or_default();
        }
        for row in failing {
            *by_duty.entry(duty_of(&row.duty)).or_default() += 1;
        }
        for (duty, count) in by_duty {
            gauge!(names::FAILING, "duty" => duty.to_owned()).set(float(count));
        }
    }

    fn report_domains(&self) {
        for domain in &self.setup.domains {
            let read = |key| self.eyes.likeliest(key);
            let state =
                read(domain).and_then(|found| bulkhead_client::decode::owned::<Domain>(&found.owner, &found.data));
            if let Some(state) = state {
                gauge!(names::PHASE, "domain" => domain.to_string()).set(f64::from(state.state));
            }
            let council = read(&pda::council(domain));
            let council =
                council.and_then(|found| bulkhead_client::decode::owned::<Council>(&found.owner, &found.data));
            let (Some(council), Some(guardian), Some(at)) = (council, self.setup.guardian, self.at) else {
                continue;
            };
            let left = member_index(&council, &guardian, role::GUARDIAN).ok();
            let left =
                left.and_then(|index| Some(guardian_pauses_left(&council, members(&council).get(index)?, at.now)));
            gauge!(names::PAUSES_LEFT, "domain" => domain.to_string()).set(f64::from(left.unwrap_or(0)));
        }
    }
}

/// The kind of a duty, by its name.
fn duty_of(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}
