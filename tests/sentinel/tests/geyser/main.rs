//! The Geyser source: streams that are cut, lie, repeat themselves and change forks. Nothing is missed, and nothing is
//! done twice.

mod daemons;
mod watch;

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use bulkhead_sentinel::{
    config,
    nodes::{KeyFiles, wire},
    source::{
        Event, Order, Out, Source, Wanted,
        geyser::{Address, Geyser},
        program::digest,
        quorum::Eyes,
    },
    view::CLOCK,
};
use bulkhead_sentinel_tests::{
    cluster::{DOMAIN, FUNDS, TREASURY, Write},
    geyser::{Server, lamports, update},
    time::SourceClock,
};
use solana_account::Account;
use tokio::sync::mpsc;
use tonic::Status;
use yellowstone_grpc_proto::geyser::{CommitmentLevel, subscribe_update::UpdateOneof};

use watch::{PATIENCE, Watch, begun};

#[tokio::test]
async fn it_asks_for_the_accounts_the_clock_and_slots_at_the_commitment_of_the_reads() {
    let watch = begun().await;
    let first = watch.server.requests(1).await.remove(0);
    let keys: BTreeSet<String> = first
        .accounts
        .values()
        .flat_map(|filter| filter.account.clone())
        .collect();
    assert_eq!(keys, [TREASURY.to_string(), CLOCK.to_string()].into());
    assert_eq!(first.commitment, Some(CommitmentLevel::Confirmed as i32));
    assert!(
        first
            .slots
            .values()
            .all(|filter| filter.filter_by_commitment == Some(true))
    );
    assert_eq!(first.slots.len(), 1);
}

#[tokio::test]
async fn repeated_and_late_writes_change_nothing() {
    let mut watch = begun().await;
    let slot = watch.now();
    let writes = [
        lamports(TREASURY, slot + 1, 10, 900),
        lamports(TREASURY, slot + 2, 12, 800),
        lamports(TREASURY, slot + 2, 12, 800),
        // Of the same slot, but before; of the slot before; of a slot that a read has shown.
        lamports(TREASURY, slot + 2, 11, 850),
        lamports(TREASURY, slot + 1, 10, 900),
        lamports(TREASURY, slot, 99, 5),
        lamports(TREASURY, slot + 3, 13, 700),
        lamports(TREASURY, slot + 2, 12, 800),
    ];
    for write in &writes {
        watch.server.write(write);
    }
    watch.arrive(slot + 3).await;
    assert_eq!(
        watch.shown,
        [Some(FUNDS), Some(900), Some(800), Some(700)],
        "each once, and never back"
    );
}

#[tokio::test]
async fn a_read_that_is_behind_the_stream_takes_nothing_back() {
    let mut watch = begun().await;
    let slot = watch.now();
    watch.cluster.tick();
    watch.server.write(&lamports(TREASURY, slot + 5, 10, 900));
    watch.arrive(slot + 5).await;
    // This node is four slots behind the stream.
    watch.read().await;
    assert_eq!(watch.shown, [Some(FUNDS), Some(900)]);
    // One that is further says the last word.
    watch.cluster.pass(10 * 400);
    watch.cluster.leave(600);
    watch.read().await;
    assert_eq!(watch.shown.last(), Some(&Some(600)));
}

#[tokio::test]
async fn what_changed_while_the_stream_was_cut_is_read_up_to_the_slot_where_it_goes_on() {
    for status in [None, Some(Status::unavailable("the node restarts"))] {
        let mut watch = begun().await;
        watch.server.cut(status);
        watch.until(|watch| watch.eyes.all()[0].connected == Some(false)).await;
        // In the gap: gone, and partly back.
        watch.cluster.pass(400);
        watch.cluster.leave(0);
        watch.cluster.pass(400);
        watch.cluster.leave(100);
        watch.cluster.pass(400);
        let slot = watch.now();
        watch.server.requests(2).await;
        watch.arrive(slot).await;
        assert_eq!(watch.connections, 2);
        tokio::time::timeout(PATIENCE, watch.nudge.asked())
            .await
            .expect("a read is asked for");
        // The node that is read is behind: its answer is from the gap, so it is asked again.
        watch.node.behind.store(2, Ordering::SeqCst);
        watch.read().await;
        assert!(watch.poller.is_behind());
        watch.node.behind.store(0, Ordering::SeqCst);
        watch.read().await;
        assert!(!watch.poller.is_behind());
        assert_eq!(watch.shown.last(), Some(&Some(100)));
    }
}

