//! The daemon: the loop with nodes, a server, webhooks and signals.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::{
    clock::{Clock, System, millis},
    config::{ConfigError, File},
    hooks::{Hook, Http, Post, deliver},
    metrics as names,
    nodes::{KeyFiles, Wired, wire},
    sentinel::{Sentinel, Tools},
    serve::{self, Served, Shared},
    setup::Setup,
    source::{Event, Nudge, Order, Out, Pace, Poller, Socket, Source, Wanted},
    state::{StateError, Store},
};

#[cfg(feature = "geyser")]
use crate::source::geyser::Geyser;

/// How long what is in flight may take after the signal to stop.
const STOPPING: Duration = Duration::from_secs(10);
/// Longest time between two steps.
const TICK: Duration = Duration::from_millis(500);
/// Shortest time between two steps: reports that arrive together are one step.
const SHORTEST: Duration = Duration::from_millis(50);
/// Time between two deliveries of notices.
const DELIVERY: Duration = Duration::from_secs(1);
/// Shortest time between two looks at whether what is wanted has changed.
const PUBLISHING: Duration = Duration::from_secs(1);
/// Time between two clean-ups of the metrics.
const UPKEEP: Duration = Duration::from_secs(5);
/// Reports that may wait for the loop.
const WAITING: usize = 4_096;

/// Why the daemon stops.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state is not usable.
    #[error(transparent)]
    State(#[from] StateError),
    /// The address is not usable.
    #[error("ListenFailed: {address}: {reason}; choose another `listen`, or stop whoever uses it")]
    Listen {
        /// The address.
        address: String,
        /// What went wrong.
        reason: String,
    },
    /// The process is short of something.
    #[error("StartFailed: {0}")]
    Start(String),
}

impl From<io::Error> for RunError {
    fn from(error: io::Error) -> Self {
        Self::Start(error.to_string())
    }
}

/// The setup and the endpoints of a file.
///
/// # Errors
/// [`ConfigError`]
pub fn prepare(file: File) -> Result<(Setup, Vec<Wired>), ConfigError> {
    let keys = KeyFiles::read(&file)?;
    let wired = wire(&file, &keys)?;
    Ok((Setup::new(file, keys.who())?, wired))
}

/// Runs until the process is asked to stop.
///
/// # Errors
/// [`RunError`], before anything was done.
pub async fn run(file: File) -> Result<(), RunError> {
    let (setup, wired) = prepare(file)?;
    let setup = Arc::new(setup);
    let hooks = Arc::new(Hook::all(&setup.file)?);
    let metrics = names::install().map_err(|error| RunError::Start(error.to_string()))?;
    let clock: Arc<dyn Clock> = Arc::new(System::default());
    let store = Arc::new(Store::open_at(&setup.file.state.read("state")?, Arc::clone(&clock)).await?);
    let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let tools = Tools {
        endpoints: wired.iter().map(|wired| wired.endpoint.clone()).collect(),
        store: Arc::clone(&store),
        clock: Arc::clone(&clock),
        hooks: Arc::clone(&hooks),
        status: Shared::default(),
    };
    let mut beside = JoinSet::new();
    let handle = metrics.clone();
    beside.spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            handle.run_upkeep();
        }
    });
    if let Some(address) = setup.file.listen {
        let listening = serve::listen(address).await.map_err(|error| RunError::Listen {
            address: address.to_string(),
            reason: error.to_string(),
        });
        let (listener, address) = listening?;
        tracing::info!(%address, "serves /health, /ready and /metrics");
        let served = Served {
            status: tools.status.clone(),
            metrics,
            clock: Arc::clone(&clock),
        };
        beside.spawn(serve::serve(listener, served));
    }
    let sentinel = Sentinel::start(Arc::clone(&setup), tools).await?;
    let (wanted, wanting) = watch::channel(Arc::new(sentinel.wanted()));
    let (sender, reports) = mpsc::channel(WAITING);
    for (eye, wired) in wired.into_iter().enumerate() {
        let out = Out {
            eye,
            sender: sender.clone(),
        };
        feed(&setup, wired, &clock, &wanting, &out, &mut beside);
    }
    drop(sender);
    let delivering = notify(Arc::clone(&store), hooks, Arc::clone(&clock));
    beside.spawn(delivering);
    tracing::info!(domains = setup.domains.len(), rules = setup.rules.len(), "started");
    turn(sentinel, &wanted, reports, terminate, interrupt).await;
    beside.shutdown().await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Starts the sources of one endpoint.
