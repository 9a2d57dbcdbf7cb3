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

#[cfg(any(test, feature = "machine"))]
extern crate alloc;

pub mod acts;
pub mod associated;
pub mod ballot;
pub mod board;
pub mod checkpoint;
pub mod claims;
pub mod clock;
pub mod confirmation;
pub mod contagion;
pub mod council;
pub mod custody;
mod error;
pub mod escrow;
pub mod execution;
pub mod fetch;
pub mod fixed;
pub mod frontier;
pub mod hash;
pub mod incident;
pub mod latch;
pub mod layout;
#[cfg(any(test, feature = "machine"))]
pub mod machine;
pub mod merkle;
pub mod migration;
pub mod mint;
pub mod nonce;
pub mod oracle;
pub mod permissiveness;
pub mod phase;
pub mod price;
pub mod proposal;
pub mod prorata;
pub mod release_list;
pub mod root;
pub mod share;
pub mod solvency;
pub mod token;
pub mod transaction;
pub mod verdict;
pub mod veto;
pub mod watch;
pub mod window;
pub mod words;

pub use error::CoreError;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
