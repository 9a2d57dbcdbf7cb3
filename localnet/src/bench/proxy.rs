//! Endpoints in front of the node, each of which may lie, be slow, or be down. They also count the requests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use hyper::{StatusCode, body::Bytes};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};

use super::{
    http::{Answer, Asked, ask, serve},
    lies,
};
use crate::node::HOST;

/// By how much a slow endpoint delays every answer.
pub(super) const SLOW: Duration = Duration::from_secs(3);
/// Time between two attempts to listen on a port that is not free yet.
const LISTENING: Duration = Duration::from_millis(20);
/// Largest piece of a websocket that is passed on at once.
const PIECE: usize = 64 << 10;
/// Pieces that a slow websocket holds back.
const HELD: usize = 1_024;

/// How an endpoint behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Passes everything on.
    Honest,
    /// Changes accounts, refuses simulations, swallows transactions. Has no websocket.
    Lies,
    /// Passes everything on, [`SLOW`] later.
    Slow,
    /// Refuses connections.
    Down,
}

/// One endpoint.
pub(super) struct Proxy {
    /// Port of JSON-RPC.
    pub http: u16,
    /// Port of the websocket.
    pub ws: u16,
    mode: watch::Sender<Mode>,
    front: Arc<Front>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The node behind an endpoint.
struct Front {
    node_http: u16,
    node_ws: u16,
    mode: watch::Receiver<Mode>,
    requests: AtomicU64,
}

impl Proxy {
    /// An honest endpoint in front of the node at these ports.
    pub(super) async fn start(node_http: u16, node_ws: u16) -> std::io::Result<Self> {
        let http = TcpListener::bind((HOST, 0)).await?.local_addr()?.port();
        let ws = TcpListener::bind((HOST, 0)).await?.local_addr()?.port();
        let (mode, changes) = watch::channel(Mode::Honest);
        let front = Arc::new(Front {
            node_http,
            node_ws,
            mode: changes.clone(),
            requests: AtomicU64::new(0),
        });
        let task = tokio::spawn(run(Arc::clone(&front), changes, http, ws));
        Ok(Self {
            http,
            ws,
            mode,
            front,
            task,
        })
    }

    /// Behaves in another way from now on. All connections end.
    pub(super) fn be(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Requests over HTTP since the start.
    pub(super) fn requests(&self) -> u64 {
        self.front.requests.load(Ordering::Relaxed)
    }
}

/// Listens, and begins anew with every change of the mode.
async fn run(front: Arc<Front>, mut changes: watch::Receiver<Mode>, http: u16, ws: u16) {
    loop {
        let mode = *changes.borrow_and_update();
        let mut serving = JoinSet::new();
        if mode != Mode::Down {
            serving.spawn(serve(listen(http).await, Arc::clone(&front)));
        }
        if matches!(mode, Mode::Honest | Mode::Slow) {
            serving.spawn(tunnel(listen(ws).await, front.node_ws, mode));
        }
        if changes.changed().await.is_err() {
            return;
        }
        serving.shutdown().await;
    }
}

async fn listen(port: u16) -> TcpListener {
    loop {
        match TcpListener::bind((HOST, port)).await {
            Ok(listener) => return listener,
            Err(_) => sleep(LISTENING).await,
        }
    }
}

impl Answer for Front {
    async fn answer(&self, asked: Asked) -> (StatusCode, Bytes) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mode = *self.mode.borrow();
        let question: Option<Value> = (mode == Mode::Lies)
            .then(|| serde_json::from_slice(&asked.body).ok())
            .flatten();
        if let Some(invented) = question.as_ref().and_then(lies::invent) {
            return (StatusCode::OK, invented);
        }
        let Ok((status, body)) = ask(self.node_http, "/", Some(asked.body)).await else {
            return (StatusCode::BAD_GATEWAY, Bytes::new());
        };
        if mode == Mode::Slow {
            sleep(SLOW).await;
        }
        let body = match mode {
            Mode::Lies => lies::twist(&body).unwrap_or(body),
            _ => body,
        };
        (status, body)
    }
}

/// Passes websockets on.
async fn tunnel(listener: TcpListener, node: u16, mode: Mode) {
    let mut tunnels = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while tunnels.try_join_next().is_some() {}
        let Ok((client, _)) = accepted else { continue };
        tunnels.spawn(async move {
            // Whatever breaks ends the tunnel, and the client connects again.
            let Ok(server) = TcpStream::connect((HOST, node)).await else {
                return;
            };
            if mode == Mode::Slow {
                slowly(client, server).await;
            } else {
                let (mut client, mut server) = (client, server);
                drop(copy_bidirectional(&mut client, &mut server).await);
            }
        });
    }
}

/// What the node sends arrives later, and in order.
async fn slowly(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (sender, mut held) = mpsc::channel::<(Instant, Vec<u8>)>(HELD);
    let asking = async {
        drop(tokio::io::copy(&mut from_client, &mut to_server).await);
    };
    let holding = async {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from_server.read(&mut piece).await {
            let bytes = piece.get(..length).unwrap_or_default().to_vec();
            if sender.send((Instant::now() + SLOW, bytes)).await.is_err() {
                break;
            }
        }
    };
    let answering = async {
        while let Some((due, bytes)) = held.recv().await {
            sleep_until(due).await;
            if to_client.write_all(&bytes).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = asking => {}
        () = holding => {}
        () = answering => {}
    }
}
