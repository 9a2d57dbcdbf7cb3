//! The time of this machine. What is due on chain is measured by the cluster's clock; this one paces requests, and dates
//! records and messages.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

/// A clock. Tests bring their own, which only moves when it is moved.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Unix seconds.
    fn now(&self) -> i64;

    /// Milliseconds since a fixed moment. Never goes back.
    fn millis(&self) -> u64;

    /// Waits.
    async fn sleep(&self, time: Duration);
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct System {
    started: Instant,
}

impl Default for System {
    fn default() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

#[async_trait]
impl Clock for System {
    fn now(&self) -> i64 {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(passed.as_secs()).unwrap_or(i64::MAX)
    }

    fn millis(&self) -> u64 {
        millis(self.started.elapsed())
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Whole milliseconds.
#[must_use]
pub fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whole seconds.
#[must_use]
pub fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
