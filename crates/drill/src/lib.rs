//! Replays an incident twice: once in the host's own custody and once under Bulkhead, with the same users, seed and
//! attacker. Every step is a transaction on the built programs. [`report`] renders the result as text, JSON or one HTML
//! page.
#![deny(missing_docs)]

mod attempts;
mod dependent;
mod deposits;
mod error;
mod flow;
mod incident;
mod laws;
mod phases;
mod presigned;
mod recovery;
mod replay;
pub mod report;
mod rng;
mod scenario;
mod stage;

pub use {
    error::DrillError,
    incident::{
        Attack, Authorities, BadDebt, Bound, CapturedVote, Crowd, Downstream, Drain, INCIDENTS, Incident, Markets,
        OneTransaction, Policy, SharedKeys, SlowDrain, StolenAdmin, ThinOracle, find,
    },
    laws::verify,
    replay::{MIN_POSITIONS, run},
    stage::Options,
};