fn feed(
    setup: &Setup,
    wired: Wired,
    clock: &Arc<dyn Clock>,
    wanting: &watch::Receiver<Arc<Wanted>>,
    out: &Out,
    beside: &mut JoinSet<()>,
) {
    let (order, nudge) = (Order::default(), Arc::new(Nudge::default()));
    let reading = &setup.file.reading;
    let pace = Pace {
        poll: if wired.is_streamed() {
            reading.poll_with_ws.0
        } else {
            reading.poll.0
        },
        discover_millis: millis(reading.discover.0),
    };
    let endpoint = wired.endpoint;
    let poller = Poller::new(
        endpoint.chain,
        endpoint.heads,
        Arc::clone(clock),
        order.clone(),
        pace,
        Arc::clone(&nudge),
    );
    let mut sources: Vec<Box<dyn Source>> = vec![Box::new(poller)];
    #[cfg(feature = "geyser")]
    if let Some(address) = wired.geyser {
        let (order, nudge) = (order.clone(), Arc::clone(&nudge));
        sources.push(Box::new(Geyser::new(
            endpoint.name,
            address,
            Arc::clone(clock),
            order,
            nudge,
        )));
    }
    if let Some(url) = wired.ws {
        sources.push(Box::new(Socket::new(url, Arc::clone(clock), order, nudge)));
    }
    for source in sources {
        beside.spawn(source.run(wanting.clone(), out.clone()));
    }
}

/// Delivers notices until the task is dropped, to each webhook at its own speed: one that is down delays no other.
async fn notify(store: Arc<Store>, hooks: Arc<Vec<Hook>>, clock: Arc<dyn Clock>) {
    let post: Arc<dyn Post> = Arc::new(Http::default());
    let delivering = join_all(hooks.iter().map(|hook| notify_one(&store, hook, &post, &clock)));
    join(drop_strays(&store, &hooks, &clock), delivering).await;
}

/// Drops what waits for webhooks that are no longer in the file, once this daemon leads.
async fn drop_strays(store: &Store, hooks: &[Hook], clock: &Arc<dyn Clock>) {
    let names: Vec<&str> = hooks.iter().map(|hook| hook.name.as_str()).collect();
    while !store.lead().await.unwrap_or(false) {
        clock.sleep(DELIVERY).await;
    }
    if let Err(error) = store.drop_strays(&names).await {
        tracing::error!(%error, "notices for webhooks that are no longer in the file could not be dropped");
    }
}

async fn notify_one(store: &Store, hook: &Hook, post: &Arc<dyn Post>, clock: &Arc<dyn Clock>) {
    loop {
        // A daemon that waits for the leader announces nothing.
        if store.lead().await.unwrap_or(false) {
            match deliver(store, hook, post, clock.now()).await {
                Ok(waiting) => {
                    #[expect(clippy::cast_precision_loss, reason = "a metric")]
                    metrics::gauge!(names::NOTICES_WAITING, "hook" => hook.name.clone()).set(waiting as f64);
                }
                Err(error) => tracing::error!(%error, hook = hook.name, "notices could not be delivered"),
            }
        }
        clock.sleep(DELIVERY).await;
    }
}

/// The loop, until a signal.
async fn turn(
    mut sentinel: Sentinel,
    wanted: &watch::Sender<Arc<Wanted>>,
    mut reports: mpsc::Receiver<(usize, Vec<Event>)>,
    mut terminate: Signal,
    mut interrupt: Signal,
) {
    let mut published: Option<Instant> = None;
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            report = reports.recv() => {
                let Some((eye, events)) = report else { break };
                sentinel.take(eye, events);
            }
            _ = tick.tick() => {}
        }
        while let Ok((eye, events)) = reports.try_recv() {
            sentinel.take(eye, events);
        }
        let begun = Instant::now();
        sentinel.step().await;
        metrics::histogram!(names::STEP).record(begun.elapsed().as_secs_f64());
        if published.is_none_or(|last| last.elapsed() >= PUBLISHING) {
            publish(&sentinel, wanted);
            published = Some(Instant::now());
        }
        tokio::time::sleep(SHORTEST.saturating_sub(begun.elapsed())).await;
    }
    tracing::info!("stopping: nothing more is begun, and what is in flight has ten seconds");
    if timeout(STOPPING, sentinel.settle()).await.is_err() {
        tracing::warn!("some of it was not over; it was recorded, and is gone on with at the next start");
    }
    sentinel.stop().await;
}

/// Tells the sources what is wanted, if that has changed.
fn publish(sentinel: &Sentinel, wanted: &watch::Sender<Arc<Wanted>>) {
    let now = sentinel.wanted();
    wanted.send_if_modified(|known| {
        let is_same = known.keys == now.keys && known.programs == now.programs && known.vaults == now.vaults;
        if is_same {
            return false;
        }
        *known = Arc::new(now);
        true
    });
}
