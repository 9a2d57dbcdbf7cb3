//! One folder per mechanism, one file per instruction.

pub mod domain;
pub mod pause;
pub mod proposals;

pub use {domain::*, pause::*, proposals::*};