#[tokio::test]
async fn the_poller_reads_again_by_itself_until_a_read_is_late_enough() {
    let watch = begun().await;
    let Watch {
        cluster,
        node,
        poller,
        nudge,
        clock,
        wanted,
        ..
    } = watch;
    node.behind.store(1, Ordering::SeqCst);
    let (sender, mut events) = mpsc::channel(1);
    tokio::spawn(Box::new(poller).run(wanted.subscribe(), Out { eye: 0, sender }));
    let mut read = async || {
        let next = tokio::time::timeout(PATIENCE, events.recv()).await;
        next.expect("it reads").expect("it runs")
    };
    read().await;
    nudge.read_up_to(cluster.at().slot);
    for _ in 0..5 {
        read().await;
    }
    node.behind.store(0, Ordering::SeqCst);
    let is_long = || {
        clock
            .waits
            .lock()
            .unwrap()
            .last()
            .is_some_and(|wait| wait.as_secs() == 3_600)
    };
    let reads = async {
        while !is_long() {
            tokio::select! {
                _ = events.recv() => {}
                () = tokio::task::yield_now() => {}
            }
        }
    };
    let stopped = tokio::time::timeout(PATIENCE, reads).await;
    assert!(stopped.is_ok(), "then it waits for as long as it does otherwise");
}

#[tokio::test]
async fn another_fork_replaces_what_the_first_one_showed() {
    for depth in [3, 40] {
        let mut watch = begun().await;
        watch.cluster.pass(400 * 50);
        let slot = watch.now();
        watch.read().await;
        // On a fork that is given up.
        watch.server.write(&lamports(TREASURY, slot + 50, 10, 0));
        watch.arrive(slot + 50).await;
        assert_eq!(watch.shown.last(), Some(&None));
        // On the other one nothing had happened.
        watch.cluster.pass(400 * (50 - depth));
        watch.arrive(slot + 50 - depth).await;
        tokio::time::timeout(PATIENCE, watch.nudge.asked())
            .await
            .expect("a read is asked for");
        for _ in 0..=depth {
            watch.cluster.tick();
            watch.read().await;
        }
        assert!(!watch.poller.is_behind());
        assert_eq!(watch.shown, [Some(FUNDS), None, Some(FUNDS)], "{depth} slots back");
        // And the stream is believed again.
        let slot = watch.now();
        watch.server.write(&lamports(TREASURY, slot + 1, 11, 70));
        watch.arrive(slot + 1).await;
        assert_eq!(watch.shown.last(), Some(&Some(70)));
    }
}

#[tokio::test]
async fn a_node_that_numbers_writes_by_itself_is_believed_after_a_new_connection() {
    let mut watch = begun().await;
    let slot = watch.now();
    watch.server.write(&lamports(TREASURY, slot + 1, 1_000_000, 900));
    watch.arrive(slot + 1).await;
    watch.server.cut(None);
    watch.server.requests(2).await;
    // The other node has the same slot, and one more write in it.
    watch.server.write(&lamports(TREASURY, slot + 1, 7, 900));
    watch.server.write(&lamports(TREASURY, slot + 1, 8, 800));
    watch.arrive(slot + 1).await;
    assert_eq!(watch.shown, [Some(FUNDS), Some(900), Some(800)]);
}

#[tokio::test]
async fn an_account_that_is_wanted_later_is_asked_for_and_read() {
    let mut watch = begun().await;
    let other = Pubkey::new_from_array([77; 32]);
    watch.wanted.send_modify(|wanted| {
        let mut more = Wanted::clone(wanted);
        more.keys.insert(other);
        *wanted = Arc::new(more);
    });
    let second = watch.server.requests(2).await.remove(1);
    let mut keys = second.accounts.values().flat_map(|filter| filter.account.clone());
    assert!(keys.any(|key| key == other.to_string()));
    // A server does not say when it has taken filters: a read of the slot of before is not late enough.
    watch.read().await;
    assert!(watch.poller.is_behind());
    watch.cluster.pass(400 * 8);
    watch.read().await;
    assert!(!watch.poller.is_behind());
    assert_eq!(watch.eyes.all()[0].accounts.get(&other), Some(&None));
    let slot = watch.now();
    watch.server.write(&lamports(other, slot + 1, 1, 5));
    watch.arrive(slot + 1).await;
    assert!(watch.eyes.all()[0].accounts[&other].is_some());
}

#[tokio::test]
async fn updates_that_are_not_whole_or_not_wanted_are_dropped() {
    let mut watch = begun().await;
    let slot = watch.now();
    let stranger = Pubkey::new_from_array([78; 32]);
    watch.server.write(&lamports(stranger, slot + 1, 1, 5));
    let mut short = update(&lamports(TREASURY, slot + 1, 1, 5));
    short.account.as_mut().unwrap().pubkey.pop();
    let mut ownerless = update(&lamports(TREASURY, slot + 1, 1, 5));
    ownerless.account.as_mut().unwrap().owner.clear();
    let mut empty = update(&lamports(TREASURY, slot + 1, 1, 5));
    empty.account = None;
    for update in [short, ownerless, empty] {
        watch.server.stream(UpdateOneof::Account(update));
    }
    watch.arrive(slot + 1).await;
    assert_eq!(watch.shown, [Some(FUNDS)]);
    assert!(!watch.eyes.all()[0].accounts.contains_key(&stranger));
}

