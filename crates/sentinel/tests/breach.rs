//! A breach that the program cannot see by itself: the sentinel pauses, once, within the rights of its key.

mod common;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::domain::council::members;
use bulkhead_interface::{
    constants::{cause, phase},
    layout::{Council, Domain, Incident},
};
use bulkhead_sentinel::state::PauseState;
use bulkhead_testbed::{Protocol, Setup, keypair};
use solana_signer::Signer;

use common::{FUNDS, Manner, Scene, drain_rule, guardian, rob, world};

async fn scene(folder: &std::path::Path, manners: Vec<Manner>, more: &str) -> Scene {
    let (machine, protocol, _) = world();
    Scene::new(machine, protocol, &guardian(), manners, folder, more).await
}

/// The only pause that there is.
fn pause(scene: &Scene) -> &bulkhead_sentinel::state::Pause {
    let mut all = scene.sentinel.pauses().values();
    let pause = all.next().expect("there is a pause");
    assert!(all.next().is_none(), "one pause for one cause");
    pause
}

#[tokio::test]
async fn a_theft_that_no_breaker_meters_is_paused_within_a_few_slots() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    assert!(!scene.is_paused());
    let breach = scene.slot();
    rob(&mut scene.chain.machine(), &scene.protocol, 0);

    scene.look().await;
    scene.sentinel.settle().await;
    assert!(scene.is_paused());
    let slots = scene.board().guardian_pause_slot - breach;
    assert!(slots <= 2, "the pause is in force {slots} slots after the breach");
    assert_eq!(pause(&scene).state, PauseState::InForce);
    assert_eq!(pause(&scene).force_slot, scene.board().guardian_pause_slot);
    assert_eq!(scene.rights(&guardian().pubkey()), 2, "one right of three");
}

#[tokio::test]
async fn a_pause_that_was_not_read_yet_has_not_lapsed() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.look().await;
    scene.sentinel.settle().await;
    assert_eq!(pause(&scene).state, PauseState::InForce);
    // Nothing was reported since: what the endpoints showed last is the board from before the pause.
    scene.sentinel.step().await;
    assert_eq!(pause(&scene).note, "", "nobody is told that it is over");
    // It lapses while the theft is not over: that is told.
    scene.turns(1).await;
    assert_eq!(pause(&scene).note, "");
    let mut length = scene.board().domain_row.guardian_pause_until - scene.machine().clock().unix_timestamp;
    while length >= 0 {
        // It is found all the time, so that the cause stays open.
        scene.clock.seconds(500);
        length -= 500;
        rob(&mut scene.chain.machine(), &scene.protocol, FUNDS);
        scene.turns(1).await;
        rob(&mut scene.chain.machine(), &scene.protocol, 0);
        scene.turns(1).await;
    }
    assert!(!scene.is_paused());
    assert_eq!(pause(&scene).note, "lapsed");
    assert_eq!(scene.rights(&guardian().pubkey()), 2, "and it is not made again");
}

#[tokio::test]
async fn a_guardian_that_was_active_in_this_second_waits_for_the_next_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    // As after the pause of another compartment.
    let last = scene.last_active(&guardian().pubkey());
    let beat = ix::heartbeat(scene.protocol.domain, guardian().pubkey(), last);
    scene.machine().send(&[beat], &[&guardian()]).unwrap();
    let breach = scene.slot();
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.look().await;
    scene.sentinel.settle().await;
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
    // A second is two or three slots.
    let slots = scene.board().guardian_pause_slot - breach;
    assert!(slots <= 4, "the pause is in force {slots} slots after the breach");
}

#[tokio::test]
async fn honest_outflow_pauses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    // A tenth in ten minutes is in order, again and again.
    let mut held = FUNDS;
    for _ in 0..20 {
        held -= held / 10;
        rob(&mut scene.chain.machine(), &scene.protocol, held);
        scene.turns(2).await;
        scene.clock.seconds(700);
    }
    assert!(!scene.is_paused());
    assert_eq!(scene.sentinel.pauses().len(), 0);
    assert_eq!(scene.rights(&guardian().pubkey()), 3);
}

