//! `resume` and `reopen`: each key takes the step that it can take.

use bulkhead_client::{
    flows::{self, FlowError},
    status::Step,
};
use bulkhead_testbed::DELAY_SECONDS;

use crate::{World, must, nothing_sent, sent};

#[tokio::test]
async fn each_key_takes_its_step_towards_an_unpause() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    nothing_sent(&must(flows::resume(&session, domain, world.member(0)).await).done);
    world.freeze().await;
    // Who may not propose is told who may, and nothing is sent.
    let refused = flows::resume(&session, domain, world.member(3)).await;
    assert!(matches!(refused, Err(FlowError::Rule(..))), "{refused:?}");
    let early = flows::reopen(&session, domain, world.member(0), 10_000, 0).await;
    assert!(matches!(early, Err(FlowError::NotPossible { .. })), "{early:?}");

    let resume = |member: usize| flows::resume(&session, domain, world.member(member));
    let first = must(resume(0).await);
    sent(&first.done, 2);
    assert_eq!(
        (first.step.as_str(), first.is_executed),
        ("proposed it, approved it", false)
    );
    assert!(first.next.contains(&world.member(1).to_string()), "{}", first.next);
    nothing_sent(&must(resume(0).await).done);
    nothing_sent(&must(resume(3).await).done);
    let resumes = |steps: &[bulkhead_client::status::NextStep]| steps.iter().any(|step| step.step == Step::Resume);
    assert!(resumes(&world.status().await.next_steps));

    let second = must(resume(1).await);
    sent(&second.done, 1);
    assert_eq!((second.proposal, second.step.as_str()), (first.proposal, "approved it"));
    assert!(second.next.contains("in 1 h"), "{}", second.next);
    nothing_sent(&must(resume(1).await).done);
    nothing_sent(&must(resume(2).await).done);

    // Anyone executes it, and then there is nothing left to do.
    world.warp(DELAY_SECONDS);
    let last = must(flows::resume(&session, domain, world.payer()).await);
    sent(&last.done, 1);
    assert!(last.is_executed);
    assert_eq!(world.status().await.phase, "operating");
    nothing_sent(&must(resume(0).await).done);
}

#[tokio::test]
async fn a_proposal_that_does_not_know_of_a_freeze_is_proposed_again() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    must(flows::confirm(&session, domain, world.member(0)).await);
    let unaware = must(flows::resume(&session, domain, world.member(0)).await);
    world.chain.machine().next_slot();
    must(flows::confirm(&session, domain, world.member(1)).await);
    let aware = must(flows::resume(&session, domain, world.member(0)).await);
    sent(&aware.done, 2);
    assert_ne!(aware.proposal, unaware.proposal);
    let voided = flows::execute(&session, unaware.proposal.expect("it was made"), world.payer()).await;
    assert!(matches!(voided, Err(FlowError::NotPossible { .. })), "{voided:?}");
}

#[tokio::test]
async fn a_pause_in_peace_is_ended_by_reopening() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    let reopen = |member: usize| flows::reopen(&session, domain, world.member(member), 10_000, 0);
    nothing_sent(&must(reopen(0).await).done);
    must(flows::pause(&session, domain, world.member(0), 255, 0).await);
    for member in 0..2 {
        must(reopen(member).await);
    }
    world.warp(DELAY_SECONDS);
    assert!(must(reopen(0).await).is_executed);
    assert!(world.status().await.closed.is_empty());
    nothing_sent(&must(reopen(0).await).done);
}
