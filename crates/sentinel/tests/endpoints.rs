//! Endpoints that lie, lag, are down or never answer: an alarm when one reports something, an act when a quorum does.

mod common;

use std::sync::{Arc, Mutex};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_sentinel::source::{Event, quorum::Eyes};
use solana_account::Account;
use solana_signer::Signer;

use common::{FUNDS, Manner, Scene, clock_account, drain_rule, guardian, read, rob, treasury, world};

/// Rules by which causes of this rule are found, and how many of them a quorum confirmed.
fn causes(scene: &Scene, rule: &str) -> (usize, usize) {
    let all: Vec<_> = scene
        .sentinel
        .causes()
        .iter()
        .filter(|cause| cause.rule == rule)
        .collect();
    (all.len(), all.iter().filter(|cause| cause.confirmed_ts != 0).count())
}

fn lies() -> (Manner, Arc<Mutex<Vec<(Pubkey, Vec<u8>)>>>) {
    let lies = Arc::new(Mutex::new(Vec::new()));
    (Manner::Lies(Arc::clone(&lies)), lies)
}

/// The treasury's data with another balance.
fn with_balance(scene: &Scene, balance: u64) -> Vec<u8> {
    let mut data = scene.machine().account(&treasury()).unwrap().data;
    data[64..72].copy_from_slice(&balance.to_le_bytes());
    data
}

#[tokio::test]
async fn a_lie_of_one_endpoint_is_an_alarm_and_no_pause() {
    let folder = tempfile::tempdir().unwrap();
    let (manner, lying) = lies();
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Honest, manner, Manner::Honest];
    let mut scene = Scene::new(
        machine,
        protocol,
        &guardian(),
        manners,
        folder.path(),
        &drain_rule("pause"),
    )
    .await;
    scene.warm_up().await;
    let lie = with_balance(&scene, 0);
    lying.lock().unwrap().push((treasury(), lie));
    scene.turns(20).await;
    assert_eq!(causes(&scene, "drain"), (1, 0), "reported, and not confirmed");
    assert!(!scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 3);
    // It is found out: what it shows is not what a quorum shows.
    scene.turns(60).await;
    let (differs, _) = causes(&scene, "sentinel.endpoint-disagrees");
    assert_eq!(differs, 1);
}

#[tokio::test]
async fn a_lie_of_one_endpoint_does_not_hide_a_theft() {
    let folder = tempfile::tempdir().unwrap();
    let (manner, lying) = lies();
    let (machine, protocol, _) = world();
    let manners = vec![manner, Manner::Honest, Manner::Honest];
    let mut scene = Scene::new(
        machine,
        protocol,
        &guardian(),
        manners,
        folder.path(),
        &drain_rule("pause"),
    )
    .await;
    scene.warm_up().await;
    let truth = with_balance(&scene, FUNDS);
    lying.lock().unwrap().push((treasury(), truth));
    // It also shows a board on which nothing is paused, for ever.
    let board = pda::board(&scene.protocol.domain);
    let open = scene.machine().account(&board).unwrap().data;
    lying.lock().unwrap().push((board, open));
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(6).await;
    assert!(scene.is_paused());
    assert_eq!(
        scene.rights(&guardian().pubkey()),
        2,
        "it is not taken in by the board either"
    );
}

#[tokio::test]
async fn an_endpoint_that_goes_on_reporting_a_theft_hides_no_second_one() {
    let folder = tempfile::tempdir().unwrap();
    let (manner, lying) = lies();
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Honest, manner, Manner::Honest];
    let rule = drain_rule("pause");
    let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), &rule).await;
    scene.warm_up().await;
    let rights = |scene: &Scene| scene.rights(&guardian().pubkey());
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(3).await;
    assert_eq!(rights(&scene), 2);
    // It is made good, and one endpoint goes on showing an empty treasury.
    let empty = with_balance(&scene, 0);
    lying.lock().unwrap().push((treasury(), empty));
    rob(&mut scene.chain.machine(), &scene.protocol, FUNDS);
    // Until the cause is over and the pause has lapsed.
    for _ in 0..20 {
        scene.clock.seconds(1_200);
        scene.turns(1).await;
    }
    scene.clock.seconds(3_600);
    scene.turns(1).await;
    assert!(!scene.is_paused());
    assert_eq!(rights(&scene), 2, "the lie alone pauses nothing");
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(3).await;
    assert!(scene.is_paused(), "the second theft has a pause of its own");
    assert_eq!(rights(&scene), 1);
}

