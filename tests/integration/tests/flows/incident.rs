//! From the alarm to the unpause, every flow twice.

use bulkhead::{
    decision::{Decision, EncodedDecision},
    instructions::ResumeArgs,
};
use bulkhead_client::{
    flows::{self, FlowError},
    status::{By, Step, Why},
};
use bulkhead_core::CoreError;
use bulkhead_guard::{action::DEFAULT_EMERGENCY, board::SCOPE_DOMAIN};
use bulkhead_testbed::DELAY_SECONDS;

use crate::{World, foreseen, must, not_yet, nothing_sent, sent};

/// How long a guardian's pause lasts on the test bed.
const PAUSE_SECONDS: i64 = 6 * 3_600;

#[tokio::test]
async fn a_pause_closes_what_it_names_and_is_not_sent_twice() {
    let world = World::new();
    let (session, domain, guardian) = (world.session(), world.domain(), world.member(0));
    let before = world.status().await;
    assert_eq!((before.phase, before.closed.len()), ("operating", 0));
    assert!(before.incident.is_none() && before.next_steps.is_empty());
    let breaker = &before.breakers[0];
    // The slot's limit is lower than the window's, and nothing has left.
    assert_eq!(
        (breaker.remaining, breaker.in_window, breaker.in_slot),
        (60_000, 100_000, 60_000)
    );

    let pause = || flows::pause(&session, domain, guardian, SCOPE_DOMAIN, 0);
    sent(&must(pause().await), 1);
    let paused = world.status().await;
    assert_eq!(paused.closed.len(), 1);
    let closed = &paused.closed[0];
    assert_eq!((closed.scope, closed.mask), (SCOPE_DOMAIN, DEFAULT_EMERGENCY));
    assert_eq!(closed.until, Some(world.now() + PAUSE_SECONDS));
    assert_eq!(
        closed.why,
        Why::GuardianPause {
            guardians: vec![guardian]
        }
    );
    assert!(paused.breakers[0].is_paused && paused.breakers[0].remaining == 0);
    let rights = |status: &bulkhead_client::status::DomainStatus| status.members[0].pause_rights;
    assert_eq!(rights(&paused), rights(&before) - 1, "a pause burns a right");

    nothing_sent(&must(pause().await));
    world.warp(30);
    nothing_sent(&must(pause().await));
    assert_eq!(
        rights(&world.status().await),
        rights(&paused),
        "the second run burns none"
    );
    // A part of what is closed is closed.
    nothing_sent(&must(flows::pause(&session, domain, guardian, 3, 1 << 1).await));
    // Ten minutes later the same pause lasts longer than the one in force.
    world.warp(600);
    sent(&must(pause().await), 1);
}

#[tokio::test]
async fn a_pause_that_the_program_refuses_is_not_sent() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    let pause = |member: usize, scope| flows::pause(&session, domain, world.member(member), scope, 1);
    foreseen(pause(3, 0).await, CoreError::RoleMissing);
    foreseen(pause(0, 64).await, CoreError::CompartmentOutOfRange);
    for compartment in 0..3 {
        sent(&must(pause(0, compartment).await), 1);
    }
    let refused = pause(0, 5).await;
    let Err(FlowError::Rule(CoreError::NoPauseRights, text)) = &refused else {
        panic!("{refused:?}");
    };
    assert!(text.contains(&world.member(1).to_string()), "it names who can: {text}");
    assert!(!text.contains(&world.member(0).to_string()), "{text}");
}

