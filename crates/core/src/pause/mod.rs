//! The pause board, and the incident that a pause opens.

pub(crate) mod acts;
pub mod board;
pub mod confirmation;
pub mod incident;
