//! What a domain may have its host do, and who decides on it.

mod steps;

pub use steps::*;
