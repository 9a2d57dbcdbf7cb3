//! Restoration: what was recovered, shared out by claims.

pub(crate) mod acts;
pub mod batch;
pub mod claims;
pub mod prorata;
pub mod share;
pub mod terms;
pub mod wishes;
