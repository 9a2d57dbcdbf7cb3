//! Traces: what the collector gets of a breach, that a dead one neither stops nor delays anything, and that nothing is
//! lost when the daemon is stopped.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
    sync::Arc,
};

use bulkhead_sentinel::traces::Traces;
use bulkhead_sentinel_tests::{
    cluster::{Cluster, DOMAIN, Node, RIGHTS},
    daemon::Daemon,
    otlp::Collector,
    time::MachineClock,
};
use tracing_subscriber::layer::SubscriberExt;

/// A daemon that beats every hour, on a cluster of three nodes.
async fn daemon(folder: &std::path::Path) -> (Arc<Cluster>, Daemon) {
    let cluster = Arc::new(Cluster::default());
    let nodes = (0..3).map(|_| Node::of(&cluster)).collect();
    let clock = Arc::new(MachineClock {
        cluster: Arc::clone(&cluster),
        wrong_by: 0,
        since: 1,
    });
    let url = format!("sqlite://{}", folder.join("state.db").display());
    let beats = "[duties]\nheartbeat = true\n[schedule]\nheartbeat = \"1h\"\n";
    let daemon = Daemon::start(nodes, &url, clock, beats).await.unwrap();
    (cluster, daemon)
}

async fn turns(daemon: &mut Daemon, cluster: &Cluster, turns: usize) {
    for _ in 0..turns {
        daemon.turn().await;
        cluster.tick();
    }
}

#[tokio::test]
async fn the_spans_of_a_breach_say_where_when_why_and_how_it_ended() {
    let collector = Collector::start();
    let traces = Traces::to(&collector.url()).unwrap();
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(traces.layer()));
    let folder = tempfile::tempdir().unwrap();
    let (cluster, mut daemon) = daemon(folder.path()).await;
    turns(&mut daemon, &cluster, 8).await;
    let slot = cluster.at().slot;
    cluster.leave(0);
    turns(&mut daemon, &cluster, 2).await;
    assert!(cluster.is_paused());
    cluster.pass(4_000_000);
    turns(&mut daemon, &cluster, 4).await;
    traces.shut_down();

    let starts = collector.spans("start");
    assert_eq!(starts.len(), 1);
    assert_eq!(
        (starts[0].service.as_str(), starts[0].says("domains")),
        ("bulkhead-sentinel", "1")
    );
    let pauses = collector.spans("pause");
    assert_eq!(pauses.len(), 1, "{pauses:?}");
    let pause = &pauses[0];
    assert_eq!(pause.says("domain"), DOMAIN.to_string());
    assert_eq!((pause.says("rule"), pause.says("outcome")), ("drain", "in_force"));
    assert!(pause.says("cause").contains("drain") && !pause.says("subject").is_empty());
    let number = |key: &str| pause.says(key).parse::<u64>().unwrap();
    assert!((slot..slot + 3).contains(&number("slot")), "{pause:?}");
    assert!(
        number("force_slot") >= number("slot") && number("attempts") == 1,
        "{pause:?}"
    );
    let beats = collector.spans("duty");
    assert!(!beats.is_empty());
    for beat in &beats {
        assert!(beat.says("name").starts_with("heartbeat/"), "{beat:?}");
        assert_eq!(
            (beat.says("domain"), beat.says("outcome")),
            (DOMAIN.to_string().as_str(), "done")
        );
        assert!(beat.says("slot").parse::<u64>().unwrap() > 0);
    }
}

#[tokio::test]
async fn a_collector_that_is_dead_or_silent_stops_nothing() {
    // One refuses connections. The other takes them and never answers.
    let refuses = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = refuses.local_addr().unwrap();
    drop(refuses);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [dead, silent.local_addr().unwrap()] {
        let traces = Traces::to(&format!("http://{address}/v1/traces")).unwrap();
        let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(traces.layer()));
        let folder = tempfile::tempdir().unwrap();
        let (cluster, mut daemon) = daemon(folder.path()).await;
        turns(&mut daemon, &cluster, 8).await;
        // More than the exporter holds.
        for number in 0..20_000 {
            drop(tracing::info_span!(target: "bulkhead_sentinel", "flood", number).entered());
        }
        cluster.leave(0);
        turns(&mut daemon, &cluster, 1).await;
        assert!(cluster.is_paused());
        assert_eq!(cluster.rights(), RIGHTS - 1);
        traces.shut_down();
        turns(&mut daemon, &cluster, 2).await;
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    assert!(Traces::to("no url").is_err());
}

#[test]
fn what_is_left_is_exported_when_the_daemon_is_stopped() {
    let collector = Collector::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sentinel.toml");
    // Nobody is at this endpoint: the daemon starts, and says that it has no quorum.
    let file = format!(
        "domains = [\"{DOMAIN}\"]\nstate = \"sqlite://{}\"\notlp = \"{}\"\n\
         [[endpoint]]\nname = \"none\"\nhttp = \"http://127.0.0.1:1\"\n",
        folder.path().join("state.db").display(),
        collector.url()
    );
    fs::write(&path, file).unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_bulkhead-sentinel-traced"))
        .arg("--config")
        .arg(&path)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(daemon.stderr.take().unwrap()).lines();
    let started = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("\"started\"")));
    assert!(started.is_some());
    let stopped = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status();
    assert!(stopped.unwrap().success());
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(daemon.wait().unwrap().success(), "{rest:?}");
    assert_eq!(collector.spans("start").len(), 1);
}
