//! The rules of Bulkhead, each once, as pure functions: the clock, balances and rows come in as
//! parameters. The program, the clients and the tests call the same code.
#![cfg_attr(not(test), no_std)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

extern crate alloc;

pub mod acts;
pub mod associated;
pub mod ballots;
pub mod breakers;
pub mod checkpoints;
pub mod clock;
pub mod contagion;
pub mod custody;
pub mod detectors;
pub mod domain;
mod error;
pub mod escape;
pub mod fixed;
pub mod hash;
pub mod host;
pub mod insurance;
pub mod interim;
pub mod ledger_set;
#[cfg(any(test, feature = "machine"))]
pub mod machine;
pub mod messages;
pub mod mint;
pub mod pause;
pub mod permissiveness;
pub mod proofs;
pub mod proposals;
pub mod restart;
pub mod restoration;
pub mod secp256k1;
pub mod snapshots;
pub mod token;
pub mod transaction;
pub mod words;

pub use error::CoreError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
