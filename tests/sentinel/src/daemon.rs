//! A sentinel over nodes of the cluster, taken step by step.

use std::{path::Path, sync::Arc, time::Duration};

use bulkhead_sentinel::{
    act::Endpoint,
    clock::Clock,
    config,
    hooks::Hook,
    sentinel::{Sentinel, Tools},
    serve::Shared,
    setup::{Setup, Who},
    source::{Nudge, Order, Pace, Poller},
    state::{StateError, Store},
};

use crate::cluster::{DOMAIN, Free, GUARDIAN, Node, PAYER, TREASURY};

/// A rule that pauses when more than a tenth of the treasury leaves within ten minutes.
pub fn drain_rule() -> String {
    format!(
        "[[rule]]\nname = \"drain\"\nkind = \"outflow\"\naccounts = [\"{TREASURY}\"]\nshare_bps = 1000\n\
         window = \"10m\"\nact = \"pause\"\n"
    )
}

/// A daemon.
pub struct Daemon {
    /// The loop.
    pub sentinel: Sentinel,
    /// Its state.
    pub store: Arc<Store>,
    /// Its nodes.
    pub nodes: Vec<Arc<Node>>,
    pollers: Vec<Poller>,
}

/// The endpoints of nodes.
pub fn endpoints(nodes: &[Arc<Node>]) -> Vec<Endpoint> {
    let endpoint = |(number, node): (usize, &Arc<Node>)| Endpoint {
        name: format!("e{number}"),
        chain: Arc::<Node>::clone(node),
        priced: Arc::new(Free(Arc::clone(node))),
        heads: Arc::<Node>::clone(node),
    };
    nodes.iter().enumerate().map(endpoint).collect()
}

/// The poller of an endpoint. It reads when it is asked to.
pub fn poller(endpoint: &Endpoint, clock: Arc<dyn Clock>, order: Order, nudge: Arc<Nudge>) -> Poller {
    let pace = Pace {
        poll: Duration::from_secs(3_600),
        discover_millis: 2_000,
    };
    let (chain, heads) = (Arc::clone(&endpoint.chain), Arc::clone(&endpoint.heads));
    Poller::new(chain, heads, clock, order, pace, nudge)
}

impl Daemon {
    /// Starts one with the rule above, and what `more` of the file says.
    ///
    /// # Errors
    /// [`StateError`]
    pub async fn start(
        nodes: Vec<Arc<Node>>,
        url: &str,
        clock: Arc<dyn Clock>,
        more: &str,
    ) -> Result<Self, StateError> {
        let names: String = (0..nodes.len())
            .map(|number| format!("[[endpoint]]\nname = \"e{number}\"\nhttp = \"http://e{number}\"\n"))
            .collect();
        let text = format!(
            "domains = [\"{DOMAIN}\"]\nstate = \"{url}\"\n{more}\n{}{names}",
            drain_rule()
        );
        let file = config::parse(&text, Path::new("test.toml")).expect("it is in order");
        let who = Who {
            payer: Some(PAYER),
            guardian: Some(GUARDIAN),
            attester: None,
        };
        let setup = Arc::new(Setup::new(file, who).expect("it is in order"));
        let store = Arc::new(Store::open_at(url, Arc::clone(&clock)).await?);
        let endpoints = endpoints(&nodes);
        let pollers = endpoints
            .iter()
            .map(|each| poller(each, Arc::clone(&clock), Order::default(), Arc::default()))
            .collect();
        let tools = Tools {
            endpoints,
            store: Arc::clone(&store),
            clock,
            hooks: Arc::new(Hook::all(&setup.file).expect("there is none")),
            status: Shared::default(),
        };
        let sentinel = Sentinel::start(setup, tools).await?;
        Ok(Self {
            sentinel,
            store,
            nodes,
            pollers,
        })
    }

    /// Every endpoint reports, and the daemon takes one step.
    pub async fn look(&mut self) {
        let wanted = self.sentinel.wanted();
        for (number, poller) in self.pollers.iter_mut().enumerate() {
            let events = poller.look(&wanted).await;
            self.sentinel.take(number, events);
        }
        self.sentinel.step().await;
    }

    /// The same, and what was begun ends.
    pub async fn turn(&mut self) {
        self.look().await;
        self.sentinel.settle().await;
    }
}
