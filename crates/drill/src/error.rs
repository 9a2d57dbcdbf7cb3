//! Why a drill did not finish.

use bulkhead_testbed::{Failure, MachineError};

/// Why a drill did not finish.
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// Too few positions to spread deposits over.
    #[error("TooFewPositions: a drill needs at least {least} positions, not {given}")]
    TooFewPositions {
        /// The minimum.
        least: u32,
        /// The requested number.
        given: u32,
    },
    /// The machine could not be started.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// A step that must succeed was refused.
    #[error("StepRefused: {step} was refused with {error}\n{logs}")]
    StepRefused {
        /// The step.
        step: String,
        /// Name of the error.
        error: String,
        /// The last lines of the logs.
        logs: String,
    },
    /// The attack did not exceed a limit, so there is nothing to recover from.
    #[error("NoBreach: the attack ended without a breach")]
    NoBreach,
    /// The tree on chain and the tree built off chain differ.
    #[error("TreeMismatch: {0}")]
    TreeMismatch(String),
    /// A law does not hold.
    #[error("LawBroken: {}", .0.join(", "))]
    LawBroken(Vec<String>),
}

/// Name of the error of a failed transaction: the program's as logged, or the runtime's.
#[must_use]
pub fn error_name(failure: &Failure) -> String {
    let logged = failure.outcome.logs.iter().rev().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        rest.split_once('.').map(|(name, _)| name.to_owned())
    });
    logged
        .or_else(|| failure.missing_signature().map(str::to_owned))
        .unwrap_or_else(|| failure.error.to_string())
}

/// The error of a step that must succeed.
pub(crate) fn refused(step: &str, failure: &Failure) -> DrillError {
    let logs = &failure.outcome.logs;
    DrillError::StepRefused {
        step: step.to_owned(),
        error: error_name(failure),
        logs: logs[logs.len().saturating_sub(8)..].join("\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_testbed::Outcome;

    #[test]
    fn the_program_names_its_error() {
        let failure = Failure::new(
            solana_transaction_error::TransactionError::AccountNotFound,
            Outcome {
                logs: vec![
                    "Program log: AnchorError thrown in a.rs:1. Error Code: DurableNonce. Error Number: 6200.".into(),
                    "Program x failed: custom program error".into(),
                ],
                ..Outcome::default()
            },
        );
        assert_eq!(error_name(&failure), "DurableNonce");
    }
}
