//! What `restore` says while something is missing.

use bulkhead::instructions::ChooseRestorationArgs;
use bulkhead_client::flows::restore::{Restored, restore};
use bulkhead_testbed::{DELAY_SECONDS, VOTE_SECONDS};

use super::*;

async fn run(cluster: &Cluster, recovery: &Recovery, proposal: Option<Pubkey>) -> Result<Restored, FlowError> {
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    restore(&cluster.session(), domain, incident, LEDGER, proposal).await
}

/// It waits for something, and the sentence names it.
fn assert_waits(result: &Result<Restored, FlowError>, word: &str) {
    let Err(FlowError::NotYet { why, next }) = result else {
        panic!("{word}: {result:?}");
    };
    assert!(why.contains(word) || next.contains(word), "{word}: {why}; {next}");
}

#[tokio::test]
async fn it_says_step_by_step_what_is_missing() {
    let world = World::frozen(12, 10_000);
    let cluster = world.cluster(Fault::None);
    crank(&cluster, &world).await.expect("it is read and sealed");
    evacuate(&mut cluster.machine(), &world.protocol, world.incident);
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);

    let none = run(&cluster, &recovery, None).await;
    assert!(
        matches!(none, Err(FlowError::NotFound { what: "ballot", .. })),
        "{none:?}"
    );
    let voter = recovery.voter(&mut cluster.machine(), "elector", 1_000);
    recovery.nominate(&mut cluster.machine());
    assert_waits(&run(&cluster, &recovery, None).await, "start_voting");
    recovery.start(&mut cluster.machine());
    let voted = recovery.vote(&mut cluster.machine(), &voter, 0);
    assert!(voted.is_ok());
    assert_waits(&run(&cluster, &recovery, None).await, "the vote ends in");
    cluster.machine().warp_seconds(VOTE_SECONDS);
    assert_waits(&run(&cluster, &recovery, None).await, "proposes `choose_restoration`");

    // Somebody proposes something else.
    let other = ChooseRestorationArgs {
        snapshot: recovery.ballot,
        ..recovery.args()
    };
    let other = recovery.protocol.propose(&mut cluster.machine(), &other);
    let wrong = run(&cluster, &recovery, Some(other)).await;
    assert!(matches!(wrong, Err(FlowError::NotPossible { .. })), "{wrong:?}");
    assert_waits(&run(&cluster, &recovery, None).await, "proposes `choose_restoration`");

    let args = recovery.args();
    let proposal = recovery.protocol.propose(&mut cluster.machine(), &args);
    assert_waits(&run(&cluster, &recovery, None).await, "0 of 2 approvals");
    for member in 0..2 {
        let mut machine = cluster.machine();
        let approve = recovery.protocol.approve(&machine, &proposal, member);
        recovery
            .protocol
            .must(&mut machine, &[approve], &[&recovery.protocol.members[member]]);
    }
    assert_waits(&run(&cluster, &recovery, Some(proposal)).await, "it can run in");
    let before = cluster.landed();
    cluster.machine().warp_seconds(DELAY_SECONDS);
    let done = run(&cluster, &recovery, None).await.expect("everything is there");
    assert_eq!(
        (cluster.landed() - before, done.funded, done.shared),
        (3, 10_000, 10_000)
    );
    let again = run(&cluster, &recovery, None).await.expect("it is done");
    assert_eq!((again.done.receipts.len(), again.funded), (0, 0));
}

/// The vault was not evacuated: the state is chosen, and nothing is there to share.
#[tokio::test]
async fn an_empty_pool_is_named() {
    let world = World::frozen(12, 10_000);
    let cluster = world.cluster(Fault::None);
    crank(&cluster, &world).await.expect("it is read and sealed");
    let mut machine = cluster.fork();
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    recovery.elect(&mut machine);
    recovery.protocol.mature(&mut machine, &recovery.args());
    let cluster = on(machine, Fault::None);
    assert_waits(&run(&cluster, &recovery, None).await, "pool");
    let chosen: Restoration = cluster.machine().load(&recovery.restoration);
    assert_eq!((chosen.total, chosen.shared), (recovery.tree.root().sum, 0));
    recovery.fund(&mut cluster.machine(), 5_000);
    let done = run(&cluster, &recovery, None).await.expect("there is some");
    assert_eq!((done.shared, done.funded), (5_000, 0));
    // The vault is evacuated later: its tokens come on top, up to what is owed.
    evacuate(&mut cluster.machine(), &recovery.protocol, recovery.incident);
    let more = run(&cluster, &recovery, None).await.expect("there is more");
    let owed = u64::try_from(recovery.tree.root().sum).expect("small").min(15_000);
    assert_eq!((more.funded, more.shared), (owed - 5_000, owed));
}
