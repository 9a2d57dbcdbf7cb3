//! Everything that may be done, one function per act. The program's handlers load accounts, call these functions and
//! emit events; the machine of the exhaustive check calls the same functions.
//!
//! An act that fails may have changed its accounts: callers discard them, as the runtime does.

pub use crate::{
    ballots::acts::*, breakers::acts::*, checkpoints::acts::*, contagion::acts::*, custody::acts::*,
    detectors::acts::*, domain::acts::*, escape::acts::*, host::acts::*, insurance::acts::*, interim::acts::*,
    interim::ending::*, messages::acts::*, messages::rotation::*, pause::acts::*, proofs::acts::*, proposals::acts::*,
    restart::acts::*, restoration::acts::*, restoration::batch::*, restoration::terms::*, restoration::wishes::*,
    snapshots::acts::*,
};

/// The clock, read once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
}
