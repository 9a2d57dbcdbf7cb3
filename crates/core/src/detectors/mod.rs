//! Detectors: prices, solvency and authorities, and the latch they share.

pub(crate) mod acts;
pub mod latch;
pub mod oracle;
pub mod price;
pub mod solvency;
pub mod watch;
