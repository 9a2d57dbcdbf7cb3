//! What the status warns of.

use bulkhead_client::{
    flows,
    status::{DomainStatus, Warning, WarningKind, Why, text},
};
use bulkhead_core::messages::message::Body;
use bulkhead_testbed::HEARTBEAT_SECONDS;
use bulkhead_tests::peers::{CHAIN, Heard, RIGHTS, ROTATION, attesters};

use crate::{World, must, sent};

fn warnings(status: &DomainStatus, kind: WarningKind) -> Vec<&Warning> {
    status.warnings.iter().filter(|warning| warning.kind == kind).collect()
}

#[tokio::test]
async fn a_route_that_changed_hands_is_a_warning() {
    let world = World::new();
    assert!(warnings(&world.status().await, WarningKind::Route).is_empty());
    let route = world.protocol.recovery_account;
    let sound = world.chain.machine().account(&route).expect("it is there");
    // Holder, delegate and close authority of a token account.
    for (place, byte) in [(32, 9), (72, 1), (129, 1)] {
        let mut changed = sound.clone();
        changed.data[place] = byte;
        changed.data[place + 4] = 9;
        world.chain.machine().write_account(&route, changed);
        let status = world.status().await;
        let found = warnings(&status, WarningKind::Route);
        assert_eq!(found.len(), 1, "{place}");
        assert_eq!(found[0].about, Some(world.protocol.vault.vault));
        assert!(status.vaults[0].route_fault.is_some());
    }
}

#[tokio::test]
async fn what_ends_within_the_hour_is_a_warning() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    must(flows::confirm(&session, domain, world.member(0)).await);
    let ends = |status: &DomainStatus| {
        let count = |kind| warnings(status, kind).len();
        (count(WarningKind::PauseLapses), count(WarningKind::IncidentLapses))
    };
    assert_eq!(ends(&world.status().await), (0, 0));
    world.warp(5 * 3_600);
    assert_eq!(ends(&world.status().await), (1, 1));
    // Confirmed, the incident does not lapse, and the freeze keeps closed what the pause closes.
    must(flows::confirm(&session, domain, world.member(1)).await);
    assert_eq!(ends(&world.status().await), (0, 0));
}

#[tokio::test]
async fn a_guardian_without_rights_is_a_warning() {
    let world = World::new();
    let (session, domain, guardian) = (world.session(), world.domain(), world.member(0));
    for compartment in 0..3 {
        sent(&must(flows::pause(&session, domain, guardian, compartment, 1).await), 1);
    }
    let status = world.status().await;
    let found = warnings(&status, WarningKind::GuardianWithoutRights);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].about, Some(guardian));
    assert_eq!((status.members[0].pause_rights, status.members[0].pauses_left), (0, 0));
    assert_eq!(status.members[1].pauses_left, 3);
}

#[tokio::test]
async fn a_council_that_cannot_decide_is_a_warning() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    assert!(warnings(&world.status().await, WarningKind::ThresholdOutOfReach).is_empty());
    world.warp(HEARTBEAT_SECONDS + 1);
    let silent = world.status().await;
    assert!(
        silent
            .members
            .iter()
            .all(|member| !member.is_eligible && member.silent_from.is_none())
    );
    // Four classes of proposals, and the freeze.
    assert_eq!(warnings(&silent, WarningKind::ThresholdOutOfReach).len(), 5);
    // Two approvers, who are guardians too, are back a day after their heartbeats.
    for member in 0..2 {
        must(flows::heartbeat(&session, domain, world.member(member)).await);
    }
    let back = world.status().await;
    assert_eq!(back.members[0].eligible_from, Some(world.now() + 86_400));
    assert_eq!(warnings(&back, WarningKind::ThresholdOutOfReach).len(), 5);
    world.warp(86_400);
    assert!(warnings(&world.status().await, WarningKind::ThresholdOutOfReach).is_empty());
}

