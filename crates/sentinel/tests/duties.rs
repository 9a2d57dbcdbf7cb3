//! What anyone may do for a domain, done when it is due and no more often.

mod common;

use std::{path::Path, time::Duration};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::detectors::latch;
use bulkhead_interface::{
    constants::{cause, incident_state, phase, release_state, snapshot_state, vault_state},
    layout::{AuthorityWatch, Domain, Incident, Release, Snapshot, SolvencyBreaker, Vault},
};
use bulkhead_sentinel::{clock::Clock, state::DutyState};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{detectors as prepared, linked, receiver, world_with};
use solana_instruction::Instruction;
use solana_signer::Signer;

use common::{Manner, Scene, guardian};

/// A protocol that `configure` adds something to before it is activated.
fn configured(configure: impl FnOnce(&mut Machine, &Protocol) -> Vec<Instruction>) -> (Machine, Protocol) {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    for step in configure(&mut machine, &protocol) {
        prepared::configure(&mut machine, &protocol, step).unwrap();
    }
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    machine.warp_seconds(60);
    (machine, protocol)
}

async fn scene(machine: Machine, protocol: Protocol, folder: &Path, more: &str) -> Scene {
    Scene::new(machine, protocol, &guardian(), vec![Manner::Honest; 3], folder, more).await
}

/// How many transactions with this instruction were sent, through whichever endpoint.
fn sent(scene: &Scene, like: &Instruction) -> usize {
    let all = scene.sent.iter().flat_map(|sent| sent.lock().unwrap().clone());
    all.filter(|each| {
        each.iter()
            .any(|one| one.data == like.data && one.accounts == like.accounts)
    })
    .count()
}

fn upgrader() -> Pubkey {
    keypair("upgrader").pubkey()
}

fn watched_program(machine: &mut Machine, protocol: &Protocol) -> Vec<Instruction> {
    let args = prepared::program_args(&upgrader());
    prepared::write_program_data(machine, &args.account, 7, Some(&upgrader()));
    vec![ix::open_authority_watch(
        prepared::in_set_up(protocol),
        machine.payer.pubkey(),
        args,
    )]
}

#[tokio::test]
async fn a_stolen_authority_is_looked_at_and_propagated_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol) = configured(watched_program);
    let mut scene = scene(machine, protocol, folder.path(), "").await;
    scene.warm_up().await;
    let args = prepared::program_args(&upgrader());
    let watch = prepared::watch(&scene.protocol, &args);
    let stolen = scene.slot();
    prepared::write_program_data(
        &mut scene.chain.machine(),
        &args.account,
        8,
        Some(&keypair("thief").pubkey()),
    );
    scene.turns(8).await;
    {
        let machine = scene.machine();
        let domain: Domain = machine.load(&scene.protocol.domain);
        let incident: Incident = machine.load(&domain.open_incident);
        assert_eq!((incident.cause, incident.source), (cause::AUTHORITY, watch));
        let latched: AuthorityWatch = machine.load(&watch);
        assert!(
            latched.latch.slot - stolen <= 4,
            "{} slots to the latch",
            latched.latch.slot - stolen
        );
        let paused = incident.steps[bulkhead_interface::constants::step::PAUSE].slot;
        assert!(
            paused - stolen <= 8,
            "{} slots to the trip on the board",
            paused - stolen
        );
        let board = scene.protocol.board(&machine);
        assert_ne!(board.rows[usize::from(prepared::COMPARTMENT)].trip, 0);
    }
    // The same finding is not looked at again and again.
    let look = ix::observe_authority(scene.protocol.domain, watch, args.account);
    let looks = sent(&scene, &look);
    scene.turns(20).await;
    assert_eq!(sent(&scene, &look), looks);
}

/// Looks for so many slots, and lets what was begun go on meanwhile.
async fn watch_for(scene: &mut Scene, slots: usize) {
    for _ in 0..slots {
        scene.look().await;
        scene.clock.sleep(Duration::from_millis(common::SLOT_MS)).await;
    }
}

#[tokio::test]
async fn an_endpoint_that_denies_or_swallows_every_transaction_stops_no_trip() {
    for manner in [Manner::Denies, Manner::Swallows] {
        let folder = tempfile::tempdir().unwrap();
        let (machine, protocol) = configured(watched_program);
        let manners = vec![manner, Manner::Honest, Manner::Honest];
        let mut scene = Scene::new(machine, protocol, &guardian(), manners, folder.path(), "").await;
        // Nobody waits for what is in flight: a transaction that was swallowed is in flight for minutes.
        watch_for(&mut scene, 12).await;
        let args = prepared::program_args(&upgrader());
        let thief = keypair("thief").pubkey();
        prepared::write_program_data(&mut scene.chain.machine(), &args.account, 8, Some(&thief));
        watch_for(&mut scene, 16).await;
        let board = scene.protocol.board(&scene.machine());
        assert_ne!(board.rows[usize::from(prepared::COMPARTMENT)].trip, 0);
    }
}