#[tokio::test]
async fn an_incident_from_the_alarm_to_the_end() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());

    // The first guardian opens the incident and confirms it.
    let confirm = |member: usize| flows::confirm(&session, domain, world.member(member));
    let first = must(confirm(0).await);
    sent(&first.done, 1);
    assert!(!first.is_reached);
    assert_eq!(first.missing.count, 1);
    assert_eq!(first.missing.from, [world.member(1), world.member(2)]);
    let again = must(confirm(0).await);
    nothing_sent(&again.done);
    assert_eq!((again.incident, &again.missing), (first.incident, &first.missing));
    let alert = world.status().await;
    assert_eq!(alert.phase, "alert");
    let incident = alert.incident.as_ref().expect("it is open");
    assert_eq!(
        (incident.key, incident.confirmed.as_slice()),
        (first.incident, &[world.member(0)][..])
    );
    let next = &alert.next_steps[0];
    assert_eq!((next.step, next.by), (Step::Confirm, By::Guardians));
    assert_eq!(next.who, first.missing.from);

    // Nobody can evacuate before the freeze.
    foreseen(
        flows::confirm_evacuation(&session, domain, world.member(0)).await,
        CoreError::WrongPhase,
    );
    let second = must(confirm(1).await);
    sent(&second.done, 1);
    assert!(second.is_reached && second.missing.count == 0);
    nothing_sent(&must(confirm(1).await).done);
    nothing_sent(&must(confirm(2).await).done);
    let frozen = world.status().await;
    assert_eq!(frozen.phase, "frozen");
    let freeze = frozen
        .closed
        .iter()
        .find(|closed| closed.until.is_none())
        .expect("it is frozen");
    assert_eq!(freeze.why, Why::Freeze { incident: 0 });
    assert_eq!(frozen.next_steps[0].step, Step::ConfirmEvacuation);

    evacuate(&world).await;
    resume(&world, first.incident).await;
}

/// The vault is moved to its route, to the unit.
async fn evacuate(world: &World) {
    let (session, domain) = (world.session(), world.domain());
    let balance = world.chain.machine().balance(&world.protocol.custody());
    let missing = not_yet(flows::evacuate(&session, domain).await);
    assert!(missing.contains(&world.member(2).to_string()), "{missing}");
    let confirm = |member: usize| flows::confirm_evacuation(&session, domain, world.member(member));
    let first = must(confirm(0).await);
    sent(&first.done, 1);
    assert_eq!((first.is_reached, first.missing.count), (false, 1));
    nothing_sent(&must(confirm(0).await).done);
    assert!(must(confirm(2).await).is_reached);
    nothing_sent(&must(confirm(1).await).done);
    assert_eq!(world.status().await.next_steps[0].step, Step::Evacuate);

    let evacuated = must(flows::evacuate(&session, domain).await);
    sent(&evacuated.done, 1);
    assert!(evacuated.is_conserved());
    let row = &evacuated.vaults[0];
    assert_eq!((row.before, row.moved, row.fee, row.after), (balance, balance, 0, 0));
    assert_eq!((row.recovered, &row.fault), (balance, &None));
    let sum = &evacuated.sums[0];
    assert_eq!(
        (sum.mint, sum.before, sum.recovered),
        (world.protocol.mint, balance.into(), balance.into())
    );
    let again = must(flows::evacuate(&session, domain).await);
    nothing_sent(&again.done);
    assert_eq!((&again.vaults, &again.sums), (&evacuated.vaults, &evacuated.sums));
    let status = world.status().await;
    assert_eq!((status.vaults[0].balance, status.vaults[0].is_active), (0, false));
    assert_eq!(status.next_steps[0].step, Step::OpenSnapshot);

    // What arrives later is moved by the next run, and added to the same sums.
    world
        .chain
        .machine()
        .mint_to(&world.protocol.mint, &world.protocol.custody(), 7);
    let later = must(flows::evacuate(&session, domain).await);
    sent(&later.done, 1);
    assert!(later.is_conserved());
    assert_eq!(
        (later.vaults[0].before, later.vaults[0].moved),
        (balance + 7, balance + 7)
    );
}

