//! What an escape cannot be opened with, and when.

use super::*;
use bulkhead_interface::{
    constants::{RESEAL_SECONDS, VERSION, checkpoint_state, incident_state, snapshot_flag},
    layout::{CheckpointLog, Snapshot},
};
use bulkhead_tests::recovery::forge;
use bytemuck::Zeroable;

#[test]
fn there_is_no_escape_in_peace_nor_in_alert() {
    let (mut machine, recovery) = frozen();
    let mut domain = recovery.protocol.state(&machine);
    machine.warp_seconds(ESCAPE);
    for state in [phase::OPERATING, phase::ALERT, phase::SETUP] {
        domain.state = state;
        forge(&mut machine, &recovery.protocol.domain, &domain);
        let open = open(&machine, &recovery);
        refused(machine.send(&[open], &[]), E::WrongPhase);
    }
}

/// A snapshot of an earlier incident, or of another ledger, was not read in this freeze.
#[test]
fn it_pays_by_no_other_incidents_state() {
    let (mut machine, recovery) = frozen();
    machine.warp_seconds(ESCAPE);
    let mut snapshot: Snapshot = machine.load(&recovery.snapshot);
    snapshot.incident = keypair("earlier").pubkey();
    let other = keypair("snapshot").pubkey();
    forge(&mut machine, &other, &snapshot);
    let open = open_by(&machine, &recovery, other);
    refused(machine.send(&[open], &[]), E::ForeignAccount);
    snapshot.incident = recovery.incident;
    snapshot.domain = keypair("domain").pubkey();
    forge(&mut machine, &other, &snapshot);
    let open = open_by(&machine, &recovery, other);
    refused(machine.send(&[open], &[]), E::ForeignAccount);
}

/// A seal that is apart from the host's total waits for a better one, for a day and no longer.
#[test]
fn an_unsettled_seal_waits_a_day() {
    let (mut machine, recovery) = frozen();
    machine.warp_seconds(ESCAPE);
    let mut snapshot: Snapshot = machine.load(&recovery.snapshot);
    snapshot.shortfall = 1;
    snapshot.first_sealed_ts = machine.clock().unix_timestamp;
    forge(&mut machine, &recovery.snapshot, &snapshot);
    let early = open(&machine, &recovery);
    refused(machine.send(&[early], &[]), E::SnapshotUnsettled);
    machine.warp_seconds(RESEAL_SECONDS);
    let due = open(&machine, &recovery);
    machine.send(&[due], &[]).expect("settled");
}

/// A resolved incident has no escape, however long it lasted.
#[test]
fn a_resolved_incident_has_no_escape() {
    let (mut machine, recovery) = frozen();
    let protocol = &recovery.protocol;
    machine.warp_seconds(ESCAPE);
    let args = ResumeArgs {
        incident: recovery.incident,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    assert_eq!(
        machine.load::<Incident>(&recovery.incident).state,
        incident_state::CLOSED
    );
    let open = open(&machine, &recovery);
    refused(machine.send(&[open], &[]), E::IncidentNotOpen);
}

/// A domain that set no rule has no escape, however long it is frozen: nothing changed for it.
#[test]
fn without_a_rule_there_is_none() {
    let (mut machine, protocol): (Machine, Protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
    machine.warp_seconds(MAX_ESCAPE_SECONDS);
    let open = open(&machine, &recovery);
    refused(machine.send(&[open], &[]), E::EscapeNotSet);
}

/// Approvers who override a seal choose whose positions count. Without a vote that pays nobody where a published
/// checkpoint is there, and where there is none only after a further week.
#[test]
fn an_override_pays_last() {
    let (mut machine, recovery) = frozen();
    let mut snapshot: Snapshot = machine.load(&recovery.snapshot);
    snapshot.flags |= snapshot_flag::OVERRIDDEN;
    snapshot.sealed_ts = machine.clock().unix_timestamp;
    forge(&mut machine, &recovery.snapshot, &snapshot);
    machine.warp_seconds(ESCAPE);
    let early = open(&machine, &recovery);
    refused(machine.send(&[early], &[]), E::EscapeNotDue);
    machine.warp_seconds(ESCAPE_SEAL_SECONDS);
    let domain = recovery.protocol.domain;
    let mut log = CheckpointLog {
        version: VERSION,
        ledger_index: LEDGER,
        domain,
        ..CheckpointLog::zeroed()
    };
    let key = bulkhead_client::pda::checkpoint_log(&domain, LEDGER);
    let entry = &mut log.entries[0];
    (entry.slot, entry.posted_slot, entry.state) = (1, 1, checkpoint_state::ATTESTED);
    entry.published = u16::MAX;
    forge(&mut machine, &key, &log);
    let overridden = open(&machine, &recovery);
    refused(machine.send(&[overridden.clone()], &[]), E::NewerCheckpoint);
    log.entries[0].published = 0;
    forge(&mut machine, &key, &log);
    machine.next_slot();
    machine.send(&[overridden], &[]).expect("nothing else is known");
}
