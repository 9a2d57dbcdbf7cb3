//! The escape: what anyone may do once a freeze has lasted for as long as was fixed in peace.
//!
//! It pays claims and opens no action of the host. Only resolving the incident stops its clock.

pub mod acts;
pub mod clock;
