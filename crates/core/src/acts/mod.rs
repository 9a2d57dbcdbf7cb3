//! What may be done, one function an act, whoever asks: the program's handlers load accounts, call these and emit
//! events; the machine of the exhaustive check calls the same ones.
//!
//! An act that fails may have changed its accounts: callers throw them away, as the runtime does.

mod ballots;
mod checkpoints;
mod contagion;
mod council;
mod custody;
mod detectors;
mod limits;
mod pause;
mod proposals;
mod restoration;
mod snapshots;

pub use ballots::*;
pub use checkpoints::*;
pub use contagion::*;
pub use council::*;
pub use custody::*;
pub use detectors::*;
pub use limits::*;
pub use pause::*;
pub use proposals::*;
pub use restoration::*;
pub use snapshots::*;

/// The clock, read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
}