#[tokio::test]
async fn regular_looks_are_made_once_in_a_period_also_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol) = configured(watched_program);
    let mut scene = scene(machine, protocol, folder.path(), "[schedule]\nauthority = \"10m\"\n").await;
    scene.warm_up().await;
    let args = prepared::program_args(&upgrader());
    let look = ix::observe_authority(
        scene.protocol.domain,
        prepared::watch(&scene.protocol, &args),
        args.account,
    );
    let before = sent(&scene, &look);
    // Two hours in steps of half a minute, with a kill after each.
    let start = scene.machine().clock().unix_timestamp;
    for _ in 0..240 {
        scene.turns(1).await;
        scene.kill().await;
        scene.clock.seconds(30);
    }
    let end = scene.machine().clock().unix_timestamp;
    let periods = usize::try_from(end / 600 - start / 600).unwrap();
    let looks = sent(&scene, &look) - before;
    assert!(
        (periods - 1..=periods + 1).contains(&looks),
        "{looks} looks in {periods} periods"
    );
}

#[tokio::test]
async fn a_shortfall_is_looked_at_twice_and_latches_when_it_has_lasted() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol) = configured(|machine, protocol| {
        prepared::write_liabilities(machine, protocol, 1_000_000);
        let args = prepared::solvency_args(protocol);
        vec![ix::open_solvency_breaker(
            prepared::in_set_up(protocol),
            machine.payer.pubkey(),
            args,
        )]
    });
    let mut scene = scene(machine, protocol, folder.path(), "").await;
    scene.warm_up().await;
    prepared::write_liabilities(&mut scene.chain.machine(), &scene.protocol, 2_000_000);
    let short = scene.slot();
    // It has to last for half a minute, which is 75 slots.
    scene.turns(110).await;
    let args = prepared::solvency_args(&scene.protocol);
    let key = pda::solvency_breaker(&scene.protocol.domain, args.compartment, &args.liabilities);
    let machine = scene.machine();
    let breaker: SolvencyBreaker = machine.load(&key);
    let board = scene.protocol.board(&machine);
    assert!(latch::is_in_force(
        &breaker.latch,
        board.unpaused_slot,
        machine.clock().unix_timestamp
    ));
    assert!(
        (75..100).contains(&(breaker.latch.slot - short)),
        "{} slots",
        breaker.latch.slot - short
    );
    assert_ne!(board.rows[usize::from(args.compartment)].trip, 0);
    drop(machine);
    let looks = sent(&scene, &prepared::observe_solvency(&scene.protocol));
    assert!(
        (2..=5).contains(&looks),
        "{looks} looks: one that starts the clock, one that latches, few that are regular"
    );
}

#[tokio::test]
async fn a_price_is_passed_on_while_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol) = configured(|machine, protocol| {
        let now = machine.clock().unix_timestamp;
        prepared::write_host_price(machine, protocol, 1_000_000, now);
        let args = prepared::host_args(protocol);
        vec![ix::open_price_breaker(
            prepared::in_set_up(protocol),
            machine.payer.pubkey(),
            args,
        )]
    });
    let mut scene = scene(machine, protocol, folder.path(), "[schedule]\nprice = \"30s\"\n").await;
    let key = prepared::price_breaker(&scene.protocol, &prepared::host_args(&scene.protocol));
    let start = scene.machine().clock().unix_timestamp;
    for _ in 0..60 {
        let now = scene.machine().clock().unix_timestamp;
        prepared::write_host_price(&mut scene.chain.machine(), &scene.protocol, 1_000_000, now);
        scene.turns(3).await;
        scene.clock.seconds(5);
    }
    let machine = scene.machine();
    let seconds = u64::try_from(machine.clock().unix_timestamp - start).unwrap();
    let breaker: bulkhead_interface::layout::PriceBreaker = machine.load(&key);
    let looks = breaker.statistics.observations;
    assert!(
        looks >= seconds / 30 - 2 && looks <= seconds / 30 + 2,
        "{looks} prices in {seconds} seconds"
    );
}

#[tokio::test]
async fn a_pause_upstream_closes_what_is_linked_and_is_not_sent_every_second() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, upstream, downstream) = linked::pair();
    let mut scene = scene(machine, downstream, folder.path(), "").await;
    scene.warm_up().await;
    upstream.freeze(&mut scene.chain.machine());
    scene.turns(4).await;
    let board = scene.board();
    assert_ne!(board.rows[0].linked, 0);
    assert_eq!(board.rows[1].linked, 0, "exactly the linked compartments");
    let carry = ix::propagate_contagion(scene.protocol.domain, upstream.domain);
    let sent_once = sent(&scene, &carry);
    scene.turns(40).await;
    assert_eq!(sent(&scene, &carry), sent_once);
}

