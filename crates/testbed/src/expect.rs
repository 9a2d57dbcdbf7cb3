//! What a test or a drill expects of a transaction.

use crate::machine::{Failure, Outcome};

/// It has to work.
///
/// # Panics
/// When it does not, with error and logs.
pub fn must(result: Result<Outcome, Failure>) -> Outcome {
    match result {
        Ok(outcome) => outcome,
        Err(failure) => panic!("{}", told(&failure)),
    }
}

/// It has to fail with this error of a program's.
///
/// # Panics
/// When it works, or fails otherwise.
pub fn refused(result: Result<Outcome, Failure>, error: impl Into<u32>) {
    let code = error.into();
    match result {
        Ok(outcome) => panic!("{code} was expected, it passed:\n{}", outcome.logs.join("\n")),
        Err(failure) => assert_eq!(failure.code(), Some(code), "{}", told(&failure)),
    }
}

fn told(failure: &Failure) -> String {
    format!("{}\n{}", failure.error, failure.outcome.logs.join("\n"))
}
