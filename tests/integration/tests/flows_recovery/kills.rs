//! Killed before and after every single transaction, and run again.

use bulkhead_client::flows::restore::restore;
use bulkhead_interface::{constants::step, layout::Incident};
use bulkhead_tests::recovery::positions_of_one_shard;

use super::*;

#[tokio::test]
async fn a_snapshot_is_read_once_however_often_it_is_killed() {
    // All shards have some, and one of them takes three transactions.
    let rows = [positions(40), positions_of_one_shard(60)].concat();
    let world = World::of(rows, 1);
    let results = with_every_fault(&world.machine, |cluster| {
        let domain = world.protocol.domain;
        async move { snapshot(&cluster.session(), domain, cranker().pubkey(), LEDGER).await }
    })
    .await;
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    let (_, _, whole) = results[0];
    assert!(whole > 12, "the snapshot, the shards, the seal: {whole}");
    for (fault, machine, landed) in results {
        let sealed = sealed(&machine, &recovery.snapshot);
        assert_eq!(sealed.root, recovery.tree.root().hash, "{fault:?}");
        assert_eq!((sealed.seals, sealed.count), (1, 100), "{fault:?}");
        assert_eq!(landed, whole, "{fault:?}: nothing twice, nothing too few");
    }
}

#[tokio::test]
async fn a_restoration_is_chosen_funded_and_shared_out_once() {
    let (mut machine, recovery) = voted(World::frozen(12, 10_000)).await;
    recovery.protocol.mature(&mut machine, &recovery.args());
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let results = with_every_fault(&machine, |cluster| async move {
        restore(&cluster.session(), domain, incident, LEDGER, None).await
    })
    .await;
    for (fault, machine, landed) in results {
        let restoration: Restoration = machine.load(&recovery.restoration);
        assert_eq!(restoration.shared, 10_000, "{fault:?}");
        assert_eq!(machine.balance(&recovery.pool()), 10_000, "{fault:?}");
        assert_eq!(machine.balance(&recovery.protocol.recovery_account), 0, "{fault:?}");
        assert_eq!(landed, 3, "{fault:?}");
        let record: Incident = machine.load(&incident);
        assert_ne!(record.steps[step::CLAIMS].slot, 0);
    }
}

#[tokio::test]
async fn every_claim_is_paid_once() {
    let (machine, recovery) = restored(World::frozen(40, 30_000)).await;
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    let rows = leaves(&recovery);
    let results = with_every_fault(&machine, |cluster| {
        let rows = given(&rows);
        async move { claim_all(&cluster.session(), domain, incident, LEDGER, rows).await }
    })
    .await;
    assert!(
        results.len() > 10,
        "there are several transactions to fail: {}",
        results.len()
    );
    for (fault, machine, _) in results {
        let restoration: Restoration = machine.load(&recovery.restoration);
        assert!(restoration.paid > 29_000, "{fault:?}");
        assert_paid(&machine, &recovery);
    }
}
