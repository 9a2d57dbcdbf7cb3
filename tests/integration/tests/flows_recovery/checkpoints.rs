//! Checkpoints built, posted and attested by flows.

use bulkhead_client::flows::checkpoint::{
    Built, Positions, attest_checkpoint, build_checkpoint, checkpoint, post_checkpoint,
};
use bulkhead_core::checkpoints::checkpoint::Claim;
use bulkhead_interface::{constants::MIN_CHECKPOINT_INTERVAL, layout::CheckpointLog};
use bulkhead_tests::checkpoints::Watched;

use super::*;

/// A log, and the host's accounts for so many positions.
fn watched(count: u64) -> (Cluster, Protocol, Vec<Position>) {
    let Watched {
        mut machine, protocol, ..
    } = Watched::new();
    let positions = positions(count);
    for Position { key, owner, amount } in &positions {
        protocol.write_position(&mut machine, key, owner, *amount);
    }
    protocol.write_total(&mut machine, total(&positions));
    (on(machine, Fault::None), protocol, positions)
}

fn member(protocol: &Protocol, number: usize) -> Pubkey {
    protocol.members[number].pubkey()
}

fn log(cluster: &Cluster, protocol: &Protocol) -> CheckpointLog {
    cluster.machine().load(&pda::checkpoint_log(&protocol.domain, LEDGER))
}

#[tokio::test]
async fn one_attester_posts_and_another_attests_what_it_has_built_itself() {
    let (cluster, protocol, positions) = watched(300);
    let session = cluster.session();
    let domain = protocol.domain;
    let posted = checkpoint(&session, domain, member(&protocol, 0), LEDGER, Positions::Now).await;
    let posted = posted.expect("it may post");
    assert_eq!((posted.attesters, posted.threshold, posted.is_attested), (1, 2, false));
    assert_eq!((posted.total, posted.count), (total(&positions), 300));
    // The tree is the one that everybody else builds.
    let key = pda::checkpoint_log(&domain, LEDGER);
    let tag = bulkhead_core::checkpoints::checkpoint::tag(&bulkhead::ID, &key, LEDGER, posted.slot);
    let tree = bulkhead_snapshot::Tree::build(tag, positions).expect("a ledger");
    assert_eq!(posted.root, tree.root().hash);

    let attested = checkpoint(&session, domain, member(&protocol, 1), LEDGER, Positions::Now).await;
    let attested = attested.expect("it reads the same");
    assert_eq!((attested.slot, attested.hash), (posted.slot, posted.hash));
    assert!(attested.is_attested && attested.attesters == 2);
    assert_eq!(log(&cluster, &protocol).posted, 1);
    assert_eq!(cluster.landed(), 2);

    // Again at once: this attester has to wait, and the other one posts its own.
    let early = checkpoint(&session, domain, member(&protocol, 0), LEDGER, Positions::Now).await;
    assert!(matches!(early, Err(FlowError::NotYet { .. })), "{early:?}");
    cluster.machine().warp_slots(MIN_CHECKPOINT_INTERVAL);
    let next = checkpoint(&session, domain, member(&protocol, 0), LEDGER, Positions::Now).await;
    assert!(next.expect("it may post again").slot > posted.slot);
}

