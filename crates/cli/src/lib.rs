//! The `bulkhead` command as a library: adoption, calibration, opening a domain, approving proposals, snapshots, and the
//! context that its verbs share.
#![deny(missing_docs)]

pub mod adopt;
pub mod calibrate;
pub mod command_line;
pub mod context;
pub mod exit;
pub mod files;
pub mod init;
pub mod ledger;
pub mod neighbour;
pub mod proposal;
pub mod shell;
pub mod snapshot;
pub mod verbs;

pub use bulkhead_terminal::output;
