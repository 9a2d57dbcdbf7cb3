//! Who wants to know how far a run is.

/// Told of every step; called from several threads.
pub trait Progress: Sync {
    /// A step begins. `of` is its length where it is known.
    fn begin(&self, step: &str, of: Option<u64>);
    /// So many more are done.
    fn advance(&self, by: u64);
    /// A shard was found done by an earlier run.
    fn resumed(&self, shards: usize);
}

/// Nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn resumed(&self, _: usize) {}
}