#[tokio::test]
async fn one_cause_is_paused_once_even_when_the_pause_lapses() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(20).await;
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
    // Longer than the pause, in steps in which the finding stays within its window.
    rob(&mut scene.chain.machine(), &scene.protocol, FUNDS);
    for _ in 0..60 {
        rob(&mut scene.chain.machine(), &scene.protocol, FUNDS);
        scene.turns(1).await;
        rob(&mut scene.chain.machine(), &scene.protocol, 0);
        scene.turns(1).await;
        scene.clock.seconds(500);
    }
    assert!(!scene.is_paused(), "it has lapsed");
    assert_eq!(scene.rights(&guardian().pubkey()), 2, "and is not made again");
}

#[tokio::test]
async fn several_endpoints_send_and_one_pause_lands() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(4).await;
    // Whatever any endpoint still holds back is refused: the heartbeat in it names an activity that is past.
    let attempts: Vec<_> = scene
        .sent
        .iter()
        .flat_map(|sent| sent.lock().unwrap().clone())
        .collect();
    let held_back = [
        ix::heartbeat(
            scene.protocol.domain,
            guardian().pubkey(),
            last_active_before(&attempts),
        ),
        ix::pause(scene.protocol.domain, guardian().pubkey(), 255, 0),
    ];
    let refused = scene.chain.machine().send(&held_back, &[&guardian()]).unwrap_err();
    assert_eq!(refused.code(), Some(bulkhead_core::CoreError::ActiveSince as u32));
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
}

/// The activity that the attempts named.
fn last_active_before(attempts: &[Vec<solana_instruction::Instruction>]) -> i64 {
    let pauses = attempts.iter().filter(|each| each.len() == 2);
    let beat = pauses.filter_map(|each| each.first()).next().expect("an attempt");
    i64::from_le_bytes(beat.data[8..16].try_into().unwrap())
}

#[tokio::test]
async fn what_a_trip_has_closed_costs_no_right_until_the_trip_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("pause")).await;
    scene.warm_up().await;
    // Another guardian is faster.
    let other = scene.protocol.members[0].insecure_clone();
    let pause_all = ix::pause(scene.protocol.domain, other.pubkey(), 255, 0);
    scene.chain.machine().send(&[pause_all], &[&other]).unwrap();
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(3).await;
    assert_eq!(pause(&scene).state, PauseState::Covered);
    assert_eq!(scene.rights(&guardian().pubkey()), 3);
    // Their pause lapses while the theft goes on.
    for _ in 0..50 {
        scene.clock.seconds(500);
        rob(&mut scene.chain.machine(), &scene.protocol, FUNDS);
        scene.turns(1).await;
        rob(&mut scene.chain.machine(), &scene.protocol, 0);
        scene.turns(1).await;
    }
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
}

#[tokio::test]
async fn a_rule_can_open_an_incident() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("incident")).await;
    scene.warm_up().await;
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(3).await;
    let machine = scene.machine();
    let domain: Domain = machine.load(&scene.protocol.domain);
    assert_eq!(domain.state, phase::ALERT);
    let incident: Incident = machine.load(&domain.open_incident);
    assert_eq!(
        (incident.cause, incident.source),
        (cause::GUARDIAN, guardian().pubkey())
    );
    drop(machine);
    assert!(scene.is_paused());
    assert_eq!(scene.rights(&guardian().pubkey()), 2);
}

