//! What happened, in the past tense, one event per change of state.

mod custody;
mod breakers;
mod authority;
mod ballots;
mod pause;
mod restoration;
mod snapshots;

pub use {custody::*, breakers::*, authority::*, ballots::*, pause::*, restoration::*, snapshots::*};
