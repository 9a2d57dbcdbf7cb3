//! The sentinel: a daemon that watches domains of Bulkhead, does for them what anyone may do, and pauses by rule with a
//! guardian's key that can do nothing else.
//!
//! [`sentinel::Sentinel`] is the loop. It takes what [`source`]s report, one step at a time, so tests run it on an
//! embedded machine without waiting. [`run`] wires it to nodes, a server and signals.
#![deny(missing_docs)]

pub mod act;
pub mod causes;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cranks;
pub mod duties;
pub mod health;
pub mod hooks;
pub mod leading;
pub mod metrics;
pub mod nodes;
pub mod notice;
pub mod prices;
pub mod rules;
pub mod run;
pub mod sentinel;
pub mod serve;
pub mod setup;
pub mod source;
pub mod state;
#[cfg(feature = "otel")]
pub mod traces;
pub mod view;
