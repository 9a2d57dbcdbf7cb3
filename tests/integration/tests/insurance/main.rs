//! Insurance on the built program: attacks through its accounts, and the lockstep with the machine that
//! `crates/core/tests/insurance` compares with a reference.

mod attacks;
mod lockstep;
#[path = "../model/rng.rs"]
#[allow(dead_code)] // The model uses all of it.
mod rng;
mod tokens;
