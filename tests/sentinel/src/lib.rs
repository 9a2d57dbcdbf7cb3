//! What the tests of the sentinel's features share: a cluster with one domain and the rules of `bulkhead-core`, daemons
//! on it, and the other side of each protocol.

pub mod cluster;
pub mod daemon;
#[cfg(feature = "geyser")]
pub mod geyser;
#[cfg(feature = "otel")]
pub mod otlp;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod time;
