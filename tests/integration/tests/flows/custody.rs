//! Cranks: trips, releases, leftovers, signs of life.

use bulkhead_client::{
    flows, pda,
    status::{LatchState, Step, WarningKind, Why},
};
use bulkhead_testbed::keypair;
use bulkhead_tests::{linked, receiver};
use solana_signer::Signer;

use crate::{World, must, nothing_sent, sent};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_latch_is_propagated_once() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    nothing_sent(&must(flows::propagate(&session, domain).await));
    let breaker = world.protocol.vault.breaker;
    {
        let mut machine = world.chain.machine();
        let user = receiver(&mut machine, &world.protocol, "user");
        world
            .protocol
            .release(&mut machine, user, 100_001, 1)
            .expect("it is queued");
    }
    let latched = world.status().await;
    let detector = latched
        .detectors
        .iter()
        .find(|detector| detector.key == breaker)
        .expect("it is there");
    assert_eq!((detector.latch, detector.is_unpropagated), (LatchState::InForce, true));
    assert!(latched.closed.is_empty(), "the board does not know");
    assert!(latched.breakers[0].latched_until.is_some());
    let warned = latched
        .warnings
        .iter()
        .find(|warning| warning.kind == WarningKind::NotPropagated);
    assert_eq!(warned.and_then(|warning| warning.about), Some(breaker));

    sent(&must(flows::propagate(&session, domain).await), 1);
    nothing_sent(&must(flows::propagate(&session, domain).await));
    let tripped = world.status().await;
    assert_eq!(tripped.phase, "alert");
    assert_eq!(
        tripped.closed[0].why,
        Why::Trip {
            detectors: vec![breaker]
        }
    );
    assert_eq!(tripped.incident.as_ref().map(|incident| incident.source), Some(breaker));
    assert_eq!(tripped.next_steps[0].step, Step::Confirm);
    assert!(
        tripped
            .warnings
            .iter()
            .all(|warning| warning.kind != WarningKind::NotPropagated)
    );
}

#[tokio::test]
async fn an_upstreams_pause_is_propagated_once() {
    let (machine, mut domains) = linked::domains(&["own", "upstream"], &[(0, 1)]);
    let upstream = domains.remove(1);
    let keys: Vec<_> = upstream.members.iter().collect();
    let world = World::of(machine, domains.remove(0), &keys);
    let (session, domain) = (world.session(), world.domain());
    nothing_sent(&must(flows::propagate(&session, domain).await));
    let guardian = upstream.members[0].pubkey();
    must(flows::pause(&session, upstream.domain, guardian, 255, 0).await);
    assert!(world.status().await.links[0].is_due);
    sent(&must(flows::propagate(&session, domain).await), 1);
    nothing_sent(&must(flows::propagate(&session, domain).await));
    let status = world.status().await;
    assert!(!status.links[0].is_due);
    let scopes: Vec<_> = status.closed.iter().map(|closed| closed.scope).collect();
    assert_eq!(scopes, [0, 5, 63], "the linked compartments, and nothing else");
    for closed in &status.closed {
        assert_eq!(
            closed.why,
            Why::Link {
                upstreams: vec![upstream.domain],
                peers: vec![]
            }
        );
    }
    // A freeze has no end. It is propagated again when that extends the pause by enough to matter.
    for member in 0..2 {
        must(flows::confirm(&session, upstream.domain, upstream.members[member].pubkey()).await);
    }
    sent(&must(flows::propagate(&session, domain).await), 1);
    world.warp(60);
    nothing_sent(&must(flows::propagate(&session, domain).await));
    world.warp(2 * 3_600);
    sent(&must(flows::propagate(&session, domain).await), 1);
}

