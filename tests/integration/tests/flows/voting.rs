//! The vote and what follows: ballot, votes, restoration, reopening.

use bulkhead::decision::Decision;
use bulkhead_client::{
    flows::{self, FlowError},
    pda,
    status::Step,
};
use bulkhead_core::CoreError;
use bulkhead_interface::constants::NOMINATION_SECONDS;
use bulkhead_testbed::{DELAY_SECONDS, VOTE_SECONDS, keypair};
use bulkhead_tests::{
    recovery::{LEDGER, Recovery, positions},
    world,
};
use solana_signer::Signer;

use crate::{World, foreseen, must, nothing_sent, sent};

/// The whole supply of the governance token, of one voter.
const VOTES: u64 = 1_000;

/// A ledger of fifty positions, sealed in a frozen domain.
fn sealed() -> (World, Recovery, solana_keypair::Keypair) {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(50));
    let voter = keypair("voter");
    machine.create_associated(&recovery.protocol.governance_mint, &voter.pubkey(), VOTES);
    // The same keys and addresses: `recovery` holds the other.
    let (_, protocol) = world();
    (World::of(machine, protocol, &[&voter]), recovery, voter)
}

#[tokio::test]
async fn from_the_sealed_snapshot_to_the_reopening() {
    let (world, recovery, voter) = sealed();
    let (session, domain, voter) = (world.session(), world.domain(), voter.pubkey());
    let due = |steps: &[bulkhead_client::status::NextStep], step| steps.iter().any(|found| found.step == step);
    assert!(due(&world.status().await.next_steps, Step::OpenBallot));

    let candidates = [recovery.snapshot];
    let open = || flows::open_ballot_with(&session, domain, world.member(0), LEDGER, &candidates);
    let opened = must(open().await);
    sent(&opened.done, 1);
    assert_eq!(opened.ballot, pda::ballot(&recovery.incident, LEDGER));
    nothing_sent(&must(open().await).done);
    assert!(due(&world.status().await.next_steps, Step::StartVote));

    // Only what is in escrow before the vote counts: the first run deposits.
    let vote = |choice| flows::vote(&session, domain, voter, opened.ballot, choice, VOTES);
    let deposited = must(vote(0).await);
    sent(&deposited.done, 1);
    assert_eq!((deposited.escrowed, deposited.weight), (VOTES, 0));
    nothing_sent(&must(vote(0).await).done);
    let more = flows::vote(&session, domain, voter, opened.ballot, 0, VOTES + 1).await;
    assert!(
        matches!(more, Err(FlowError::NotPossible { .. })),
        "there are no more: {more:?}"
    );

    world.warp(NOMINATION_SECONDS);
    sent(&must(open().await).done, 1);
    nothing_sent(&must(open().await).done);
    assert!(due(&world.status().await.next_steps, Step::Vote));
    foreseen(vote(5).await, CoreError::NoSuchCandidate);
    let cast = must(vote(0).await);
    sent(&cast.done, 1);
    assert_eq!(cast.weight, VOTES);
    let again = must(vote(0).await);
    nothing_sent(&again.done);
    assert_eq!(again.weight, VOTES);
    let other = vote(1).await;
    assert!(matches!(other, Err(FlowError::NotPossible { .. })), "{other:?}");

    world.warp(VOTE_SECONDS);
    let ended = must(open().await);
    nothing_sent(&ended.done);
    assert!(ended.next.contains(&recovery.snapshot.to_string()), "{}", ended.next);
    assert!(due(&world.status().await.next_steps, Step::Choose));
    restore(&world, &recovery).await;
    reopen(&world).await;
}

async fn restore(world: &World, recovery: &Recovery) {
    let (session, domain) = (world.session(), world.domain());
    let advance =
        |member: usize| flows::advance(&session, domain, world.member(member), Decision::from(recovery.args()));
    for member in 0..2 {
        must(advance(member).await);
        nothing_sent(&must(advance(member).await).done);
    }
    world.warp(DELAY_SECONDS);
    assert!(must(advance(2).await).is_executed);
    let status = world.status().await;
    assert_eq!(status.phase, "recovering");
    let restoration = &status.restorations[0];
    let total = recovery.tree.root().sum;
    assert_eq!(
        (restoration.total, restoration.paid, restoration.lacking),
        (total, 0, total)
    );
    assert_eq!(
        (restoration.claims, restoration.is_settled),
        (recovery.tree.count(), false)
    );
    let resume = flows::resume(&session, domain, world.member(0)).await;
    assert!(matches!(resume, Err(FlowError::NotPossible { .. })), "{resume:?}");
}

async fn reopen(world: &World) {
    let (session, domain) = (world.session(), world.domain());
    let reopen = |member: usize| flows::reopen(&session, domain, world.member(member), 5_000, 3_600);
    for member in 0..2 {
        must(reopen(member).await);
        nothing_sent(&must(reopen(member).await).done);
    }
    world.warp(DELAY_SECONDS);
    assert!(must(reopen(0).await).is_executed);
    let status = world.status().await;
    assert_eq!((status.phase, status.ramp_bps), ("operating", 5_000));
    // Half of the window's 100,000.
    assert_eq!(status.breakers[0].limit, 50_000);
    assert_eq!(status.closed.len(), 1, "liquidations, for the grace period");
    assert_eq!(status.closed[0].until, Some(world.now() + 3_600));
    nothing_sent(&must(reopen(1).await).done);
}

#[tokio::test]
async fn votes_that_come_too_late_are_not_sent() {
    let (world, recovery, voter) = sealed();
    let (session, domain) = (world.session(), world.domain());
    let candidates = [recovery.snapshot];
    let open = || flows::open_ballot_with(&session, domain, world.member(0), LEDGER, &candidates);
    let ballot = must(open().await).ballot;
    world.warp(NOMINATION_SECONDS);
    must(open().await);
    let late = flows::vote(&session, domain, voter.pubkey(), ballot, 0, VOTES).await;
    foreseen(late, CoreError::VotesTooRecent);
    // Nobody voted: the ballot is opened for another round by the same flow.
    world.warp(VOTE_SECONDS);
    assert_eq!(
        world
            .status()
            .await
            .next_steps
            .iter()
            .filter(|step| step.step == Step::RenewBallot)
            .count(),
        1
    );
    sent(&must(open().await).done, 1);
    nothing_sent(&must(open().await).done);
}
