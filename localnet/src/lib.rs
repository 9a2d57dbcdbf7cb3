//! A Solana node on this machine with Bulkhead's programs, a protected exchange, honest load, and a thief on request.
//!
//! The node is surfpool as a library. Everything that the sample consists of is created by real transactions through
//! its JSON-RPC; only more than 5,000 positions are written as accounts.
#![deny(missing_docs)]

pub mod attack;
pub mod bench;
pub mod error;
pub mod keys;
pub mod load;
pub mod manifest;
pub mod node;
pub mod place;
pub mod rpc;
pub mod run;
pub mod sample;
pub mod text;
pub mod warp;
