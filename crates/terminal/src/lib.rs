//! What Bulkhead's commands share: output as text or JSON, progress bars, and errors on one line.
#![deny(missing_docs)]

pub mod error;
pub mod output;
mod progress;

pub use {output::Output, progress::Bar};
