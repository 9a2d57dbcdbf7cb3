//! The search for accounts of the domains, and how long it takes.

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_client::chain::Chain;
use bulkhead_sentinel::{
    clock::Clock,
    source::{Event, Order, Out, Pace, Poller, Source, Wanted, program::Whole},
};
use bulkhead_testbed::OnMachine;
use tokio::sync::{mpsc, watch};

use common::world;

/// Waits in no time, and keeps count of it.
#[derive(Default)]
struct Counting(AtomicU64);

#[async_trait]
impl Clock for Counting {
    fn now(&self) -> i64 {
        0
    }

    fn millis(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Whoever waits for less wakes first.
    async fn sleep(&self, time: Duration) {
        let until = self.millis() + u64::try_from(time.as_millis()).unwrap();
        while self.millis() < until {
            tokio::task::yield_now().await;
            self.0.fetch_add(50, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn a_search_for_many_domains_does_not_wait_for_as_many_polls() {
    const DOMAINS: u8 = 100;
    let (machine, protocol, _) = world();
    let chain: Arc<dyn Chain> = Arc::new(OnMachine::new(machine, vec![]));
    let clock = Arc::new(Counting::default());
    let pace = Pace {
        poll: Duration::from_secs(10),
        discover_millis: 300_000,
    };
    let heads = Arc::new(Whole(Arc::clone(&chain)));
    let ticking: Arc<dyn Clock> = Arc::<Counting>::clone(&clock);
    let poller = Poller::new(chain, heads, ticking, Order::default(), pace, Arc::default());
    // The one that has something is the last.
    let mut domains: Vec<Pubkey> = (1..DOMAINS).map(|byte| Pubkey::new_from_array([byte; 32])).collect();
    domains.push(protocol.domain);
    let wanted = Wanted {
        domains,
        ..Wanted::default()
    };
    let (_publisher, wanted) = watch::channel(Arc::new(wanted));
    let (sender, mut events) = mpsc::channel(1);
    let running = tokio::spawn(Box::new(poller).run(wanted, Out { eye: 0, sender }));
    loop {
        let (_, events) = events.recv().await.unwrap();
        if events.contains(&Event::Discovered) {
            break;
        }
    }
    running.abort();
    let seconds = clock.millis() / 1_000;
    assert!(
        seconds <= 300,
        "the search took {seconds} seconds, as long as until the next"
    );
}
