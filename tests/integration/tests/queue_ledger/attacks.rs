//! What somebody would try: another ledger, another layout, a queue that changed, a queue that is full.

use bulkhead::{
    error::BulkheadError,
    instructions::{OpenCheckpointLogArgs, RegisterLedgerArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{constants::verdict, layout::Vault};
use bulkhead_testbed::{Setup, must, refused};
use bulkhead_tests::{
    queue_ledger::{QUEUE, Queued, world_with_queue},
    receiver, world_with,
};
use solana_signer::Signer;

#[test]
fn no_other_layout_reads_bulkheads_accounts() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let by = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let sound = RegisterLedgerArgs::of_queue(QUEUE, &protocol.vault.vault, &protocol.mint);
    let changes: [fn(&mut RegisterLedgerArgs); 5] = [
        |args| args.owner_offset += 32,
        |args| args.amounts.truncate(1),
        |args| args.filters.truncate(2),
        |args| args.total.offset -= 8,
        |args| args.total.excess_bps = 100,
    ];
    for change in changes {
        let mut args = sound.clone();
        change(&mut args);
        refused(
            machine.send(
                &[ix::register_ledger(by, payer, args, &[0])],
                &[&protocol.setup_authority],
            ),
            BulkheadError::InvalidLedger,
        );
    }
    // A breaker keeps a total too, and is no vault.
    let mut other = sound.clone();
    other.total.account = protocol.vault.breaker;
    assert!(
        machine
            .send(
                &[ix::register_ledger(by, payer, other, &[0])],
                &[&protocol.setup_authority],
            )
            .is_err()
    );
    protocol.must(
        &mut machine,
        &[ix::register_ledger(by, payer, sound.clone(), &[0])],
        &[&protocol.setup_authority],
    );
    let vault: Vault = machine.load(&protocol.vault.vault);
    assert_eq!((vault.flags, vault.queue_ledger), (1, QUEUE));
    // Nor twice.
    let again = RegisterLedgerArgs { index: 9, ..sound };
    refused(
        machine.send(
            &[ix::register_ledger(by, payer, again, &[0, QUEUE])],
            &[&protocol.setup_authority],
        ),
        BulkheadError::LedgersOverlap,
    );
    // And it has no checkpoints: what it owed at some slot may have been paid since.
    let log = OpenCheckpointLogArgs {
        ledger_index: QUEUE,
        threshold: 2,
        min_interval_slots: 100,
        keep_seconds: 86_400,
        tolerance_bps: 100,
        published_only: false,
    };
    refused(
        machine.send(&[ix::open_checkpoint_log(by, payer, log)], &[&protocol.setup_authority]),
        BulkheadError::InvalidLedger,
    );
}

#[test]
fn an_evacuation_reserves_in_its_own_ledger_or_not_at_all() {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.freeze();
    queued.confirm_evacuation();
    let domain = queued.protocol.domain;
    let plain = ix::evacuate(queued.protocol.vault, queued.incident, queued.protocol.recovery_account);
    refused(queued.send(plain.clone()), BulkheadError::QueueLedgerMissing);
    let other = ix::with_queue(plain, pda::ledger(&domain, 0));
    refused(queued.send(other), BulkheadError::ForeignAccount);
    let sound = queued.evacuation();
    must(queued.send(sound));
}

/// Only what stands still is read, and a queue that is not evacuated pays itself.
#[test]
fn a_queue_that_still_pays_is_neither_read_nor_restored() {
    let mut queued = Queued::of(&[("alice", 70_000)]);
    queued.freeze();
    let (domain, payer) = (queued.protocol.domain, queued.machine.payer.pubkey());
    let snapshot = pda::snapshot(&queued.incident, QUEUE);
    must(queued.send(ix::open_snapshot(domain, payer, queued.incident, QUEUE)));
    let key = queued.records[0].0;
    let number = bulkhead_core::snapshots::merkle::shard_of(key.as_array());
    must(queued.send(ix::open_shard(domain, payer, payer, snapshot, number)));
    let ingest = ix::ingest_positions(domain, payer, snapshot, QUEUE, number, &[key]);
    refused(queued.send(ingest), BulkheadError::NotAPosition);
    let shard = pda::shard(&snapshot, number, &payer);
    refused(queued.seal(&[shard]), BulkheadError::QueueStillCancellable);
    queued.machine.warp_seconds(10 * 86_400);
    refused(queued.seal(&[shard]), BulkheadError::NothingRead);
}

/// A release that is left out makes the sum fall short of what the vault says.
#[test]
fn nobody_is_left_out_of_a_queue() {
    let mut queued = Queued::of(&[("alice", 70_000), ("bob", 80_000)]);
    queued.freeze();
    queued.evacuate();
    let shards = queued.read(&[queued.records[0].0]);
    queued.wait_out_the_guardians();
    refused(queued.seal(&shards), BulkheadError::TotalMismatch);
}

/// Governance cancels after the seal: what was sealed is not restored, and an exact seal replaces it, whenever.
#[test]
fn a_queue_that_changed_is_sealed_again() {
    use bulkhead::instructions::CancelReleasesArgs;
    use bulkhead_core::custody::release_list::leaf;
    let mut queued = Queued::of(&[("alice", 70_000), ("thief", 80_000)]);
    queued.freeze();
    queued.evacuate();
    let records = [queued.records[0].0, queued.records[1].0];
    let shards = queued.read(&records);
    queued.wait_out_the_guardians();
    must(queued.seal(&shards));
    refused(queued.seal(&shards), BulkheadError::SnapshotSealed);
    let stale = queued.recovery();
    let (stale_authority, stale_args) = queued.elect(&stale);
    let args = CancelReleasesArgs {
        vault: queued.protocol.vault.vault,
        root: leaf(&records[1], queued.record(1).requested_slot),
    };
    let authority = queued.protocol.mature(&mut queued.machine, &args);
    must(queued.send(ix::cancel_releases(authority, args)));
    let cancel = ix::cancel_listed_release(queued.protocol.vault.vault, records[1], vec![]);
    let cancel = ix::with_queue(cancel, queued.key());
    must(queued.send(cancel));
    let choice = queued.choice(stale_authority, stale_args);
    refused(queued.send(choice), BulkheadError::QueueChanged);
    let payer = queued.machine.payer.pubkey();
    let number = bulkhead_core::snapshots::merkle::shard_of(records[1].as_array());
    let own = bulkhead_core::snapshots::merkle::shard_of(records[0].as_array());
    assert_ne!(number, own, "this test reads them into two shards");
    must(queued.seal(&[pda::shard(&stale.snapshot, own, &payer)]));
}

/// An amount that cannot be owed is denied, and nobody else is.
#[test]
fn a_full_queue_locks_nobody_out() {
    let (mut machine, protocol) = world_with_queue(&Setup {
        trip_limit: u64::MAX,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    for number in 0..40 {
        let outcome = must(protocol.release(&mut machine, user, 60_001, number));
        assert_eq!(outcome.return_data, [verdict::QUEUED]);
        machine.next_slot();
    }
    let before: Vault = machine.load(&protocol.vault.vault);
    assert_eq!(before.queued, 40 * 60_001);
    let outcome = must(protocol.release(&mut machine, user, u64::MAX, 50));
    assert_eq!(outcome.return_data, [verdict::DENIED]);
    // What fits is paid at once, however long the queue is.
    machine.next_slot();
    let outcome = must(protocol.release(&mut machine, user, 1_000, 51));
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    machine.next_slot();
    let outcome = must(protocol.release(&mut machine, user, 60_001, 52));
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
}

/// A vault without such a ledger keeps its old ways: what was stopped comes back.
#[test]
fn a_vault_without_a_queue_ledger_is_evacuated_without_one() {
    let (mut machine, protocol) = world_with(&Setup::default());
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for member in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[member]);
    }
    let plain = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    let with = ix::with_queue(plain.clone(), pda::ledger(&protocol.domain, 0));
    refused(machine.send(&[with], &[]), BulkheadError::ForeignAccount);
    protocol.must(&mut machine, &[plain], &[]);
}
