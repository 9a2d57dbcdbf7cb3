//! Reports a run's progress.

/// Receives every step. Called from several threads.
pub trait Progress: Sync {
    /// A step begins. `of` is its length, if known.
    fn begin(&self, step: &str, of: Option<u64>);
    /// This many more items are done.
    fn advance(&self, by: u64);
    /// A shard was already finished by an earlier run.
    fn resumed(&self, shards: usize);
}

/// Ignores all progress.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn resumed(&self, _: usize) {}
}
