//! How a stream asks the poller of its endpoint for a read.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Asks for a read at once, because changes may have been missed: before a connection, between two of them, on another
/// fork.
#[derive(Debug, Default)]
pub struct Nudge {
    asked: Notify,
    slot: AtomicU64,
}

impl Nudge {
    /// A read at once.
    pub fn read(&self) {
        self.asked.notify_one();
    }

    /// Reads at once, until one has reached this slot: what changed before it was not streamed, and a node that is
    /// behind does not show it yet.
    pub fn read_up_to(&self, slot: u64) {
        self.slot.store(slot, Ordering::SeqCst);
        self.read();
    }

    /// Whether a read of this slot is late enough.
    #[must_use]
    pub fn is_reached(&self, slot: u64) -> bool {
        slot >= self.slot.load(Ordering::SeqCst)
    }

    /// Waits until a read is asked for.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }
}