#[tokio::test]
async fn a_clock_that_one_endpoint_sets_ahead_burns_no_second_right() {
    let folder = tempfile::tempdir().unwrap();
    let (manner, lying) = lies();
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Honest, Manner::Honest, manner];
    let rule = drain_rule("pause");
    let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), &rule).await;
    scene.warm_up().await;
    let (slot, now) = (scene.slot(), scene.machine().clock().unix_timestamp);
    let (key, clock) = clock_account(slot + 9_000, now + 3_600);
    lying.lock().unwrap().push((key, clock.unwrap().data));
    // The guardian is active in the second of the theft, for example because it has just paused another compartment.
    let last = scene.last_active(&guardian().pubkey());
    let beat = ix::heartbeat(scene.protocol.domain, guardian().pubkey(), last);
    scene.machine().send(&[beat], &[&guardian()]).unwrap();
    assert_eq!(scene.last_active(&guardian().pubkey()), now);
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.look().await;
    scene.sentinel.settle().await;
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2, "one right of three");
}

#[tokio::test]
async fn a_late_one_a_dead_one_and_one_that_hangs_stop_nothing() {
    for manner in [Manner::Dead, Manner::Hangs] {
        let folder = tempfile::tempdir().unwrap();
        let (machine, protocol, _) = world();
        let manners = vec![manner, Manner::Honest, Manner::Honest];
        let mut scene = Scene::new(
            machine,
            protocol,
            &guardian(),
            manners,
            folder.path(),
            &drain_rule("pause"),
        )
        .await;
        scene.warm_up().await;
        let breach = scene.slot();
        rob(&mut scene.chain.machine(), &scene.protocol, 0);
        scene.turns(3).await;
        assert!(scene.is_paused());
        let slots = scene.board().guardian_pause_slot - breach;
        assert!(slots <= 4, "{slots} slots");
        assert_eq!(scene.rights(&guardian().pubkey()), 2);
    }
}

#[tokio::test]
async fn one_that_lags_is_waited_for_by_nobody_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let then = Arc::new(Mutex::new(None));
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Lags(Arc::clone(&then)), Manner::Honest, Manner::Honest];
    let mut scene = Scene::new(
        machine,
        protocol,
        &guardian(),
        manners,
        folder.path(),
        &drain_rule("pause"),
    )
    .await;
    scene.warm_up().await;
    *then.lock().unwrap() = Some(Box::new(scene.machine().fork()));
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(3).await;
    assert!(scene.is_paused());
    scene.turns(60).await;
    assert_eq!(causes(&scene, "sentinel.endpoint-lags").0, 1);
}

#[tokio::test]
async fn without_a_quorum_nothing_is_paused_and_everybody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Honest, Manner::Dead, Manner::Dead];
    let mut scene = Scene::new(
        machine,
        protocol,
        &guardian(),
        manners,
        folder.path(),
        &drain_rule("pause"),
    )
    .await;
    scene.warm_up().await;
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(4).await;
    assert!(!scene.is_paused());
    assert_eq!(causes(&scene, "drain"), (1, 0));
    // For as long as it waits for an endpoint, one that has not answered since the start is not down.
    assert_eq!(causes(&scene, "sentinel.quorum-lost"), (0, 0));
    assert_eq!(causes(&scene, "sentinel.endpoint-down"), (0, 0));
    scene.clock.seconds(16);
    scene.turns(2).await;
    assert!(!scene.is_paused());
    assert_eq!(causes(&scene, "sentinel.quorum-lost"), (1, 1));
    assert_eq!(causes(&scene, "sentinel.endpoint-down"), (2, 2));
}

fn account(data: &[u8]) -> Option<Account> {
    Some(Account {
        lamports: 1,
        data: data.to_vec(),
        ..Account::default()
    })
}

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

