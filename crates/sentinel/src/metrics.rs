//! Every metric, by name. `ops/` refers to them, and a test compares.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

macro_rules! names {
    ($($(#[$doc:meta])* $kind:ident $name:ident $text:literal $unit:ident $help:literal;)*) => {
        $($(#[$doc])* #[doc = $help] pub const $name: &str = $text;)*

        /// All names.
        pub const ALL: &[&str] = &[$($text,)*];

        fn describe() {
            $($kind!($name, Unit::$unit, $help);)*
        }
    };
}

names! {
    describe_gauge SLOT "bulkhead_sentinel_slot" Count "Slot of the cluster, in the middle of what the endpoints report.";
    describe_gauge QUORUM "bulkhead_sentinel_quorum" Count "Endpoints that have to report the same.";
    describe_gauge ENDPOINTS_OPEN "bulkhead_sentinel_endpoints_open" Count "Endpoints that answer.";
    describe_gauge ENDPOINT_OPEN "bulkhead_sentinel_endpoint_open" Count "Whether an endpoint answers.";
    describe_gauge ENDPOINT_SLOT "bulkhead_sentinel_endpoint_slot" Count "Slot that an endpoint reports.";
    describe_gauge ENDPOINT_DIFFERS "bulkhead_sentinel_endpoint_differs" Count "Accounts that an endpoint reports with other bytes than a quorum, for too long.";
    describe_counter ENDPOINT_STALE "bulkhead_sentinel_endpoint_stale_reads_total" Count "Reads of an endpoint that were older than the read before.";
    describe_gauge WEBSOCKET "bulkhead_sentinel_websocket_connected" Count "Whether an endpoint's websocket or Geyser stream is connected.";
    describe_gauge LEADER "bulkhead_sentinel_leader" Count "Whether this daemon acts.";
    describe_gauge DOMAINS "bulkhead_sentinel_domains" Count "Domains that are watched.";
    describe_gauge PHASE "bulkhead_sentinel_domain_phase" Count "Phase of a domain: 0 set-up, 1 operating, 2 alert, 3 frozen, 4 recovering.";
    describe_gauge PAUSES_LEFT "bulkhead_sentinel_guardian_pauses_left" Count "Pauses that the guardian's key may still make.";
    describe_gauge CAUSES "bulkhead_sentinel_causes" Count "Causes that are not over, by severity and by whether a quorum confirmed them.";
    describe_counter TURNS "bulkhead_sentinel_findings_total" Count "What became of causes, by rule.";
    describe_counter PAUSES "bulkhead_sentinel_pauses_total" Count "Pauses by how they ended.";
    describe_counter PAUSE_ATTEMPTS "bulkhead_sentinel_pause_attempts_total" Count "Attempts to pause.";
    describe_histogram PAUSE_SLOTS "bulkhead_sentinel_pause_slots" Count "Slots from when a pause was planned to when it was in force.";
    describe_counter ACTS "bulkhead_sentinel_acts_total" Count "Transactions and cranks by duty and result.";
    describe_gauge FAILING "bulkhead_sentinel_duties_failing" Count "Duties whose last act failed, by duty.";
    describe_gauge IN_FLIGHT "bulkhead_sentinel_work_in_flight" Count "Transactions and cranks that are not over.";
    describe_counter LAMPORTS "bulkhead_sentinel_lamports_total" Count "Fees of routine transactions.";
    describe_gauge LAMPORTS_TODAY "bulkhead_sentinel_lamports_today" Count "Fees of routine transactions on this day (UTC).";
    describe_gauge BUDGET "bulkhead_sentinel_lamports_budget" Count "The most that routine transactions may cost in a day.";
    describe_gauge PAYER "bulkhead_sentinel_payer_lamports" Count "Lamports of the payer.";
    describe_counter CHANGES "bulkhead_sentinel_changes_total" Count "Changes of domains, by event.";
    describe_counter NOTICES "bulkhead_sentinel_notices_total" Count "Notices by webhook and result.";
    describe_gauge NOTICES_WAITING "bulkhead_sentinel_notices_waiting" Count "Notices that a webhook has not taken yet.";
    describe_counter STATE_ERRORS "bulkhead_sentinel_state_errors_total" Count "Writes to the state that failed.";
    describe_histogram STEP "bulkhead_sentinel_step_seconds" Seconds "Duration of one step over all domains.";
}

/// Installs the recorder. Once per process.
///
/// # Errors
/// [`BuildError`]
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full(PAUSE_SLOTS.into()),
            &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0, 64.0, 150.0],
        )?
        .set_buckets_for_metric(
            Matcher::Full(STEP.into()),
            &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0],
        )?;
    let handle = builder.install_recorder()?;
    describe();
    Ok(handle)
}
