//! Killed at any point: nothing is lost, and nothing is done twice.

mod common;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use bulkhead_sentinel::{
    config::{Response, Severity},
    state::{Cause, DutyRow, DutyState, Pause, PauseState, StateError, Store},
};
use bulkhead_testbed::Protocol;
use solana_keypair::Keypair;
use solana_signer::Signer;

use common::{Fuse, Manner, Scene, drain_rule, guardian, rob, treasury, world};

/// A protocol that is set up already, once more.
fn copy(protocol: &Protocol) -> Protocol {
    Protocol {
        setup_authority: protocol.setup_authority.insecure_clone(),
        members: protocol.members.iter().map(Keypair::insecure_clone).collect(),
        operator: protocol.operator.insecure_clone(),
        ..*protocol
    }
}

fn fuse() -> Arc<Fuse> {
    Arc::new(Fuse {
        left: AtomicUsize::new(usize::MAX),
        lands: AtomicBool::new(false),
    })
}

/// Lets it run as far as it comes.
async fn as_far_as_it_comes(scene: &mut Scene) {
    for _ in 0..2 {
        let looking = async {
            scene.report().await;
            scene.sentinel.step().await;
            scene.sentinel.settle().await;
        };
        tokio::select! {
            biased;
            () = looking => {}
            () = long() => {}
        }
    }
}

/// Long enough for everything that does not hang.
async fn long() {
    for _ in 0..20_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_pause_that_is_killed_after_any_request_is_made_exactly_once() {
    let (machine, protocol, _) = world();
    for lands in [false, true] {
        for after in 0..24 {
            let folder = tempfile::tempdir().unwrap();
            let fuse = fuse();
            let manners = vec![Manner::Fuse(Arc::clone(&fuse)); 3];
            let (machine, protocol) = (machine.fork(), copy(&protocol));
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
            // The reads that find it are answered; the kill comes so many requests later.
            scene.report().await;
            fuse.lands.store(lands, Ordering::SeqCst);
            fuse.left.store(after, Ordering::SeqCst);
            let acting = async {
                scene.sentinel.step().await;
                scene.sentinel.settle().await;
            };
            tokio::select! {
                biased;
                () = acting => {}
                () = long() => {}
            }
            scene.kill().await;
            fuse.left.store(usize::MAX, Ordering::SeqCst);
            scene.turns(6).await;
            assert!(scene.is_paused(), "killed after {after} requests, lands {lands}");
            let rights = scene.rights(&guardian().pubkey());
            assert_eq!(rights, 2, "killed after {after} requests, lands {lands}");
            let states: Vec<_> = scene.sentinel.pauses().values().map(|pause| pause.state).collect();
            assert_eq!(
                states,
                [PauseState::InForce],
                "killed after {after} requests, lands {lands}"
            );
        }
    }
}

#[tokio::test]
async fn kills_all_the_time_neither_lose_a_pause_nor_repeat_it() {
    let (machine, protocol, _) = world();
    let folder = tempfile::tempdir().unwrap();
    let fuse = fuse();
    let manners = vec![Manner::Fuse(Arc::clone(&fuse)); 3];
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
    for round in 0..40_usize {
        fuse.lands.store(round % 2 == 0, Ordering::SeqCst);
        // A different number of requests in each round; the discovery of one endpoint alone takes twenty.
        fuse.left.store(round * 7 % 131, Ordering::SeqCst);
        as_far_as_it_comes(&mut scene).await;
        scene.kill().await;
        scene.clock.slot();
    }
    fuse.left.store(usize::MAX, Ordering::SeqCst);
    scene.turns(12).await;
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
}

fn confirmed(scene: &Scene) -> Cause {
    let machine = scene.machine();
    let (slot, now) = (machine.clock().slot, machine.clock().unix_timestamp);
    Cause {
        id: format!("{}/drain/{}/{slot}", scene.protocol.domain, treasury()),
        domain: scene.protocol.domain,
        rule: "drain".into(),
        subject: treasury().to_string(),
        severity: Severity::Critical,
        text: "recorded before the kill".into(),
        eyes: 3,
        opened_slot: slot,
        opened_ts: now,
        seen_ts: now,
        quorate_ts: now,
        confirmed_ts: now,
        cleared_ts: 0,
    }
}

async fn scene(folder: &Path) -> Scene {
    let (machine, protocol, _) = world();
    let manners = vec![Manner::Honest; 3];
    Scene::new(machine, protocol, &guardian(), manners, folder, &drain_rule("pause")).await
}

#[tokio::test]
async fn a_cause_that_was_confirmed_and_not_answered_is_answered_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path()).await;
    scene.warm_up().await;
    let cause = confirmed(&scene);
    scene.store().save_cause(&cause, &[]).await.unwrap();
    scene.kill().await;
    scene.turns(4).await;
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
    assert_eq!(
        scene.sentinel.pauses().get(&cause.id).unwrap().state,
        PauseState::InForce
    );
}

