//! Rust client of Bulkhead: addresses, instructions, decoding. It sends nothing. Callers bring their own RPC client,
//! test machine or CPI.
#![deny(missing_docs)]

pub mod chain;
pub mod decode;
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
