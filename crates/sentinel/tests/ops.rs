//! What the dashboard and the alerts refer to exists, and what notices look like.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use bulkhead_sentinel::{
    config::{Severity, WebhookKind},
    hooks::{Hook, Post, Request, address, deliver, request, signature},
    metrics,
    notice::{Notice, NoticeKind},
    serve::{Shared, Status},
    state::Store,
};
use serde_json::Value;

fn ops(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ops").join(name)).unwrap()
}

/// The metrics that a text refers to.
fn named(text: &str) -> BTreeSet<String> {
    let is_of_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let names = text.match_indices("bulkhead_sentinel_").map(|(start, _)| {
        let rest = &text[start..];
        let end = rest.find(|letter: char| !is_of_name(letter)).unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    names
        .map(
            |name| match name.strip_suffix("_bucket").or_else(|| name.strip_suffix("_count")) {
                Some(histogram) if metrics::ALL.contains(&histogram) => histogram.to_owned(),
                _ => name,
            },
        )
        .collect()
}

#[test]
fn every_metric_of_dashboard_and_alerts_exists_and_every_metric_is_shown() {
    let all: BTreeSet<String> = metrics::ALL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(all.len(), metrics::ALL.len(), "no name twice");
    let dashboard = ops("grafana-dashboard.json");
    let alerts = ops("alerts.yml");
    for (file, text) in [("grafana-dashboard.json", &dashboard), ("alerts.yml", &alerts)] {
        let unknown: Vec<_> = named(text).difference(&all).cloned().collect();
        assert!(unknown.is_empty(), "{file} refers to {unknown:?}");
    }
    let unseen: Vec<_> = all.difference(&named(&dashboard)).cloned().collect();
    assert!(unseen.is_empty(), "the dashboard does not show {unseen:?}");
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sentinel.md")).unwrap();
    let undescribed: Vec<_> = all.difference(&named(&page)).cloned().collect();
    assert!(
        undescribed.is_empty(),
        "docs/sentinel.md does not describe {undescribed:?}"
    );
}

#[test]
fn the_dashboard_is_json_with_a_title_on_every_panel() {
    let dashboard: Value = serde_json::from_str(&ops("grafana-dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 15);
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    for panel in panels {
        assert!(panel["title"].as_str().is_some_and(|title| !title.is_empty()));
        assert!(panel["targets"].as_array().is_some_and(|targets| !targets.is_empty()));
    }
}

fn notice(kind: NoticeKind, severity: Severity) -> Notice {
    Notice {
        id: format!("c/{}", kind.name()),
        kind,
        severity,
        cause: "c".into(),
        domain: "d".into(),
        rule: "drain".into(),
        subject: "account".into(),
        text: "fell by <5> & more".into(),
        eyes: 1,
        quorum: 2,
        slot: 7,
        ts: 100,
    }
}

fn hook(name: &str, kind: WebhookKind) -> Hook {
    Hook {
        name: name.into(),
        kind,
        url: format!("https://{name}"),
        secret: "key".into(),
        least: Severity::Info,
        changes: false,
    }
}

#[test]
fn the_signature_is_hmac_sha256_over_time_and_body() {
    // RFC 4231 has no case with a dot in the data; this one was computed by `openssl dgst -sha256 -hmac key`.
    assert_eq!(
        signature("key", 1, "The quick brown fox"),
        format!("t=1,v1={}", hmac("key", "1.The quick brown fox"))
    );
    assert_eq!(
        hmac("key", "The quick brown fox jumps over the lazy dog"),
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    );
}

/// HMAC-SHA256 by its definition.
fn hmac(key: &str, text: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let pad = |byte: u8| block.map(|each| each ^ byte);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn each_kind_gets_what_it_understands() {
    let reported = notice(NoticeKind::Reported, Severity::Critical);
    let body = |kind| -> Value { serde_json::from_str(&request(&hook("h", kind), &reported, 5).body).unwrap() };
    let generic = request(&hook("h", WebhookKind::Generic), &reported, 5);
    let signed = generic
        .headers
        .iter()
        .find(|(name, _)| *name == "x-bulkhead-signature")
        .unwrap();
    assert_eq!(signed.1, signature("key", 5, &generic.body));
    assert_eq!(body(WebhookKind::Generic)["kind"], "reported");
    let text = body(WebhookKind::Slack)["text"].as_str().unwrap().to_owned();
    assert!(
        text.contains("fell by &lt;5&gt; &amp; more") && text.contains("1 of 2 endpoints"),
        "{text}"
    );
    let event = body(WebhookKind::Pagerduty);
    assert_eq!(
        (&event["event_action"], &event["dedup_key"]),
        (&"trigger".into(), &"c".into())
    );
    assert_eq!(event["routing_key"], "key");
    let cleared = notice(NoticeKind::Cleared, Severity::Critical);
    let event: Value = serde_json::from_str(&request(&hook("h", WebhookKind::Pagerduty), &cleared, 5).body).unwrap();
    assert_eq!(
        (&event["event_action"], &event["dedup_key"]),
        (&"resolve".into(), &"c".into())
    );
}

#[test]
fn a_webhook_gets_what_is_grave_enough_and_changes_only_if_it_wants_them() {
    let grave = Hook {
        least: Severity::Critical,
        ..hook("grave", WebhookKind::Slack)
    };
    let curious = Hook {
        changes: true,
        ..hook("curious", WebhookKind::Slack)
    };
    let hooks = [grave, curious];
    let names =
        |notice: &Notice| -> Vec<String> { address(&hooks, notice).into_iter().map(|(name, _)| name).collect() };
    assert_eq!(
        names(&notice(NoticeKind::Confirmed, Severity::Critical)),
        ["grave", "curious"]
    );
    assert_eq!(names(&notice(NoticeKind::Confirmed, Severity::Warning)), ["curious"]);
    assert_eq!(names(&notice(NoticeKind::Changed, Severity::Info)), ["curious"]);
}

/// Answers with these, in turn, and keeps what it was sent.
struct Answers {
    left: Mutex<Vec<Result<u16, String>>>,
    sent: Arc<Mutex<Vec<Request>>>,
}

#[async_trait]
impl Post for Answers {
    async fn post(&self, request: Request) -> Result<u16, String> {
        self.sent.lock().unwrap().push(request);
        self.left.lock().unwrap().remove(0)
    }
}

#[tokio::test]
async fn a_notice_is_kept_until_it_is_taken_and_sent_again_with_longer_waits() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("state.db").display());
    let store = Store::open(&url).await.unwrap();
    let hooks = [hook("h", WebhookKind::Generic)];
    let confirmed = notice(NoticeKind::Confirmed, Severity::Critical);
    store.add_notices(&address(&hooks, &confirmed)).await.unwrap();
    store.add_notices(&address(&hooks, &confirmed)).await.unwrap();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let answers = Answers {
        left: Mutex::new(vec![Err("refused".into()), Ok(503), Ok(429), Ok(204), Ok(400)]),
        sent: Arc::clone(&sent),
    };
    let post: Arc<dyn Post> = Arc::new(answers);
    let count = || sent.lock().unwrap().len();
    let at = async |store: &Store, now| deliver(store, &hooks[0], &post, now).await.unwrap();
    assert_eq!(at(&store, 99).await, 0, "not before it was made");
    assert_eq!(at(&store, 100).await, 1);
    assert_eq!(at(&store, 104).await, 0, "it waits");
    assert_eq!((at(&store, 105).await, count()), (1, 2));
    assert_eq!((at(&store, 114).await, count()), (0, 2), "twice as long");
    assert_eq!((at(&store, 115).await, count()), (1, 3));
    // Also across a restart.
    store.close().await;
    let store = Store::open(&url).await.unwrap();
    assert_eq!((at(&store, 200).await, count()), (0, 4));
    assert_eq!((at(&store, 100_000).await, count()), (0, 4), "once taken, never again");
    // What can never be taken is dropped.
    store
        .add_notices(&address(&hooks, &notice(NoticeKind::Cleared, Severity::Info)))
        .await
        .unwrap();
    assert_eq!((at(&store, 200).await, count()), (0, 5));
    assert_eq!((at(&store, 100_000).await, count()), (0, 5));
}

/// Answers one webhook, and not the other.
struct OneIsDown(Mutex<Vec<String>>);

#[async_trait]
impl Post for OneIsDown {
    async fn post(&self, request: Request) -> Result<u16, String> {
        self.0.lock().unwrap().push(request.url.clone());
        if request.url.contains("down") {
            return Err("no answer in ten seconds".into());
        }
        Ok(200)
    }
}

#[tokio::test]
async fn a_webhook_that_is_down_delays_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("state.db").display());
    let store = Store::open(&url).await.unwrap();
    let of = |name: &str| Hook {
        url: format!("http://{name}"),
        ..hook(name, WebhookKind::Slack)
    };
    let (down, up) = (of("down"), of("up"));
    // More than one round takes, all of them older than what the other webhook is to get.
    for number in 0..150 {
        let old = Notice {
            id: format!("n{number}"),
            ..notice(NoticeKind::Confirmed, Severity::Critical)
        };
        store.add_notices(&[(down.name.clone(), old)]).await.unwrap();
    }
    let new = Notice {
        ts: 101,
        ..notice(NoticeKind::Confirmed, Severity::Critical)
    };
    store.add_notices(&[(up.name.clone(), new)]).await.unwrap();
    let asked = Arc::new(OneIsDown(Mutex::default()));
    let post: Arc<dyn Post> = Arc::<OneIsDown>::clone(&asked);
    assert_eq!(deliver(&store, &down, &post, 101).await.unwrap(), 100);
    assert_eq!(asked.0.lock().unwrap().len(), 1, "it is waited for once in a round");
    assert_eq!(deliver(&store, &up, &post, 101).await.unwrap(), 0);
    assert_eq!(asked.0.lock().unwrap().last().unwrap(), "http://up");
    // A webhook that is no longer in the file waits for nothing.
    store.drop_strays(&["up"]).await.unwrap();
    assert!(store.due_notices("down", 1_000_000).await.unwrap().is_empty());
}

#[test]
fn it_is_ready_when_it_can_do_what_it_is_there_for() {
    let shared = Shared::default();
    assert!(!shared.get().is_ready() || shared.get().quorum == 0);
    let ready = Status {
        leads: false,
        endpoints_open: 2,
        quorum: 2,
        domains_seen: 3,
        domains: 3,
        state_works: true,
        ..Status::default()
    };
    assert!(ready.is_ready(), "one that waits for the leader is ready");
    for not in [
        Status {
            endpoints_open: 1,
            ..ready.clone()
        },
        Status {
            domains_seen: 2,
            ..ready.clone()
        },
        Status {
            state_works: false,
            ..ready.clone()
        },
    ] {
        shared.set(not);
        assert!(!shared.get().is_ready());
    }
}