#[tokio::test]
async fn of_a_program_its_digest_is_kept() {
    let mut watch = begun().await;
    let program = Pubkey::new_from_array([79; 32]);
    watch.wanted.send_modify(|wanted| {
        let mut more = Wanted::clone(wanted);
        more.programs.insert(program);
        *wanted = Arc::new(more);
    });
    watch.server.requests(2).await;
    let account = Account {
        lamports: 1,
        data: vec![3; 100_000],
        ..Account::default()
    };
    let slot = watch.now();
    watch.server.write(&Write {
        slot: slot + 1,
        number: 1,
        key: program,
        account: Some(account.clone()),
    });
    watch.arrive(slot + 1).await;
    assert_eq!(watch.eyes.all()[0].accounts[&program], Some(digest(account)));
}

#[tokio::test]
async fn a_ping_is_answered_without_other_filters() {
    let watch = begun().await;
    watch.server.ping();
    let answer = watch.server.requests(2).await.remove(1);
    assert!(answer.ping.is_some() && answer.accounts.is_empty() && answer.slots.is_empty());
}

#[tokio::test]
async fn waits_double_until_a_connection_works() {
    let server = Server::start(Some("secret")).await;
    let mut refused = Watch::new(server, Some("wrong")).await;
    for _ in 0..9 {
        refused
            .until(|watch| watch.eyes.all()[0].connected == Some(false))
            .await;
        refused.eyes = Eyes::new(["one".to_owned()], 1, 1_000);
    }
    let waits: Vec<u128> = refused
        .clock
        .waits
        .lock()
        .unwrap()
        .iter()
        .map(Duration::as_millis)
        .collect();
    assert_eq!(waits[..8], [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    assert_eq!(refused.connections, 0);

    let server = Server::start(Some("secret")).await;
    let mut welcome = Watch::new(server, Some("secret")).await;
    for connection in 1..=3 {
        welcome.server.requests(connection).await;
        let slot = welcome.now();
        welcome.arrive(slot).await;
        welcome.server.cut(None);
        welcome
            .until(|watch| watch.eyes.all()[0].connected == Some(false))
            .await;
    }
    let waits = welcome.clock.waits.lock().unwrap().clone();
    assert!(waits.iter().all(|wait| wait.as_millis() == 500), "{waits:?}");
}

#[test]
fn a_file_names_the_stream_and_its_token() {
    let file = |more: &str| {
        let text = format!(
            "domains = [\"{DOMAIN}\"]\nstate = \"sqlite:///x\"\n[[endpoint]]\nname = \"one\"\nhttp = \"http://one\"\n{more}"
        );
        config::parse(&text, std::path::Path::new("test.toml")).unwrap()
    };
    let wired = |file: &config::File| wire(file, &KeyFiles::default()).map(|mut wired| wired.remove(0).is_streamed());
    assert_eq!(
        wired(&file("geyser = \"https://stream\"\ngeyser_token = \"t\"")),
        Ok(true)
    );
    assert_eq!(wired(&file("")), Ok(false));
    let error = wired(&file("geyser = \"https://stream\"\ngeyser_token = \"a\\nb\"")).unwrap_err();
    assert!(
        error.to_string().starts_with("GeyserUnusable: endpoint one: "),
        "{error}"
    );
}

#[test]
fn an_address_that_is_none_is_refused_without_being_shown() {
    for (url, token) in [
        ("http://", None),
        ("http://a b", None),
        ("http://host", Some("very\nsecret")),
    ] {
        let error = Address::new(url, token).err().expect("it is refused");
        assert!(!error.contains("secret") && !error.contains("host"), "{error}");
    }
    assert!(Address::new("https://host:443/path", Some("token")).is_ok());
}

#[tokio::test]
async fn a_server_without_tls_is_not_taken_for_one_with_it() {
    let server = Server::start(None).await;
    let mut watch = Watch::new(server, None).await;
    let address = Address::new(&watch.server.url().replace("http://", "https://"), None).unwrap();
    let (sender, mut events) = mpsc::channel(64);
    let clock = Arc::<SourceClock>::clone(&watch.clock);
    let source = Geyser::new("tls".into(), address, clock, Order::default(), Arc::default());
    tokio::spawn(Box::new(source).run(watch.wanted.subscribe(), Out { eye: 0, sender }));
    let next = tokio::time::timeout(PATIENCE, events.recv()).await.expect("it ends");
    assert_eq!(next, Some((0, vec![Event::Connected(false)])));
    watch.server.requests(1).await;
    let slot = watch.now();
    watch.arrive(slot).await;
}
