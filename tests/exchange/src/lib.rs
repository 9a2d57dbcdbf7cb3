//! The example exchange on a machine: worlds that its tests share.

pub mod floor;
pub mod world;
