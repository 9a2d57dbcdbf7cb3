//! What a domain may have its host do, and who decides on it.

mod direct;
mod steps;
mod upgrade;

pub use direct::*;
pub use steps::*;
pub use upgrade::*;
