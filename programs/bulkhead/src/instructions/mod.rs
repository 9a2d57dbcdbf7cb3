//! One folder per mechanism, one file per instruction.

pub mod ballots;
pub mod breakers;
pub mod checkpoints;
pub mod contagion;
pub mod custody;
pub mod detectors;
pub mod domain;
pub mod escape;
pub mod host;
pub mod insurance;
pub mod interim;
pub mod messages;
pub mod pause;
pub mod proofs;
pub mod proposals;
pub mod restart;
pub mod restoration;
pub mod snapshots;

pub use {
    ballots::*, breakers::*, checkpoints::*, contagion::*, custody::*, detectors::*, domain::*, escape::*, host::*,
    insurance::*, interim::*, messages::*, pause::*, proofs::*, proposals::*, restart::*, restoration::*, snapshots::*,
};
