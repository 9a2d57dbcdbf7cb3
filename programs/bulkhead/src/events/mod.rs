//! What happened, in the past tense, one event per change of state.

mod authority;
mod pause;

pub use {authority::*, pause::*};
