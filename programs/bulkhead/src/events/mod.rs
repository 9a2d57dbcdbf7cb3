//! One event per state change, named in the past tense.

mod authority;
mod ballots;
mod breakers;
mod checkpoints;
mod contagion;
mod custody;
mod detectors;
mod escape;
mod host;
mod insurance;
mod interim;
mod log;
mod messages;
mod pause;
mod proofs;
mod restoration;
mod snapshots;

pub use {
    authority::*, ballots::*, breakers::*, checkpoints::*, contagion::*, custody::*, detectors::*, escape::*, host::*,
    insurance::*, interim::*, log::log, messages::*, pause::*, proofs::*, restoration::*, snapshots::*,
};