#[tokio::test]
async fn a_release_is_paid_when_it_is_due_and_its_record_is_closed() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    let user = {
        let mut machine = world.chain.machine();
        let user = receiver(&mut machine, &world.protocol, "user");
        // More than the slot's 60,000, and less than what latches.
        world
            .protocol
            .release(&mut machine, user, 80_000, 1)
            .expect("it is queued");
        user
    };
    nothing_sent(&must(flows::settle_releases(&session, domain).await));
    let queue = world.status().await.vaults[0].queue.clone();
    assert_eq!((queue.count, queue.owed, queue.payable), (1, 80_000, 0));
    assert_eq!(queue.next_ts, Some(world.now() + DAY));
    let close = || flows::close_leftovers(&session, domain, world.payer());
    nothing_sent(&must(close().await).done);

    world.warp(DAY);
    assert_eq!(world.status().await.vaults[0].queue.payable, 80_000);
    // 60,000 in one slot, and the rest in a later one.
    sent(&must(flows::settle_releases(&session, domain).await), 2);
    assert_eq!(world.chain.machine().balance(&user), 80_000);
    nothing_sent(&must(flows::settle_releases(&session, domain).await));
    assert_eq!(world.status().await.vaults[0].queue.count, 0);

    let release = pda::release(&world.protocol.vault.vault, 1);
    let rent = world
        .chain
        .machine()
        .account(&release)
        .expect("its record is there")
        .lamports;
    let closed = must(close().await);
    sent(&closed.done, 1);
    assert_eq!((closed.releases, closed.proposals, closed.lamports), (1, 0, rent));
    assert!(world.chain.machine().account(&release).is_none());
    nothing_sent(&must(close().await).done);
}

#[tokio::test]
async fn a_release_that_an_evacuation_voids_is_reported_and_not_paid() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    {
        let mut machine = world.chain.machine();
        let user = receiver(&mut machine, &world.protocol, "user");
        world
            .protocol
            .release(&mut machine, user, 80_000, 1)
            .expect("it is queued");
    }
    world.freeze().await;
    for member in 0..2 {
        must(flows::confirm_evacuation(&session, domain, world.member(member)).await);
    }
    must(flows::evacuate(&session, domain).await);
    world.warp(DAY);
    nothing_sent(&must(flows::settle_releases(&session, domain).await));
    let queue = world.status().await.vaults[0].queue.clone();
    assert_eq!((queue.count, queue.stopped_count, queue.stopped), (0, 1, 80_000));
}

#[tokio::test]
async fn a_heartbeat_is_sent_when_it_says_something() {
    let world = World::new();
    let (session, domain, member) = (world.session(), world.domain(), world.member(4));
    nothing_sent(&must(flows::heartbeat(&session, domain, member).await));
    world.warp(2 * 3_600);
    sent(&must(flows::heartbeat(&session, domain, member).await), 1);
    nothing_sent(&must(flows::heartbeat(&session, domain, member).await));
    let status = world.status().await;
    assert_eq!(status.members[4].last_active_ts, world.now());
    // A stranger is told who the members are.
    let stranger = keypair("stranger").pubkey();
    crate::foreseen(
        flows::heartbeat(&session, domain, stranger).await,
        bulkhead_core::CoreError::NotAMember,
    );
}

#[tokio::test]
async fn evacuating_continues_where_a_route_was_in_the_way() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    let recovery_account = world.protocol.recovery_account;
    let sound = world.chain.machine().account(&recovery_account).expect("it is there");
    let mut frozen = sound.clone();
    frozen.data[108] = 2;
    world.chain.machine().write_account(&recovery_account, frozen);
    world.freeze().await;
    for member in 0..2 {
        must(flows::confirm_evacuation(&session, domain, world.member(member)).await);
    }
    let stuck = must(flows::evacuate(&session, domain).await);
    sent(&stuck.done, 1);
    assert!(stuck.is_conserved());
    let row = &stuck.vaults[0];
    assert_eq!((row.before, row.moved, row.after), (1_000_000, 0, 1_000_000));
    assert!(
        row.fault.as_deref().is_some_and(|fault| fault.contains("frozen")),
        "{row:?}"
    );
    nothing_sent(&must(flows::evacuate(&session, domain).await).done);
    assert_eq!(world.status().await.next_steps[0].step, Step::RegisterRoute);

    world.chain.machine().write_account(&recovery_account, sound);
    let moved = must(flows::evacuate(&session, domain).await);
    sent(&moved.done, 1);
    assert!(moved.is_conserved());
    assert_eq!(
        (moved.vaults[0].moved, moved.vaults[0].recovered),
        (1_000_000, 1_000_000)
    );
    nothing_sent(&must(flows::evacuate(&session, domain).await).done);
}