#[tokio::test]
async fn a_pause_whose_attempt_landed_long_ago_is_not_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path()).await;
    scene.warm_up().await;
    let cause = confirmed(&scene);
    scene.store().save_cause(&cause, &[]).await.unwrap();
    scene.kill().await;
    scene.turns(4).await;
    let made = scene.sentinel.pauses().get(&cause.id).unwrap().clone();
    // As if it had been killed after the transaction landed and before that was recorded, for as long as the pause lasts.
    let planned = Pause {
        state: PauseState::Planned,
        signature: String::new(),
        force_slot: 0,
        ..made
    };
    scene.store().save_pause(&planned, &[]).await.unwrap();
    scene.clock.seconds(7 * 3_600);
    let cause = Cause {
        seen_ts: scene.machine().clock().unix_timestamp,
        ..cause
    };
    scene.store().save_cause(&cause, &[]).await.unwrap();
    scene.kill().await;
    scene.turns(6).await;
    assert!(!scene.is_paused(), "it has lapsed");
    assert_eq!(scene.rights(&guardian().pubkey()), 2, "and its cause has had its pause");
}

#[tokio::test]
async fn a_pause_that_was_planned_anew_is_made_after_a_kill_although_another_one_lapsed_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path()).await;
    scene.warm_up().await;
    let planned = |scene: &Scene, cause: &Cause, state, attempts| Pause {
        cause: cause.id.clone(),
        domain: cause.domain,
        kind: Response::Pause,
        scope: 255,
        mask: 0,
        state,
        planned_slot: scene.slot(),
        planned_ts: scene.machine().clock().unix_timestamp,
        expected: -1,
        attempts,
        signature: String::new(),
        force_slot: 0,
        note: String::new(),
    };
    // Another guardian pauses after the pause was planned, so that it is not needed.
    let cause = confirmed(&scene);
    let covered = planned(&scene, &cause, PauseState::Covered, 0);
    scene.clock.seconds(2);
    let other = scene.protocol.members[0].insecure_clone();
    let pause_all = bulkhead_client::instructions::pause(scene.protocol.domain, other.pubkey(), 255, 0);
    scene.machine().send(&[pause_all], &[&other]).unwrap();
    scene.store().save_pause(&covered, &[]).await.unwrap();
    // It lapses, the pause is planned anew, and the daemon is killed before its first attempt lands.
    scene.clock.seconds(7 * 3_600);
    let anew = planned(&scene, &cause, PauseState::Planned, 1);
    scene.store().save_pause(&anew, &[]).await.unwrap();
    assert_eq!(scene.store().pause(&cause.id).await.unwrap(), Some(anew));
    let cause = Cause {
        seen_ts: scene.machine().clock().unix_timestamp,
        ..cause
    };
    scene.store().save_cause(&cause, &[]).await.unwrap();
    scene.kill().await;
    scene.turns(6).await;
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
}

#[tokio::test]
async fn what_a_rule_saw_before_the_restart_is_still_known() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path()).await;
    scene.warm_up().await;
    scene.kill().await;
    // Robbed while the daemon was down.
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(4).await;
    assert!(scene.is_paused());
}

#[tokio::test]
async fn the_state_is_one_daemons() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("deeper/state.db").display());
    let first = Store::open(&url).await.unwrap();
    assert!(first.lead().await.unwrap());
    let second = Store::open(&url).await.err().unwrap();
    assert!(matches!(second, StateError::InUse { .. }), "{second}");
    first.close().await;
    assert!(Store::open(&url).await.is_ok());
}

#[tokio::test]
async fn the_state_gives_back_what_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("state.db").display());
    let store = Store::open(&url).await.unwrap();
    let domain = treasury();
    let row = DutyRow {
        duty: "price/x".into(),
        domain,
        number: i64::MIN,
        state: DutyState::Failed,
        slot: u64::try_from(i64::MAX).unwrap(),
        ts: -1,
        failures: u32::MAX,
        retry_ts: 7,
        note: "a 'note' with ; and \u{1f600}".into(),
    };
    store.save_duties(std::slice::from_ref(&row)).await.unwrap();
    let pause = Pause {
        cause: "c".into(),
        domain,
        kind: Response::Incident,
        scope: 255,
        mask: u32::MAX,
        state: PauseState::Exhausted,
        planned_slot: 1,
        planned_ts: 2,
        expected: -1,
        attempts: 3,
        signature: String::new(),
        force_slot: 4,
        note: String::new(),
    };
    store.save_pause(&pause, &[]).await.unwrap();
    store.spend(5, 10).await.unwrap();
    store.spend(5, 11).await.unwrap();
    store.close().await;
    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.duties().await.unwrap(), [row]);
    assert_eq!(store.pause("c").await.unwrap(), Some(pause));
    assert_eq!(store.pause("d").await.unwrap(), None);
    assert_eq!((store.spent(5).await.unwrap(), store.spent(6).await.unwrap()), (21, 0));
    assert!(store.unfinished_pauses().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_state_is_named() {
    for url in ["mysql://host/db", "state.db", ""] {
        let error = Store::open(url).await.err().unwrap();
        assert!(matches!(error, StateError::Unknown { .. }), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    let url = format!("sqlite://{}", folder.path().join("file/state.db").display());
    let error = Store::open(&url).await.err().unwrap();
    assert!(matches!(error, StateError::Unreachable { .. }), "{error}");
    let error = Store::open("postgres://user:secret@host/db")
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(!error.contains("secret"), "{error}");
}
