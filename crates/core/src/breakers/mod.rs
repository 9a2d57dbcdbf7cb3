//! Outflow breakers: how much may leave in a window.

pub(crate) mod acts;
pub mod verdict;
pub mod window;
