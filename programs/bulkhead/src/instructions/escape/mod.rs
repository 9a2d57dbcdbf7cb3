//! The escape: what anyone may do once a freeze has lasted for as long as was fixed in peace.

mod fund_from_custody;
mod open_escape;
mod set_recovery_rules;

pub use {fund_from_custody::*, open_escape::*, set_recovery_rules::*};
