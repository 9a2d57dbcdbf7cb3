//! Proofs over HTTP: a small read-only server.
//!
//! `GET /health`, `/manifest`, `/proof/<key>` and `/owner/<owner>?after=<key>`, all JSON. Each connection serves one
//! request. A request's head is at most 8 KiB and must arrive within five seconds; a response must be received within
//! the same time. So nobody can block the server by being slow.

use std::{
    io::{self, Write},
    net::TcpListener,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::get,
};
use bulkhead_interface::Pubkey;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    sync::Semaphore,
    time::{sleep, timeout},
};

use crate::{Manifest, ProofEntry, Snapshot, digits::parse_key};

/// What a client may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum size of a request up to its empty line; at least 8 KiB.
    pub head: usize,
    /// Maximum time for a request to arrive, and for a response to be received.
    pub time: Duration,
    /// Maximum number of concurrent requests. Further ones are rejected.
    pub connections: usize,
    /// Maximum number of an owner's positions in one response.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 8 << 10,
            time: Duration::from_secs(5),
            connections: 256,
            page: 1_000,
        }
    }
}

/// Maximum number of consecutive listener failures.
const FAILURES: u32 = 1_200;
/// The minimum that the HTTP library accepts for [`Limits::head`].
const LEAST_HEAD: usize = 8 << 10;

/// Serves until the listener fails.
///
/// # Errors
/// The listener's error.
pub fn serve(listener: &TcpListener, snapshot: &Arc<Snapshot>, limits: Limits) -> io::Result<()> {
    let shown = Shown {
        snapshot: Arc::clone(snapshot),
        page: limits.page,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(accept(listener.try_clone()?, router(shown), limits))
}

async fn accept(listener: TcpListener, router: Router, limits: Limits) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.time)
        .max_buf_size(limits.head.max(LEAST_HEAD))
        .keep_alive(false);
    let mut failures = 0;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // The client disconnected before it was accepted, or the system is short of a resource for a while. Only a
            // failure that persists is an error.
            Err(error) => {
                failures += 1;
                if failures > FAILURES {
                    return Err(error);
                }
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        failures = 0;
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            turn_away(stream);
            continue;
        };
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        tokio::spawn(async move {
            // Enforces the time limits for the request and the response. A client that disconnected gets no response.
            drop(timeout(2 * limits.time, connection).await);
            drop(place);
        });
    }
}

/// Responds that the server is full, without waiting for the client.
fn turn_away(stream: TcpStream) {
    const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\
        connection: close\r\n\r\n{\"error\":\"Busy\"}";
    // The write does not block. Whatever does not fit is lost.
    if let Ok(mut stream) = stream.into_std() {
        drop(stream.write(BUSY));
    }
}

/// The data served.
#[derive(Clone)]
struct Shown {
    snapshot: Arc<Snapshot>,
    page: usize,
}

fn router(shown: Shown) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/manifest", get(manifest))
        .route("/proof/{key}", get(proof))
        .route("/owner/{owner}", get(owner))
        .fallback(|| async { Refusal::of(StatusCode::NOT_FOUND, "NotFound") })
        .method_not_allowed_fallback(|| async { Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed") })
        .layer(map_response(for_browsers))
        .with_state(shown)
}

/// Any web page may read it, and no client interprets it as anything but JSON.
async fn for_browsers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Builds a response without axum's JSON support, whose features would change those of serde_json for the whole build.
struct Json<T>(T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_string(&self.0) {
            Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// Why a request fails.
struct Refusal(StatusCode, Value);

impl Refusal {
    fn of(status: StatusCode, name: &str) -> Self {
        Self(status, json!({ "error": name }))
    }

    fn bad(why: String) -> Self {
        Self(StatusCode::BAD_REQUEST, json!({ "error": "BadRequest", "reason": why }))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(self.1)).into_response()
    }
}

async fn health(State(shown): State<Shown>) -> Json<Value> {
    Json(json!({ "status": "ok", "count": shown.snapshot.manifest.roots.count }))
}

async fn manifest(State(shown): State<Shown>) -> Json<Manifest> {
    Json(shown.snapshot.manifest.clone())
}

async fn proof(State(shown): State<Shown>, Path(key): Path<String>) -> Result<Json<ProofEntry>, Refusal> {
    let key = parse_key(&key).map_err(Refusal::bad)?;
    let proof = shown.snapshot.tree.prove(&key).ok_or_else(|| {
        Refusal(
            StatusCode::NOT_FOUND,
            json!({ "error": "NotALeaf", "key": key.to_string() }),
        )
    })?;
    Ok(Json(ProofEntry::new(&proof, &shown.snapshot.manifest)))
}

#[derive(Deserialize)]
struct After {
    after: Option<String>,
}

async fn owner(
    State(shown): State<Shown>,
    Path(owner): Path<String>,
    Query(query): Query<After>,
) -> Result<Json<Value>, Refusal> {
    let after = query
        .after
        .as_deref()
        .map(parse_key)
        .transpose()
        .map_err(Refusal::bad)?;
    let owner = parse_key(&owner).map_err(Refusal::bad)?;
    Ok(Json(positions_of(&shown, &owner, after.as_ref())))
}

/// One page of an owner's leaves, by key.
fn positions_of(shown: &Shown, owner: &Pubkey, after: Option<&Pubkey>) -> Value {
    let own: Vec<_> = shown.snapshot.leaves_of(owner).collect();
    let total: u128 = own.iter().map(|(_, leaf)| u128::from(leaf.amount)).sum();
    let mut rest = own
        .iter()
        .filter(|(_, leaf)| after.is_none_or(|after| leaf.key > *after));
    let page: Vec<_> = rest.by_ref().take(shown.page).collect();
    let next = rest.next().and(page.last()).map(|(_, leaf)| leaf.key.to_string());
    let rows: Vec<_> = page
        .iter()
        .map(|(index, leaf)| json!({ "index": index, "key": leaf.key.to_string(), "amount": leaf.amount.to_string() }))
        .collect();
    json!({
        "owner": owner.to_string(),
        "count": own.len(),
        "total": total.to_string(),
        "positions": rows,
        "next": next,
    })
}