#[tokio::test]
async fn matured_releases_are_settled_until_they_are_paid() {
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 1_000_000,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    protocol.release(&mut machine, user, 130_000, 0).unwrap();
    let mut scene = scene(machine, protocol, folder.path(), "").await;
    scene.turns(4).await;
    let record = pda::release(&scene.protocol.vault.vault, 0);
    assert_eq!(scene.machine().balance(&user), 0, "not before its time");
    scene.clock.seconds(24 * 3_600);
    for _ in 0..60 {
        scene.turns(2).await;
        scene.clock.seconds(200);
    }
    assert_eq!(scene.machine().balance(&user), 130_000);
    assert_eq!(scene.machine().load::<Release>(&record).state, release_state::PAID);
}

#[tokio::test]
async fn an_incident_that_nobody_confirmed_is_closed_when_its_pauses_have_lapsed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, protocol) = world_with(&Setup::default());
    let guardian = &protocol.members[0];
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), machine.payer.pubkey(), 0);
    protocol.must(&mut machine, &[open], &[guardian]);
    let mut scene = scene(machine, protocol, folder.path(), "").await;
    scene.turns(6).await;
    let incident = pda::incident(&scene.protocol.domain, 0);
    assert_eq!(scene.machine().load::<Incident>(&incident).state, incident_state::OPEN);
    scene.clock.seconds(7 * 3_600);
    scene.turns(6).await;
    assert_eq!(
        scene.machine().load::<Incident>(&incident).state,
        incident_state::CLOSED
    );
    assert_eq!(
        scene.machine().load::<Domain>(&scene.protocol.domain).state,
        phase::OPERATING
    );
}

#[tokio::test]
async fn a_frozen_domain_is_read_sealed_and_evacuated() {
    let folder = tempfile::tempdir().unwrap();
    let (mut machine, protocol) = world_with(&Setup::default());
    let mut total = 0;
    for number in 0..40_u64 {
        let key = keypair(&format!("position {number}")).pubkey();
        let owner = keypair(&format!("owner {number}")).pubkey();
        protocol.write_position(&mut machine, &key, &owner, number);
        total += number;
    }
    protocol.write_total(&mut machine, total);
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(&mut machine, &[confirm], &[guardian]);
    }
    let mut scene = scene(machine, protocol, folder.path(), "").await;
    scene.turns(20).await;
    let machine = scene.machine();
    let snapshot: Snapshot = machine.load(&pda::snapshot(&incident, 0));
    assert_eq!(
        (snapshot.state, snapshot.total, snapshot.count),
        (snapshot_state::SEALED, total, 39)
    );
    let vault: Vault = machine.load(&scene.protocol.vault.vault);
    assert_eq!(vault.state, vault_state::EVACUATED);
    assert_eq!(machine.balance(&scene.protocol.recovery_account), 1_000_000);
    assert_eq!(machine.balance(&scene.protocol.custody()), 0);
}

#[tokio::test]
async fn the_days_budget_holds_back_looks_and_no_trip() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol) = configured(watched_program);
    let more = "[schedule]\nauthority = \"1m\"\nroute = \"1m\"\n[fees]\nlamports_a_day = 20000\n";
    let mut scene = scene(machine, protocol, folder.path(), more).await;
    for _ in 0..60 {
        scene.turns(3).await;
        scene.clock.seconds(20);
    }
    let spent = scene.machine().spent.fee_lamports;
    let args = prepared::program_args(&upgrader());
    let look = ix::observe_authority(
        scene.protocol.domain,
        prepared::watch(&scene.protocol, &args),
        args.account,
    );
    let looks = sent(&scene, &look);
    assert!(
        looks <= 5,
        "{looks} looks for 20,000 lamports, {spent} spent by the machine in all"
    );
    let has_notice = scene
        .sentinel
        .causes()
        .iter()
        .any(|cause| cause.rule == "sentinel.budget-spent");
    assert!(has_notice);
    prepared::write_program_data(
        &mut scene.chain.machine(),
        &args.account,
        8,
        Some(&keypair("thief").pubkey()),
    );
    scene.turns(10).await;
    assert_eq!(
        scene.machine().load::<Domain>(&scene.protocol.domain).state,
        phase::ALERT
    );
}

#[tokio::test]
async fn nothing_is_done_that_is_not_due() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, protocol) = configured(watched_program);
    let mut scene = scene(machine, protocol, folder.path(), "[schedule]\nroute = \"1h\"\n").await;
    scene.warm_up().await;
    let failed = scene
        .sentinel
        .duties()
        .values()
        .filter(|row| row.state == DutyState::Failed);
    assert_eq!(failed.count(), 0, "nothing fails that is due");
    let done = scene
        .sentinel
        .duties()
        .values()
        .filter(|row| row.state == DutyState::Done);
    assert!(done.count() <= 2, "and nothing is done that is not");
}
