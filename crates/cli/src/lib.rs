//! The `bulkhead` command as a library: drills and their reports.
#![deny(missing_docs)]

pub mod drill;
pub mod report;
