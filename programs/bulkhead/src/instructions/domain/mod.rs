//! Setting up a domain and changing who guards it.

mod activate_domain;
mod change_council;
mod grant_rights;
mod heartbeat;
mod open_domain;

pub use {activate_domain::*, change_council::*, grant_rights::*, heartbeat::*, open_domain::*};
