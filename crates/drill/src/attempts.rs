//! The attacker's attempts after the breach, and their outcomes.

use bulkhead_testbed::{Failure, Outcome};

use crate::{error::error_name, report::Refusal};

/// Every attempt, refused or not.
#[derive(Default)]
pub(crate) struct Attempts {
    /// Refused attempts, with the error's name.
    pub refused: Vec<Refusal>,
    /// Attempts that succeeded; there must be none.
    pub went_through: Vec<String>,
}

impl Attempts {
    /// Records the outcome of an attempt in `slot`.
    pub(crate) fn note(&mut self, attempt: &str, slot: u64, result: Result<Outcome, Failure>) {
        match result {
            Ok(_) => self.went_through.push(attempt.to_owned()),
            Err(failure) => self.refused.push(Refusal {
                attempt: attempt.to_owned(),
                error: error_name(&failure),
                slot,
            }),
        }
    }
}
