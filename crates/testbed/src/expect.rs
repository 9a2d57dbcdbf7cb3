//! Expectations of a test or a drill about a transaction.

use crate::machine::{Failure, Outcome};

/// The transaction must succeed.
///
/// # Panics
/// When it fails, with error and logs.
pub fn must(result: Result<Outcome, Failure>) -> Outcome {
    match result {
        Ok(outcome) => outcome,
        Err(failure) => panic!("{}", explain(&failure)),
    }
}

/// The transaction must fail with this error of a program.
///
/// # Panics
/// When it succeeds, or fails with another error.
pub fn refused(result: Result<Outcome, Failure>, error: impl Into<u32>) {
    let code = error.into();
    match result {
        Ok(outcome) => panic!("{code} was expected, it passed:\n{}", outcome.logs.join("\n")),
        Err(failure) => assert_eq!(failure.code(), Some(code), "{}", explain(&failure)),
    }
}

fn explain(failure: &Failure) -> String {
    format!("{}\n{}", failure.error, failure.outcome.logs.join("\n"))
}
