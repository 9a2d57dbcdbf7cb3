//! `/health`, `/ready` and `/metrics`. Read only; nothing about keys or URLs. Listen on an address that only the
//! monitoring can reach.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

use crate::clock::Clock;

/// A daemon whose last step is older than this hangs.
const HANGS_MILLIS: u64 = 60_000;
/// Longest time for a request to arrive, and for an answer to be taken.
const TIME: Duration = Duration::from_secs(5);
/// Requests at the same time.
const CONNECTIONS: usize = 64;

/// How the daemon is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// Whether this daemon acts, or waits for the one that does.
    pub leads: bool,
    /// Endpoints that answer.
    pub endpoints_open: usize,
    /// Endpoints that have to report the same.
    pub quorum: usize,
    /// Domains that a quorum shows.
    pub domains_seen: usize,
    /// Domains that are watched.
    pub domains: usize,
    /// Whether the state can be written.
    pub state_works: bool,
    /// The cluster's slot.
    pub slot: u64,
    /// Causes that are not over.
    pub causes: usize,
    /// When the last step ended, in milliseconds of the daemon's clock.
    #[serde(skip)]
    pub stepped: u64,
}

impl Status {
    /// Whether it can do what it is there for.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.state_works && self.endpoints_open >= self.quorum && self.domains_seen == self.domains
    }
}

/// The status, shared with the server.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Status>>);

impl Shared {
    /// Replaces it.
    pub fn set(&self, status: Status) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    /// Reads it.
    #[must_use]
    pub fn get(&self) -> Status {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What is served.
#[derive(Clone)]
pub struct Served {
    /// The status.
    pub status: Shared,
    /// The metrics.
    pub metrics: PrometheusHandle,
    /// The daemon's clock.
    pub clock: Arc<dyn Clock>,
}

/// The routes.
pub fn router(served: Served) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(served)
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => (status, [(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Whether the process should be restarted.
async fn health(State(served): State<Served>) -> Response {
    let status = served.status.get();
    let age = served.clock.millis().saturating_sub(status.stepped);
    let code = if age <= HANGS_MILLIS {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json(code, &serde_json::json!({ "last_step_millis_ago": age }))
}

/// Whether it can do what it is there for. One that waits for the leader is ready.
async fn ready(State(served): State<Served>) -> Response {
    let status = served.status.get();
    let code = if status.is_ready() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json(code, &status)
}

async fn metrics(State(served): State<Served>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, served.metrics.render()).into_response()
}

/// Listens. Returns the address, which is another than asked for if the port was 0.
///
/// # Errors
/// The listener's error.
pub async fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves until the task is dropped.
pub async fn serve(listener: TcpListener, served: Served) {
    let router = router(served);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(TIME)
        .keep_alive(false);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The system is short of something for a while.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            drop(timeout(TIME.saturating_mul(2), connection).await);
            drop(place);
        });
    }
}
