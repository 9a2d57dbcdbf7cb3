//! Refusals that a flow foresees, in words.

use anchor_lang::{error::Error, prelude::Pubkey};
use bulkhead::error::BulkheadError;
use bulkhead_core::CoreError;

use super::FlowError;

/// A rule refuses, so nothing is sent. `next` says what to do instead.
pub(super) fn refused(error: CoreError, next: impl AsRef<str>) -> FlowError {
    let message = BulkheadError::from(error).to_string();
    FlowError::Rule(error, format!("{message}; {}", next.as_ref()))
}

/// The arguments are not valid, by the program's own check.
pub(super) fn not_valid(error: &Error) -> FlowError {
    let code = match error {
        Error::AnchorError(error) => error.error_code_number,
        Error::ProgramError(_) => 0,
    };
    let why = match BulkheadError::of_number(code) {
        Some(named) => format!("{}: {named}", named.name()),
        None => error.to_string(),
    };
    FlowError::NotPossible {
        why,
        next: "correct the arguments; nothing was sent".into(),
    }
}

/// Addresses as a list, or what to say if there are none.
pub(super) fn list(keys: &[Pubkey], none: &str) -> String {
    if keys.is_empty() {
        return none.to_owned();
    }
    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
    keys.join(", ")
}
