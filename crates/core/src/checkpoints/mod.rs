//! Checkpoints of a ledger from before an incident.

pub(crate) mod acts;
pub mod checkpoint;
