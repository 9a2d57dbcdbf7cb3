//! The queue of a vault is a ledger: an evacuation keeps what it is owed, a snapshot reads it, a restoration pays it, and what
//! was cancelled is the host's again. Nothing that a host has debited is ever void.

mod attacks;
mod cancelled;
mod escaped;
mod host;
mod paid;
mod returned;
