//! What the domain has its host do: emergency actions of several steps, evacuations of tokens that the host keeps itself,
//! upgrades of its programs.

pub(crate) mod acts;
pub mod loader;
