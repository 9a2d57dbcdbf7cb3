//! From a frozen ledger to paid claims, all by flows.

use bulkhead::instruction;
use bulkhead_client::flows::{
    claim::{Books, claim_all},
    restore::restore,
};
use bulkhead_interface::constants::SHARDS;

use super::*;

/// Positions are in all shards, some of which take several transactions, and the tokens do not suffice for all claims.
#[tokio::test]
async fn six_hundred_positions_are_read_sealed_voted_on_restored_and_paid() {
    let world = World::frozen(600, 500_000);
    let (domain, incident) = (world.protocol.domain, world.incident);
    let cluster = world.cluster(Fault::None);
    let read = crank(&cluster, &world).await.expect("it is read and sealed");
    assert_eq!(cluster.count::<instruction::OpenShard>(), SHARDS);
    assert!(cluster.count::<instruction::IngestPositions>() > SHARDS);
    assert_eq!(read.done.receipts.len(), cluster.landed());
    let recovery = Recovery::of(world.protocol, incident, world.positions);
    let tree = &recovery.tree;
    assert_eq!((read.snapshot, read.root), (recovery.snapshot, tree.root().hash));
    assert_eq!((read.total, read.count), (tree.root().sum, 600));
    assert_eq!((read.excess, read.shortfall), (0, 0));
    assert_eq!(
        sealed(&cluster.machine(), &recovery.snapshot)
            .shards
            .map(|shard| shard.count),
        { tree.roots().map(|shard| shard.count) }
    );

    let again = snapshot(&cluster.session(), domain, cranker().pubkey(), LEDGER).await;
    let again = again.expect("it is done");
    assert_eq!((again.done.receipts.len(), again.root), (0, read.root));

    evacuate(&mut cluster.machine(), &recovery.protocol, incident);
    recovery.elect(&mut cluster.machine());
    let early = restore(&cluster.session(), domain, incident, LEDGER, None).await;
    assert!(matches!(early, Err(FlowError::NotYet { .. })), "no proposal yet");
    let authority = recovery.protocol.mature(&mut cluster.machine(), &recovery.args());
    let restored = restore(&cluster.session(), domain, incident, LEDGER, authority.proposal).await;
    let restored = restored.expect("everything is there");
    assert_eq!(
        (restored.total, restored.shared, restored.funded),
        (tree.root().sum, 500_000, 500_000)
    );
    assert_eq!(restored.lacking, tree.root().sum - 500_000);
    assert_eq!(restored.done.receipts.len(), 3);

    // The domain is still frozen, so the live positions are the chosen state.
    let before = cluster.landed();
    let paid = claim_all(&cluster.session(), domain, incident, LEDGER, Leaves::Live).await;
    let paid = paid.expect("all are paid");
    assert_eq!((paid.claims, paid.paid_claims, paid.unpaid.len()), (600, 600, 0));
    assert_eq!(paid.done.receipts.len(), cluster.landed() - before);
    let Books {
        shared,
        paid: sum,
        left,
        dust,
        pool,
        ..
    } = paid.books.expect("of all claims");
    assert_eq!((shared, sum, left), (500_000, paid.paid, 0));
    assert_eq!(sum + dust, shared);
    assert_eq!(pool, dust);
    assert!(dust > 0 && dust < 600, "{dust}");
    assert_paid(&cluster.machine(), &recovery);

    let again = claim_all(&cluster.session(), domain, incident, LEDGER, given(&leaves(&recovery))).await;
    let again = again.expect("nothing is due");
    assert_eq!((again.done.receipts.len(), again.done.skipped, again.paid), (0, 600, 0));

    // Later money is shared out and paid on top, to the last unit.
    recovery.fund(&mut cluster.machine(), tree.root().sum);
    let rest = restore(&cluster.session(), domain, incident, LEDGER, None)
        .await
        .expect("more money");
    assert_eq!((rest.shared, rest.lacking), (tree.root().sum, 0));
    let all = claim_all(&cluster.session(), domain, incident, LEDGER, given(&leaves(&recovery))).await;
    let books = all.expect("all are paid").books.expect("of all claims");
    assert_eq!((books.paid, books.left, books.dust), (tree.root().sum, 0, 0));
    assert_paid(&cluster.machine(), &recovery);

    // Every claim is paid in full: pages may be closed, and nothing is opened again.
    let payer = cluster.payer();
    let close = ix::close_claim_page(recovery.restoration, payer, 0);
    cluster.machine().send(&[close], &[]).expect("all are paid");
    let done = claim_all(&cluster.session(), domain, incident, LEDGER, Leaves::Live).await;
    let done = done.expect("nothing is due");
    assert_eq!((done.done.receipts.len(), done.done.skipped), (0, 600));
}
