//! The `bulkhead` command as a library: drills, calibration, opening a domain, approving proposals, snapshots.
#![deny(missing_docs)]

pub mod calibrate;
pub mod context;
pub mod drill;
pub mod files;
pub mod init;
pub mod output;
mod progress;
pub mod proposal;
pub mod rpc;
pub mod snapshot;
pub mod verbs;
