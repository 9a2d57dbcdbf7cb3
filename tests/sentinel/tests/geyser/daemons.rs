//! Daemons whose endpoints are streamed.

use std::{collections::BTreeSet, sync::Arc};

use bulkhead_sentinel::source::{
    Event, Nudge, Order, Out, Source, Wanted,
    geyser::{Address, Geyser},
};
use bulkhead_sentinel_tests::{
    cluster::{Cluster, DOMAIN, FUNDS, Node, TREASURY},
    daemon::{Daemon, endpoints, poller},
    geyser::{Server, lamports},
    time::{MachineClock, SourceClock},
};
use tokio::sync::{mpsc, watch};
use tonic::Status;

use crate::watch::PATIENCE;

/// A daemon whose endpoints are streamed. What the streams bring is taken when it arrives.
struct Streamed {
    cluster: Arc<Cluster>,
    daemon: Daemon,
    servers: Vec<Server>,
    wanted: watch::Sender<Arc<Wanted>>,
    events: mpsc::Receiver<(usize, Vec<Event>)>,
    fed: Vec<u64>,
    _folder: tempfile::TempDir,
}

impl Streamed {
    async fn new(endpoints_wanted: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Arc::new(Cluster::default());
        let nodes: Vec<Arc<Node>> = (0..endpoints_wanted).map(|_| Node::of(&cluster)).collect();
        let clock = Arc::new(MachineClock {
            cluster: Arc::clone(&cluster),
            wrong_by: 0,
            since: 1,
        });
        let url = format!("sqlite://{}", folder.path().join("state.db").display());
        let daemon = Daemon::start(nodes.clone(), &url, clock, "[reading]\npatience = \"10m\"")
            .await
            .unwrap();
        let (wanted, wanting) = watch::channel(Arc::new(daemon.sentinel.wanted()));
        let (sender, events) = mpsc::channel(1_024);
        let mut servers = Vec::new();
        for (eye, endpoint) in endpoints(&nodes).iter().enumerate() {
            let server = Server::start(None).await;
            let (order, nudge) = (Order::default(), Arc::new(Nudge::default()));
            let clock = Arc::new(SourceClock::default());
            let out = Out {
                eye,
                sender: sender.clone(),
            };
            let address = Address::new(&server.url(), None).unwrap();
            let source = Geyser::new(
                endpoint.name.clone(),
                address,
                Arc::<SourceClock>::clone(&clock),
                order.clone(),
                Arc::clone(&nudge),
            );
            tokio::spawn(Box::new(source).run(wanting.clone(), out.clone()));
            let poller = poller(endpoint, clock, order, nudge);
            tokio::spawn(Box::new(poller).run(wanting.clone(), out));
            servers.push(server);
        }
        let mut all = Self {
            cluster,
            daemon,
            fed: vec![0; servers.len()],
            servers,
            wanted,
            events,
            _folder: folder,
        };
        for _ in 0..12 {
            all.turn(&[]).await;
        }
        all
    }

    /// A slot: the streams, without those that stand still, bring what was written, and the daemon takes one step.
    async fn turn(&mut self, still: &[usize]) {
        let slot = self.cluster.at().slot;
        for (number, server) in self.servers.iter().enumerate() {
            if still.contains(&number) {
                continue;
            }
            server.requests(1).await;
            let writes = self.cluster.writes_after(self.fed[number]);
            self.fed[number] = writes.last().map_or(self.fed[number], |write| write.number);
            for write in &writes {
                server.write(write);
            }
            server.slot(slot);
        }
        let mut awaited: BTreeSet<usize> = (0..self.servers.len())
            .filter(|number| !still.contains(number))
            .collect();
        while !awaited.is_empty() {
            let next = tokio::time::timeout(PATIENCE, self.events.recv()).await;
            let (eye, events) = next.expect("it comes").expect("the sources run");
            if events.contains(&Event::Slot(slot)) {
                awaited.remove(&eye);
            }
            self.daemon.sentinel.take(eye, events);
        }
        self.daemon.sentinel.step().await;
        self.daemon.sentinel.settle().await;
        let wanted = self.daemon.sentinel.wanted();
        self.wanted.send_if_modified(|known| {
            let is_news = known.keys != wanted.keys;
            if is_news {
                *known = Arc::new(wanted);
            }
            is_news
        });
        self.cluster.tick();
    }

    fn causes(&self) -> (usize, usize) {
        let all: Vec<_> = self
            .daemon
            .sentinel
            .causes()
            .iter()
            .filter(|cause| cause.rule == "drain")
            .collect();
        (all.len(), all.iter().filter(|cause| cause.confirmed_ts != 0).count())
    }
}

#[tokio::test]
async fn a_theft_that_streams_show_is_paused_once_through_cuts_and_repeats() {
    let mut all = Streamed::new(3).await;
    assert!(!all.cluster.is_paused());
    all.cluster.leave(0);
    all.turn(&[]).await;
    assert!(all.cluster.is_paused(), "in the slot in which the streams show it");
    assert_eq!(all.cluster.rights(), 2);
    // Everything again, and again, from new connections.
    for number in [0, 1, 2, 0, 1, 2] {
        let known = all.servers[number].requests(1).await.len();
        all.servers[number].cut(None);
        all.servers[number].requests(known + 1).await;
        all.fed[number] = 0;
        for _ in 0..3 {
            all.turn(&[]).await;
        }
    }
    assert_eq!(all.causes(), (1, 1));
    assert_eq!(
        (all.cluster.rights(), all.cluster.landed()),
        (2, 1),
        "one pause for one cause"
    );
}

#[tokio::test]
async fn a_stream_that_lies_is_one_endpoint_that_lies() {
    let mut all = Streamed::new(3).await;
    let slot = all.cluster.at().slot;
    // It invents a theft, in a slot that no truth will ever replace.
    all.servers[1].write(&lamports(TREASURY, u64::MAX, u64::MAX, 1));
    for _ in 0..20 {
        all.turn(&[]).await;
    }
    assert_eq!(all.causes(), (1, 0), "reported, and not confirmed");
    assert_eq!((all.cluster.landed(), all.cluster.rights()), (0, 3));
    // Nor does a lie of one hide a theft.
    all.cluster.leave(0);
    all.turn(&[]).await;
    assert!(all.cluster.is_paused());
    assert_eq!(all.cluster.rights(), 2);
    assert!(all.cluster.at().slot > slot);
}

#[tokio::test]
async fn a_theft_in_the_gap_of_all_streams_is_found_by_the_read_after_it() {
    let mut all = Streamed::new(3).await;
    let mut known = Vec::new();
    for server in &all.servers {
        known.push(server.requests(1).await.len());
        server.cut(Some(Status::unavailable("gone")));
    }
    all.cluster.leave(FUNDS / 2);
    all.cluster.pass(4_000);
    for (number, known) in known.into_iter().enumerate() {
        all.servers[number].requests(known + 1).await;
        // They go on with the next slot: what was written in the gap is not repeated.
        all.fed[number] = all.cluster.writes_after(0).len() as u64;
    }
    all.cluster.tick();
    for _ in 0..4 {
        all.turn(&[]).await;
    }
    assert!(all.cluster.is_paused());
    assert_eq!((all.cluster.rights(), all.causes()), (2, (1, 1)));
    assert_eq!(all.daemon.nodes.len(), 3);
    assert!(all.wanted.borrow().domains.contains(&DOMAIN));
}
