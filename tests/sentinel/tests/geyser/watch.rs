//! One endpoint under a test's eye.

use std::{sync::Arc, time::Duration};

use bulkhead_sentinel::source::{
    Event, Nudge, Order, Out, Poller, Source, Wanted,
    geyser::{Address, Geyser},
    quorum::Eyes,
};
use bulkhead_sentinel_tests::{
    cluster::{Cluster, FUNDS, Node, TREASURY},
    daemon::{endpoints, poller},
    geyser::Server,
    time::SourceClock,
};
use tokio::sync::{mpsc, watch};

/// Longest wait of a test for what it expects. It ends the test; nothing is waited for otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One endpoint: a node to read from and a stream, and an eye that takes what they report.
pub struct Watch {
    pub cluster: Arc<Cluster>,
    pub node: Arc<Node>,
    pub server: Server,
    pub wanted: watch::Sender<Arc<Wanted>>,
    pub poller: Poller,
    pub nudge: Arc<Nudge>,
    pub clock: Arc<SourceClock>,
    pub events: mpsc::Receiver<(usize, Vec<Event>)>,
    pub eyes: Eyes,
    /// What the eye has shown of the treasury, in order.
    pub shown: Vec<Option<u64>>,
    pub connections: usize,
}

impl Watch {
    pub async fn new(server: Server, token: Option<&str>) -> Self {
        let cluster = Arc::new(Cluster::default());
        let node = Node::of(&cluster);
        let (clock, nudge, order) = (
            Arc::new(SourceClock::default()),
            Arc::new(Nudge::default()),
            Order::default(),
        );
        let wanted = Wanted {
            keys: [TREASURY].into(),
            ..Wanted::default()
        };
        let (wanted, wanting) = watch::channel(Arc::new(wanted));
        let (sender, events) = mpsc::channel(64);
        let out = Out { eye: 0, sender };
        let address = Address::new(&server.url(), token).unwrap();
        let source = Geyser::new(
            "one".into(),
            address,
            Arc::<SourceClock>::clone(&clock),
            order.clone(),
            Arc::clone(&nudge),
        );
        tokio::spawn(Box::new(source).run(wanting, out));
        let endpoint = endpoints(&[Arc::clone(&node)]).remove(0);
        let poller = poller(&endpoint, Arc::<SourceClock>::clone(&clock), order, Arc::clone(&nudge));
        Self {
            cluster,
            node,
            server,
            wanted,
            poller,
            nudge,
            clock,
            events,
            eyes: Eyes::new(["one".to_owned()], 1, 1_000),
            shown: vec![],
            connections: 0,
        }
    }

    pub fn take(&mut self, events: Vec<Event>) {
        for event in events {
            if event == Event::Connected(true) {
                self.connections += 1;
            }
            self.eyes.take(0, vec![event], 1);
            let shown = self.eyes.all()[0].accounts.get(&TREASURY);
            let shown = shown.map(|account| account.as_ref().map(|account| account.lamports));
            if let Some(shown) = shown.filter(|shown| self.shown.last() != Some(shown)) {
                self.shown.push(shown);
            }
        }
    }

    /// Takes what the stream brings until something is so.
    pub async fn until(&mut self, is: impl Fn(&Self) -> bool) {
        while !is(self) {
            let next = tokio::time::timeout(PATIENCE, self.events.recv()).await;
            let (_, events) = next.expect("it comes").expect("the source runs");
            self.take(events);
        }
    }

    /// Streams a slot and waits until it has arrived, and with it whatever was streamed before.
    pub async fn arrive(&mut self, slot: u64) {
        self.server.slot(slot);
        let arrived = Event::Slot(slot);
        loop {
            let next = tokio::time::timeout(PATIENCE, self.events.recv()).await;
            let (_, events) = next.expect("it comes").expect("the source runs");
            let is_it = events.contains(&arrived);
            self.take(events);
            if is_it {
                return;
            }
        }
    }

    /// The poller reads once, as it does when it is asked to.
    pub async fn read(&mut self) {
        let wanted = Arc::clone(&self.wanted.borrow());
        let events = self.poller.look(&wanted).await;
        self.take(events);
    }

    pub fn now(&self) -> u64 {
        self.cluster.at().slot
    }
}

/// One whose stream has begun, and which was read once.
pub async fn begun() -> Watch {
    let server = Server::start(None).await;
    let mut watch = Watch::new(server, None).await;
    watch.server.requests(1).await;
    let slot = watch.now();
    watch.arrive(slot).await;
    tokio::time::timeout(PATIENCE, watch.nudge.asked())
        .await
        .expect("a read is asked for");
    watch.read().await;
    assert_eq!(watch.shown, [Some(FUNDS)]);
    watch
}
