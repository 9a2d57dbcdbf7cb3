//! The `bulkhead` command as a library: drills, calibration, opening a domain, approving proposals, snapshots, and the
//! context that its verbs share.
#![deny(missing_docs)]

pub mod calibrate;
pub mod context;
pub mod drill;
pub mod exit;
pub mod files;
pub mod init;
pub mod output;
mod progress;
pub mod proposal;
pub mod sentinel;
pub mod shell;
pub mod snapshot;
pub mod verbs;