#[tokio::test]
async fn a_key_with_other_roles_and_a_key_without_rights_pause_nothing() {
    for (key, more, expected) in [
        (0, "", PauseState::Refused),
        (3, "", PauseState::Refused),
        (
            0,
            "[pausing]\nallow_other_roles = true\nkeep_rights = 3\n",
            PauseState::Exhausted,
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (machine, protocol, _) = world();
        let key = protocol.members[key].insecure_clone();
        let more = format!("{more}{}", drain_rule("pause"));
        let mut scene = Scene::new(machine, protocol, &key, vec![Manner::Honest; 3], folder.path(), &more).await;
        scene.warm_up().await;
        rob(&mut scene.chain.machine(), &scene.protocol, 0);
        scene.turns(6).await;
        assert_eq!(pause(&scene).state, expected, "{}", pause(&scene).note);
        assert!(!scene.is_paused());
    }
}

#[tokio::test]
async fn each_attempt_offers_more_until_one_lands() {
    let folder = tempfile::tempdir().unwrap();
    let fees = "[fees]\npause_start = 1000\npause_rise_percent = 100\npause_most = 5000\n";
    let more = format!("quorum = 1\n{fees}{}", drain_rule("pause"));
    let mut scene = scene(folder.path(), vec![Manner::Honest], &more).await;
    scene.warm_up().await;
    let rights = |scene: &Scene| scene.rights(&guardian().pubkey());
    assert_eq!(rights(&scene), 3);
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(2).await;
    assert_eq!(rights(&scene), 2);
    assert_eq!(scene.prices.lock().unwrap().as_slice(), [1_000]);
    let fees = bulkhead_sentinel::config::Fees {
        pause_start: 1_000,
        pause_rise_percent: 100,
        pause_most: 5_000,
        ..Default::default()
    };
    let prices: Vec<u64> = (1..6)
        .map(|attempt| bulkhead_sentinel::act::price_of(&fees, attempt))
        .collect();
    assert_eq!(prices, [1_000, 2_000, 4_000, 5_000, 5_000]);
}

#[tokio::test]
async fn of_ten_domains_exactly_the_robbed_one_is_paused_and_as_fast() {
    const NAMES: [&str; 9] = ["b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, protocol, _) = world();
    let others: Vec<Protocol> = NAMES
        .into_iter()
        .map(|name| {
            let setup = Setup {
                name,
                ..Setup::default()
            };
            let protocol = Protocol::set_up(&mut machine, &setup);
            common::guarded(&mut machine, &protocol);
            protocol
        })
        .collect();
    let domains: Vec<Pubkey> = others.iter().map(|protocol| protocol.domain).collect();
    let robbed = &others[4];
    let books = keypair("books of f").pubkey();
    machine.create_token_account(&books, &robbed.mint, &robbed.operator.pubkey(), FUNDS);
    let rule = format!(
        "[[rule]]\nname = \"f\"\nkind = \"outflow\"\naccounts = [\"{books}\"]\nshare_bps = 1000\nwindow = \"10m\"\nact = \
         \"pause\"\ndomains = [\"{}\"]\n{}",
        robbed.domain,
        drain_rule("pause").replace("act", &format!("domains = [\"{}\"]\nact", protocol.domain))
    );
    let manners = vec![Manner::Honest; 3];
    let mut scene = Scene::among(machine, protocol, &domains, &guardian(), manners, folder.path(), &rule).await;
    scene.warm_up().await;
    let breach = scene.slot();
    scene
        .machine()
        .create_token_account(&books, &robbed.mint, &robbed.operator.pubkey(), 0);
    scene.look().await;
    scene.sentinel.settle().await;
    let machine = scene.machine();
    let paused: Vec<bool> = others
        .iter()
        .map(|each| each.board(&machine).domain_row.guardian_pause != 0)
        .collect();
    let expected: Vec<bool> = (0..others.len()).map(|number| number == 4).collect();
    assert_eq!(paused, expected);
    assert_eq!(scene.protocol.board(&machine).domain_row.guardian_pause, 0);
    let slots = robbed.board(&machine).guardian_pause_slot - breach;
    assert!(slots <= 2, "{slots} slots");
}

#[tokio::test]
async fn a_rule_that_raises_an_alarm_pauses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = scene(folder.path(), vec![Manner::Honest; 3], &drain_rule("alarm")).await;
    scene.warm_up().await;
    rob(&mut scene.chain.machine(), &scene.protocol, 0);
    scene.turns(3).await;
    let confirmed = scene
        .sentinel
        .causes()
        .iter()
        .filter(|cause| cause.rule == "drain" && cause.confirmed_ts != 0);
    assert_eq!(confirmed.count(), 1);
    assert!(!scene.is_paused());
    let council: Council = scene.machine().load(&pda::council(&scene.protocol.domain));
    assert!(members(&council).iter().all(|member| member.pause_rights == 3));
}
