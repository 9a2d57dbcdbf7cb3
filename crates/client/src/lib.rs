//! Rust client of Bulkhead: addresses, instructions, decoding, flows of several transactions, and the status of a domain.
//! It holds no keys and knows no node: callers bring a [`chain::Chain`], or send the instructions themselves.
#![deny(missing_docs)]

pub mod chain;
pub mod decode;
pub mod direct_vault;
pub mod emergency;
pub mod flows;
pub mod instructions;
pub mod payload;
pub mod pda;
pub mod status;
pub mod view;
pub mod watch;

pub use {bulkhead, bulkhead_core as core, bulkhead_interface as interface};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
