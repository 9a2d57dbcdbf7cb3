//! Receives the sentinel's webhooks, and keeps count of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use hyper::{StatusCode, body::Bytes};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::http::{Answer, Asked, serve};
use crate::node::HOST;

/// What is read of a notice.
#[derive(Deserialize)]
struct Notice {
    id: String,
    kind: String,
    cause: String,
    rule: String,
}

/// What was received.
#[derive(Default)]
struct Received {
    /// How often each notice came.
    times: BTreeMap<String, u64>,
    /// The causes of each rule, by what happened to them.
    causes: BTreeMap<(String, String), BTreeSet<String>>,
}

/// The receiver.
pub(super) struct Alarms {
    /// Where it listens.
    pub port: u16,
    desk: Arc<Desk>,
    news: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

struct Desk {
    received: Mutex<Received>,
    /// Every so many requests are refused; 0 refuses none.
    refuses: AtomicU64,
    requests: AtomicU64,
    news: watch::Sender<u64>,
}

impl Drop for Alarms {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Alarms {
    /// Listens.
    pub(super) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((HOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (sender, news) = watch::channel(0);
        let desk = Arc::new(Desk {
            received: Mutex::default(),
            refuses: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            news: sender,
        });
        let task = tokio::spawn(serve(listener, Arc::clone(&desk)));
        Ok(Self { port, desk, news, task })
    }

    /// Refuses every so many requests from now on, so that notices have to be sent again.
    pub(super) fn refuse_every(&self, number: u64) {
        self.desk.refuses.store(number, Ordering::Relaxed);
    }

    /// The causes of a rule that something was announced of: `confirmed`, `paused`, `cleared`.
    pub(super) fn causes(&self, rule: &str, kind: &str) -> BTreeSet<String> {
        let received = self.desk.received();
        received
            .causes
            .get(&(rule.into(), kind.into()))
            .cloned()
            .unwrap_or_default()
    }

    /// Whether a notice came, by its own name.
    pub(super) fn has(&self, id: &str) -> bool {
        self.desk.received().times.contains_key(id)
    }

    /// Notices, and how many of them came more than once.
    pub(super) fn counts(&self) -> (usize, usize) {
        let received = self.desk.received();
        let again = received.times.values().filter(|times| **times > 1).count();
        (received.times.len(), again)
    }

    /// Waits until a rule has had so many causes of which something was announced.
    pub(super) async fn until(&self, rule: &str, kind: &str, count: usize) {
        let mut news = self.news.clone();
        while self.causes(rule, kind).len() < count {
            if news.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

impl Desk {
    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer for Desk {
    async fn answer(&self, asked: Asked) -> (StatusCode, Bytes) {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let refuses = self.refuses.load(Ordering::Relaxed);
        if refuses != 0 && number.is_multiple_of(refuses) {
            return (StatusCode::SERVICE_UNAVAILABLE, Bytes::new());
        }
        let Ok(notice) = serde_json::from_slice::<Notice>(&asked.body) else {
            return (StatusCode::BAD_REQUEST, Bytes::new());
        };
        // By its header, a receiver tells a notice that comes again from one that is new.
        if asked.notice.as_deref() != Some(notice.id.as_str()) {
            return (StatusCode::BAD_REQUEST, Bytes::new());
        }
        {
            let mut received = self.received();
            *received.times.entry(notice.id).or_default() += 1;
            let place = (notice.rule, notice.kind);
            received.causes.entry(place).or_default().insert(notice.cause);
        }
        self.news.send_modify(|count| *count += 1);
        (StatusCode::OK, Bytes::new())
    }
}
