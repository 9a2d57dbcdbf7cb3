//! Traces: a span for each start, each pause, each duty and each crank, to an OpenTelemetry collector.

use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Level, Subscriber};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

/// Longest time for one request to the collector.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest answer of the collector that is read.
const LONGEST: u64 = 1 << 20;
const NAME: &str = "bulkhead-sentinel";

/// What exports spans. Shut it down before the process ends, or the last spans are lost.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Exports to a collector at this URL.
    ///
    /// # Errors
    /// Why the URL is not usable.
    pub fn to(url: &str) -> Result<Self, String> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client(config.into()))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(url)
            .build()
            .map_err(|error| error.to_string())?;
        let resource = Resource::builder().with_service_name(NAME).build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Passes the spans of this crate on.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let own = Targets::new().with_target("bulkhead_sentinel", Level::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(NAME))
            .with_filter(own)
    }

    /// Exports what is left.
    pub fn shut_down(&self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

/// The HTTP client that is in the tree already. The exporter has a thread of its own, so it may block.
#[derive(Clone, Debug)]
struct Client(ureq::Agent);

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec()?;
        let (parts, _) = answer.into_parts();
        Ok(Response::from_parts(parts, Bytes::from(body)))
    }
}
