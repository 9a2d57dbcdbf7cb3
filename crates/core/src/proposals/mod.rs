//! Proposals: approvals, delay, veto, execution.

pub(crate) mod acts;
pub mod execution;
pub mod nonce;
pub mod proposal;
pub mod veto;