#[test]
fn a_read_that_began_before_a_notification_does_not_replace_it() {
    let mut eyes = Eyes::new(["one".to_owned()], 1, 1_000);
    let (clock, at) = clock_account(10, 100);
    let pushed = |order, data: &[u8]| {
        let report = bulkhead_sentinel::source::Report {
            key: key(1),
            account: account(data),
            domain: None,
        };
        Event::Pushed(order, report)
    };
    eyes.take(
        0,
        vec![read(1, vec![(clock, at.clone()), (key(1), account(b"old"))])],
        0,
    );
    eyes.take(0, vec![pushed(3, b"new")], 0);
    // This read was asked for as number 2, and answered late.
    eyes.take(
        0,
        vec![read(2, vec![(clock, at.clone()), (key(1), account(b"old"))])],
        0,
    );
    assert_eq!(eyes.counted(&key(1), &[0]), Some(&account(b"new")));
    eyes.take(0, vec![read(4, vec![(clock, at), (key(1), account(b"newer"))])], 0);
    assert_eq!(eyes.counted(&key(1), &[0]), Some(&account(b"newer")));
}

#[test]
fn a_read_from_an_older_slot_is_dropped_once() {
    let mut eyes = Eyes::new(["one".to_owned()], 1, 1_000);
    let batch = |order, slot, data: &[u8]| {
        let (clock, at) = clock_account(slot, 100);
        read(order, vec![(clock, at), (key(1), account(data))])
    };
    eyes.take(0, vec![batch(1, 10, b"ten")], 0);
    eyes.take(0, vec![batch(2, 8, b"eight")], 0);
    assert_eq!(eyes.counted(&key(1), &[0]), Some(&account(b"ten")));
    assert_eq!(eyes.all()[0].stale_reads, 1);
    // A node that stays there has gone back for good: after a fork, or from a snapshot.
    eyes.take(0, vec![batch(3, 8, b"eight")], 0);
    assert_eq!(eyes.counted(&key(1), &[0]), Some(&account(b"eight")));
}

#[test]
fn a_value_counts_when_a_quorum_of_the_open_eyes_reports_the_same_bytes() {
    let mut eyes = Eyes::new(["a", "b", "c"].map(str::to_owned), 2, 1_000);
    let (clock, at) = clock_account(10, 100);
    for (number, data) in [b"x", b"y", b"x"].into_iter().enumerate() {
        eyes.take(
            number,
            vec![read(1, vec![(clock, at.clone()), (key(1), account(data))])],
            0,
        );
    }
    assert_eq!(eyes.open(500), [0, 1, 2]);
    assert_eq!(eyes.counted(&key(1), &[0, 1, 2]), Some(&account(b"x")));
    assert_eq!(eyes.counted(&key(1), &[0, 1]), None);
    assert_eq!(eyes.counted(&key(2), &[0, 1, 2]), None, "nobody has read it");
    // One that is silent is not open, and one that only fails does not answer.
    eyes.take(0, vec![Event::Slot(11)], 1_500);
    eyes.take(1, vec![Event::Failed("busy".into())], 1_500);
    assert_eq!(eyes.open(1_600), [0]);
}

#[test]
fn one_eye_does_not_move_the_time_beyond_the_next() {
    let mut eyes = Eyes::new(["a", "b", "c"].map(str::to_owned), 2, 1_000);
    for (number, slot) in [10, u64::MAX, 12].into_iter().enumerate() {
        let (clock, at) = clock_account(slot, 100);
        eyes.take(number, vec![read(1, vec![(clock, at)])], 0);
    }
    assert_eq!(eyes.at(&[0, 1, 2]).unwrap().slot, 12);
    assert_eq!(eyes.at(&[0, 1]).unwrap().slot, 10, "of two, the earlier");
}

/// The vault is found before its route's account is read.
#[tokio::test]
async fn a_route_that_nobody_has_read_yet_is_not_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Honest; 3];
    let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), "").await;
    for _ in 0..8 {
        scene.turns(1).await;
        assert_eq!(causes(&scene, "sentinel.route"), (0, 0));
    }
    // Once it was read, its end is seen.
    let route = scene.protocol.recovery_account;
    scene
        .chain
        .machine()
        .write_account(&route, solana_account::Account::default());
    scene.turns(4).await;
    assert_eq!(causes(&scene, "sentinel.route"), (1, 1));
}