/// An attester that reads something else does not attest.
#[tokio::test]
async fn nobody_attests_what_it_does_not_read() {
    let (cluster, protocol, mut positions) = watched(40);
    let session = cluster.session();
    let domain = protocol.domain;
    let (first, second) = (member(&protocol, 0), member(&protocol, 1));
    let posted = checkpoint(&session, domain, first, LEDGER, Positions::Now)
        .await
        .expect("it may post");
    positions[4].amount += 1;
    let Position { key, owner, amount } = positions[4];
    protocol.write_position(&mut cluster.machine(), &key, &owner, amount);
    let landed = cluster.landed();
    let refused = checkpoint(&session, domain, second, LEDGER, Positions::Now).await;
    assert!(
        matches!(&refused, Err(FlowError::NotPossible { why, .. }) if why.contains("not attested")),
        "{refused:?}"
    );
    assert_eq!(cluster.landed(), landed);
    // With the positions of the checkpoint's own slot it does.
    positions[4].amount -= 1;
    let of_slot = |slot| Positions::OfSlot {
        slot,
        leaves: positions.iter().map(leaf).collect(),
    };
    let other = attest_checkpoint(&session, domain, second, LEDGER, posted.slot, of_slot(posted.slot - 1)).await;
    assert!(matches!(other, Err(FlowError::NotPossible { .. })), "{other:?}");
    let attested = attest_checkpoint(&session, domain, second, LEDGER, posted.slot, of_slot(posted.slot)).await;
    assert!(attested.expect("it is the same").is_attested);
    let again = attest_checkpoint(&session, domain, second, LEDGER, posted.slot, of_slot(posted.slot)).await;
    assert_eq!(again.expect("it has attested").done.receipts.len(), 0);
}

#[tokio::test]
async fn what_the_program_would_refuse_is_not_sent() {
    let (cluster, protocol, positions) = watched(40);
    let session = cluster.session();
    let domain = protocol.domain;
    let first = member(&protocol, 0);
    let built = build_checkpoint(&session, domain, LEDGER, Positions::Now)
        .await
        .expect("it can be read");
    protocol.write_total(&mut cluster.machine(), 2 * total(&positions));
    let refused = post_checkpoint(&session, domain, first, LEDGER, &built).await;
    assert!(
        matches!(refused, Err(FlowError::Rule(CoreError::CheckpointTotalDiffers, _))),
        "{refused:?}"
    );
    protocol.write_total(&mut cluster.machine(), total(&positions));
    let wrong = Built {
        claim: Claim {
            slot_hash: [7; 32],
            ..built.claim
        },
        ..built.clone()
    };
    let refused = post_checkpoint(&session, domain, first, LEDGER, &wrong).await;
    assert!(
        matches!(refused, Err(FlowError::Rule(CoreError::SlotHashMismatch, _))),
        "{refused:?}"
    );
    let refused = post_checkpoint(&session, domain, member(&protocol, 3), LEDGER, &built).await;
    assert!(
        matches!(refused, Err(FlowError::Rule(CoreError::RoleMissing, _))),
        "a vetoer: {refused:?}"
    );
    let old = Positions::OfSlot {
        slot: built.claim.slot - 600,
        leaves: positions.iter().map(leaf).collect(),
    };
    let old = build_checkpoint(&session, domain, LEDGER, old).await.err();
    assert!(matches!(old, Some(FlowError::NotPossible { .. })), "{old:?}");
    assert_eq!(cluster.landed(), 0);

    let posted = post_checkpoint(&session, domain, first, LEDGER, &built)
        .await
        .expect("it is right");
    let again = post_checkpoint(&session, domain, first, LEDGER, &built)
        .await
        .expect("it is there");
    assert_eq!((posted.hash, again.done.receipts.len()), (again.hash, 0));
    assert_eq!(cluster.landed(), 1);
}

/// The answer to the post is lost: it is there once.
#[tokio::test]
async fn a_lost_answer_posts_nothing_twice() {
    let (cluster, protocol, _) = watched(40);
    let first = member(&protocol, 0);
    for fault in [Fault::LosesAnswer(0), Fault::DiesAfter(0), Fault::DiesBefore(0)] {
        let cluster = on(cluster.fork(), fault);
        let built = build_checkpoint(&cluster.session(), protocol.domain, LEDGER, Positions::Now).await;
        let built = built.expect("it can be read");
        let posted = post_checkpoint(&cluster.session(), protocol.domain, first, LEDGER, &built).await;
        assert_eq!(posted.is_ok(), matches!(fault, Fault::LosesAnswer(_)), "{posted:?}");
        let cluster = on(cluster.fork(), Fault::None);
        let posted = post_checkpoint(&cluster.session(), protocol.domain, first, LEDGER, &built).await;
        assert!(posted.is_ok(), "{posted:?}");
        assert_eq!(log(&cluster, &protocol).posted, 1, "{fault:?}");
    }
}
