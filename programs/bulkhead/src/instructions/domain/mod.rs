//! Setting a domain up and changing who guards it.

mod activate_domain;
mod change_council;
mod open_domain;

pub use {activate_domain::*, change_council::*, open_domain::*};
