//! A thief moves the breach back behind every checkpoint there is, by looking again at something that once was harmless.

use bulkhead::{error::BulkheadError, instructions::OpenAuthorityWatchArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{acts, checkpoint};
use bulkhead_interface::{
    constants::{MIN_KEEP_SECONDS, kind, phase, watch_kind},
    layout::{CheckpointLog, Incident},
};
use bulkhead_sim::{Setup, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules},
    detectors::{configure, in_set_up, program_args, watch, write},
    recovery::{LEDGER, positions},
    refused, world_with,
};
use solana_signer::Signer;

/// The host's admin changes, by right; the alarm is found to be false and lapses, unconfirmed. Ten days later attesters
/// post a checkpoint, and after it there is a theft and another alarm. The thief looks at the admin again: it latches with
/// the slot it was first seen in, is carried, and the breach is ten days back. The checkpoint is from "after" it.
#[test]
fn a_finding_of_a_lapsed_alarm_moves_the_breach_behind_all_checkpoints() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let account = keypair("host config").pubkey();
    let host = protocol.host_program;
    let admin = |name: &str| [&[7; 12][..], keypair(name).pubkey().as_ref(), &[7; 5]].concat();
    write(&mut machine, &account, &host, admin("admin"));
    let args = OpenAuthorityWatchArgs {
        kind: watch_kind::HOST_FIELD,
        account,
        program: host,
        offset: 12,
        ..program_args(&keypair("admin").pubkey())
    };
    let detector = watch(&protocol, &args);
    let payer = machine.payer.pubkey();
    for open in [
        ix::open_authority_watch(in_set_up(&protocol), payer, args),
        ix::activate_domain(protocol.namespace.pubkey()),
    ] {
        configure(&mut machine, &protocol, open).expect("it was set up");
    }
    let authority = protocol.mature(&mut machine, kind::OPEN_CHECKPOINT_LOG, &rules());
    let open = ix::open_checkpoint_log(authority, payer, rules());
    protocol.must(&mut machine, &[open], &[]);
    let log = pda::checkpoint_log(&protocol.domain, LEDGER);
    let mut watched = Watched { machine, protocol, log };

    // A harmless change is seen, carried, and lapses.
    write(&mut watched.machine, &account, &host, admin("new admin"));
    let domain = watched.protocol.domain;
    let look = ix::observe_authority(domain, detector, account);
    let carry = |number| ix::propagate_trip(domain, payer, detector, number);
    watched
        .protocol
        .must(&mut watched.machine, &[look.clone(), carry(0)], &[]);
    let first = watched.machine.clock().slot;
    watched.machine.warp_seconds(73 * 3_600);
    let lapse = ix::close_lapsed_incident(domain, pda::incident(&domain, 0));
    watched.protocol.must(&mut watched.machine, &[lapse], &[]);
    assert_eq!(watched.protocol.state(&watched.machine).state, phase::OPERATING);

    // Everything from before has been overwritten by now.
    watched.machine.warp_seconds(MIN_KEEP_SECONDS);
    let (slot, tree) = watched.attested(positions(40));
    watched.machine.warp_seconds(3_600);
    // The theft; a guardian raises the alarm, and the domain is held.
    let incident = watched.hold();
    let state: Incident = watched.machine.load(&incident);
    let breach = acts::breach_slot(&state);
    let entries: CheckpointLog = watched.log();
    assert!(checkpoint::require_usable(&entries, slot, breach).is_ok());

    // The thief looks, and carries.
    watched.protocol.must(&mut watched.machine, &[look, carry(1)], &[]);
    let state: Incident = watched.machine.load(&incident);
    assert_eq!(acts::breach_slot(&state), first, "ten days ago");
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointAfterBreach,
    );
}
