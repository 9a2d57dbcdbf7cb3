//! Where no snapshot was sealed, the newest published checkpoint pays.

use super::*;
use bulkhead_interface::{
    constants::{checkpoint_state, snapshot_state},
    layout::CheckpointLog,
};
use bulkhead_tests::{checkpoints::Watched, recovery::forge};

/// The domain is frozen a day after its attested checkpoint, which has a snapshot of its own by then. The incident's own
/// snapshot is open.
fn unsealed(is_published: bool) -> (Machine, Recovery) {
    let mut watched = Watched::new();
    set_rules(&mut watched.machine, &watched.protocol, ESCAPE, 0);
    let (slot, tree) = watched.attested(positions(LEAVES));
    if is_published {
        let mut log = watched.log();
        let entry = log.entries.iter_mut().find(|entry| entry.slot == slot);
        entry.expect("posted").published = u16::MAX;
        let key = bulkhead_client::pda::checkpoint_log(&watched.protocol.domain, LEDGER);
        forge(&mut watched.machine, &key, &log);
    }
    let (mut machine, recovery) = watched.into_recovery(slot, tree);
    let own = bulkhead_client::pda::snapshot(&recovery.incident, LEDGER);
    if machine.account(&own).is_none() {
        let payer = machine.payer.pubkey();
        let open = ix::open_snapshot(recovery.protocol.domain, payer, recovery.incident, LEDGER);
        recovery.protocol.must(&mut machine, &[open], &[]);
    }
    (machine, recovery)
}

#[test]
fn a_published_checkpoint_pays_where_nobody_could_seal() {
    let (mut machine, recovery) = unsealed(true);
    machine.warp_seconds(ESCAPE);
    let early = open(&machine, &recovery);
    refused(machine.send(&[early], &[]), E::EscapeNotDue);
    machine.warp_seconds(ESCAPE_SEAL_SECONDS);
    let due = open(&machine, &recovery);
    recovery.protocol.must(&mut machine, &[due, draw(&recovery)], &[]);
    assert_eq!(machine.balance(&recovery.pool()), recovery.tree.root().sum);
    // Nothing from before can be paid a second time.
    let key = bulkhead_client::pda::checkpoint_log(&recovery.protocol.domain, LEDGER);
    let log: CheckpointLog = machine.load(&key);
    assert_eq!(log.restored_slot, machine.clock().slot);
}

/// Attesters who keep a tree to themselves choose no state by it.
#[test]
fn a_withheld_checkpoint_does_not_count() {
    let (mut machine, recovery) = unsealed(false);
    machine.warp_seconds(ESCAPE + ESCAPE_SEAL_SECONDS);
    let open = open(&machine, &recovery);
    refused(machine.send(&[open], &[]), E::CheckpointNotPublished);
}

#[test]
fn a_contested_checkpoint_does_not_pay() {
    let (mut machine, recovery) = unsealed(true);
    let key = bulkhead_client::pda::checkpoint_log(&recovery.protocol.domain, LEDGER);
    let mut log: CheckpointLog = machine.load(&key);
    for entry in &mut log.entries {
        entry.state = checkpoint_state::CONTESTED;
    }
    forge(&mut machine, &key, &log);
    machine.warp_seconds(ESCAPE + ESCAPE_SEAL_SECONDS);
    let open = open(&machine, &recovery);
    refused(machine.send(&[open], &[]), E::CheckpointContested);
}

/// Without a snapshot and without a checkpoint nobody knows who is owed what: it stays closed until one is sealed.
#[test]
fn a_domain_that_knows_no_state_pays_none() {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, ESCAPE, 0);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(3));
    recovery.write_snapshot(&mut machine, snapshot_state::OPEN);
    machine.warp_seconds(ESCAPE + ESCAPE_SEAL_SECONDS);
    let unsealed = open(&machine, &recovery);
    refused(machine.send(&[unsealed], &[]), E::SnapshotNotSealed);
    recovery.write_snapshot(&mut machine, snapshot_state::SEALED);
    let sealed = open(&machine, &recovery);
    machine.send(&[sealed], &[]).expect("sealed late, and not too late");
}
