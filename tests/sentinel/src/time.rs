//! Clocks of machines, which differ, and which move with the cluster.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bulkhead_sentinel::clock::{Clock, millis};

use crate::cluster::Cluster;

/// A machine's clock. Whoever waits by it moves the cluster.
pub struct MachineClock {
    /// The cluster.
    pub cluster: Arc<Cluster>,
    /// Seconds by which its date is wrong.
    pub wrong_by: i64,
    /// Milliseconds of the machine when the cluster began.
    pub since: u64,
}

#[async_trait]
impl Clock for MachineClock {
    fn now(&self) -> i64 {
        self.cluster.at().now + self.wrong_by
    }

    fn millis(&self) -> u64 {
        self.since + self.cluster.millis()
    }

    async fn sleep(&self, time: Duration) {
        for _ in 0..64 {
            tokio::task::yield_now().await;
        }
        self.cluster.pass(millis(time).max(1));
    }
}

/// A clock for sources: waits of up to a minute are over at once, and nothing that waits for longer goes on by itself.
#[derive(Default)]
pub struct SourceClock {
    /// The waits.
    pub waits: Mutex<Vec<Duration>>,
}

#[async_trait]
impl Clock for SourceClock {
    fn now(&self) -> i64 {
        0
    }

    fn millis(&self) -> u64 {
        1
    }

    async fn sleep(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
        if time > Duration::from_secs(60) {
            std::future::pending::<()>().await;
        }
        tokio::task::yield_now().await;
    }
}
