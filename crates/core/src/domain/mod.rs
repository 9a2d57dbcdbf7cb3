//! Who decides in a domain, and the phase it is in.

pub(crate) mod acts;
pub mod council;
pub mod phase;
