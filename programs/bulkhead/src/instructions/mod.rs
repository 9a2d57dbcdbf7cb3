//! One folder per mechanism, one file per instruction.

pub mod custody;
pub mod breakers;
pub mod ballots;
pub mod domain;
pub mod pause;
pub mod proposals;
pub mod restoration;
pub mod snapshots;

pub use {custody::*, breakers::*, ballots::*, domain::*, pause::*, proposals::*, restoration::*, snapshots::*};