/// The proposal, step by step.
async fn resume(world: &World, incident: anchor_lang::prelude::Pubkey) {
    let (session, domain) = (world.session(), world.domain());
    let decision = || Decision::from(ResumeArgs { incident });
    let hash = EncodedDecision::from(&decision()).hash();
    foreseen(
        flows::propose(&session, domain, world.member(3), decision()).await,
        CoreError::RoleMissing,
    );
    let propose = || flows::propose(&session, domain, world.member(0), decision());
    let proposed = must(propose().await);
    sent(&proposed.done, 1);
    let again = must(propose().await);
    nothing_sent(&again.done);
    assert_eq!(again.proposal, proposed.proposal);
    let key = proposed.proposal;

    let wrong = flows::approve(&session, key, world.member(0), [7; 32]).await;
    assert!(matches!(wrong, Err(FlowError::NotPossible { .. })), "{wrong:?}");
    let approve = |member: usize| flows::approve(&session, key, world.member(member), hash);
    sent(&must(approve(0).await), 1);
    nothing_sent(&must(approve(0).await));
    let execute = || flows::execute(&session, key, world.payer());
    let missing = not_yet(execute().await);
    for member in [1, 2, 4] {
        assert!(missing.contains(&world.member(member).to_string()), "{missing}");
    }
    let status = world.status().await;
    assert_eq!((status.proposals[0].key, status.proposals[0].kind), (key, "resume"));
    assert_eq!(status.proposals[0].missing.count, 1);
    sent(&must(flows::withdraw(&session, key, world.member(0)).await), 1);
    nothing_sent(&must(flows::withdraw(&session, key, world.member(0)).await));
    for member in [0, 4] {
        sent(&must(approve(member).await), 1);
    }
    let due = world.now() + DELAY_SECONDS;
    let text = not_yet(execute().await);
    assert!(text.contains("in 1 h"), "{text}");
    let status = world.status().await;
    assert_eq!(
        (status.proposals[0].eta, status.proposals[0].is_ready),
        (Some(due), false)
    );

    world.warp(DELAY_SECONDS);
    assert!(world.status().await.proposals[0].is_ready);
    sent(&must(execute().await), 1);
    nothing_sent(&must(execute().await));
    nothing_sent(&must(approve(0).await));
    let status = world.status().await;
    assert_eq!((status.phase, status.closed.len()), ("operating", 0));
    assert!(status.incident.is_none() && status.proposals.is_empty());
    assert!(status.vaults[0].is_active, "the unpause knew of the evacuation");
    nothing_sent(&must(flows::resume(&session, domain, world.member(0)).await).done);
}

#[tokio::test]
async fn an_incident_that_nobody_confirms_lapses() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    nothing_sent(&must(flows::lapse(&session, domain).await));
    must(flows::confirm(&session, domain, world.member(0)).await);
    foreseen(flows::lapse(&session, domain).await, CoreError::PauseInForce);
    world.warp(PAUSE_SECONDS);
    assert_eq!(world.status().await.next_steps[0].step, Step::Lapse);
    sent(&must(flows::lapse(&session, domain).await), 1);
    nothing_sent(&must(flows::lapse(&session, domain).await));
    assert_eq!(world.status().await.phase, "operating");
}

#[tokio::test]
async fn a_veto_stops_a_proposal_once() {
    let world = World::new();
    let (session, domain, incident) = (world.session(), world.domain(), world.freeze().await);
    let decision = Decision::from(ResumeArgs { incident });
    let key = must(flows::propose(&session, domain, world.member(0), decision).await).proposal;
    foreseen(
        flows::veto(&session, key, world.member(0)).await,
        CoreError::RoleMissing,
    );
    sent(&must(flows::veto(&session, key, world.member(3)).await), 1);
    nothing_sent(&must(flows::veto(&session, key, world.member(3)).await));
    let over = flows::execute(&session, key, world.payer()).await;
    assert!(matches!(over, Err(FlowError::NotPossible { .. })), "{over:?}");
    assert!(world.status().await.proposals.is_empty());
    // The veto stands against the proposer, and not against the others.
    let again = Decision::from(ResumeArgs { incident });
    foreseen(
        flows::propose(&session, domain, world.member(0), again.clone()).await,
        CoreError::VetoStands,
    );
    sent(
        &must(flows::propose(&session, domain, world.member(1), again).await).done,
        1,
    );
}
