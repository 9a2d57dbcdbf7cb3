//! One event per state change, named in the past tense.

mod authority;
mod ballots;
mod breakers;
mod checkpoints;
mod contagion;
mod custody;
mod detectors;
mod host;
mod insurance;
mod log;
mod pause;
mod restoration;
mod snapshots;

pub use {
    authority::*, ballots::*, breakers::*, checkpoints::*, contagion::*, custody::*, detectors::*, host::*,
    insurance::*, log::log, pause::*, restoration::*, snapshots::*,
};
