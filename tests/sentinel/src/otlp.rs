//! An OpenTelemetry collector that keeps what it is sent.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value::Value},
};
use prost::Message;

/// A span: its name, the service that made it, and its attributes as text.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Who made it.
    pub service: String,
    /// What it says.
    pub attributes: BTreeMap<String, String>,
}

impl Span {
    /// An attribute, or nothing.
    pub fn says(&self, key: &str) -> &str {
        self.attributes.get(key).map_or("", String::as_str)
    }
}

/// The collector. It has a thread of its own, so a test that waits for the exporter does not keep it from answering.
pub struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    address: SocketAddr,
}

type Kept = Arc<Mutex<Vec<Span>>>;

impl Collector {
    /// Starts one.
    pub fn start() -> Self {
        let spans = Kept::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&spans));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
                serve(listener, router).await;
            });
        });
        Self { spans, address }
    }

    /// Where it takes traces.
    pub fn url(&self) -> String {
        format!("http://{}/v1/traces", self.address)
    }

    /// The spans of this name.
    pub fn spans(&self, name: &str) -> Vec<Span> {
        let spans = self.spans.lock().unwrap();
        spans.iter().filter(|span| span.name == name).cloned().collect()
    }
}

/// Answers one request after the other on each connection.
async fn serve(listener: tokio::net::TcpListener, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(router.clone());
        let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async { drop(serving.await) });
    }
}

async fn take(State(kept): State<Kept>, body: Bytes) -> Vec<u8> {
    let request = ExportTraceServiceRequest::decode(body).expect("protobuf over HTTP");
    for resource in request.resource_spans {
        let about = texts(
            resource
                .resource
                .map(|resource| resource.attributes)
                .unwrap_or_default(),
        );
        let service = about.get("service.name").cloned().unwrap_or_default();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        kept.lock().unwrap().extend(spans.map(|span| Span {
            name: span.name,
            service: service.clone(),
            attributes: texts(span.attributes),
        }));
    }
    ExportTraceServiceResponse::default().encode_to_vec()
}

fn texts(all: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(is) => is.to_string(),
        other => format!("{other:?}"),
    };
    let pair = |pair: KeyValue| Some((pair.key, text(pair.value?.value?)));
    all.into_iter().filter_map(pair).collect()
}
