//! The `bulkhead` command as a library: drills and their reports, calibration, opening a domain, approving
//! proposals, snapshots.
#![deny(missing_docs)]

pub mod calibrate;
pub mod drill;
pub mod files;
pub mod init;
pub mod output;
pub mod proposal;
pub mod report;
pub mod rpc;
pub mod snapshot;