#[tokio::test]
async fn a_route_that_nobody_looks_at_is_a_warning() {
    let world = World::new();
    let observed = |status: &DomainStatus| warnings(status, WarningKind::NotObserved).is_empty();
    assert!(!observed(&world.status().await), "nobody has ever looked");
    let look = bulkhead_client::instructions::observe_evacuation_route(
        world.domain(),
        world.protocol.vault.vault,
        world.protocol.recovery_account,
    );
    world.chain.machine().send(&[look], &[]).expect("anyone may look");
    assert!(observed(&world.status().await));
    world.warp(3_600);
    assert!(observed(&world.status().await), "an hour is not too long");
    world.warp(1);
    assert!(!observed(&world.status().await));
}

#[tokio::test]
async fn programs_and_people_read_the_same() {
    let world = World::new();
    let (session, domain) = (world.session(), world.domain());
    let frozen = world.freeze().await;
    must(flows::resume(&session, domain, world.member(0)).await);
    let status = world.status().await;
    let json = serde_json::to_value(&status).expect("it serialises");
    assert_eq!(json["domain"], domain.to_string());
    assert_eq!(json["phase"], "frozen");
    assert_eq!(json["incident"]["key"], frozen.to_string());
    assert_eq!(json["closed"][0]["why"]["reason"], "freeze");
    assert_eq!(json["vaults"][0]["balance"], "1000000", "amounts are strings");
    assert_eq!(json["proposals"][0]["fields"]["incident"], frozen.to_string());
    assert_eq!(json["next_steps"][0]["step"], "confirm_evacuation");
    let text = text(&status);
    for part in [
        domain.to_string(),
        frozen.to_string(),
        "FROZEN".to_owned(),
        "until a proposal opens it".to_owned(),
        status.proposals[0].key.to_string(),
        "-> ".to_owned(),
    ] {
        assert!(text.contains(&part), "{part}\n{text}");
    }
    for member in 0..5 {
        let key = world.member(member).to_string();
        assert!(text.contains(&key[..4]), "{text}");
    }
}

#[tokio::test]
async fn peers_are_shown_with_what_they_closed_and_said() {
    let mut heard = Heard::new();
    let (pause, request) = (heard.pause(3), Body::ResumeRequest { council_epoch: 1 });
    heard.hear(&pause).expect("heard");
    let asks = heard.message(4, 4, request);
    heard.hear(&asks).expect("recorded");
    let rotation = heard.rotation(3, &attesters(&[1, 2, 3, 4]), &[0, 1]);
    heard.machine.send(&[rotation], &[]).expect("announced");
    let (key, first) = (heard.of().peer, heard.peer().attesters.epoch);
    let world = World::of(heard.machine, heard.protocol, &[]);
    let rotates = world.now() + ROTATION;

    let status = world.status().await;
    let closing = status
        .closed
        .iter()
        .filter(|closed| matches!(&closed.why, Why::Link { peers, .. } if *peers == [key]));
    assert_eq!(closing.map(|closed| closed.scope).collect::<Vec<_>>(), [0, 5]);
    let [peer] = &status.peers[..] else {
        panic!("{:?}", status.peers);
    };
    assert_eq!(
        (peer.key, peer.chain, &peer.compartments[..]),
        (key, CHAIN, &[0, 5][..])
    );
    assert_eq!((peer.epoch, peer.pause_epoch, peer.sequence), (4, 3, 4));
    assert_eq!(peer.pauses_left, RIGHTS - 1);
    assert_eq!(peer.request.as_ref().map(|request| request.epoch), Some(4));
    assert_eq!(
        (peer.attesters_epoch, peer.attesters, peer.rotates_ts),
        (first, (2, 3), Some(rotates))
    );
    // Lines are wrapped.
    let words: Vec<_> = text(&status).split_whitespace().map(str::to_owned).collect();
    assert!(words.join(" ").contains("asks to resume, epoch 4"));

    world.warp(ROTATION);
    let peer = &world.status().await.peers[0];
    assert_eq!(
        (peer.attesters_epoch, peer.attesters, peer.rotates_ts),
        (first + 1, (3, 4), None)
    );
}
