//! Exit codes. `docs/cli.md` and `bulkhead --help` list them.

use bulkhead_client::{chain::ChainError, flows::FlowError};

use crate::context::ContextError;

/// Any error without a code of its own.
pub const ERROR: u8 = 1;
/// Arguments that make no sense, as the parser of the command line uses it too.
pub const USAGE: u8 = 2;
/// The program, or the runtime, refuses. Nothing changed.
pub const REFUSED: u8 = 3;
/// The node did not answer, or the transaction did not land. Running it again may help.
pub const NETWORK: u8 = 4;
/// Not yet, or not without somebody else.
pub const NOT_YET: u8 = 5;
/// A key is missing.
pub const MISSING_SIGNER: u8 = 6;

/// What `--help` says about exit codes.
pub const HELP: &str = "\
Exit codes:
  0  done
  1  error
  2  wrong arguments
  3  the program refused, or would refuse; nothing changed
  4  the node did not answer, or the transaction did not land; run it again, what is done is skipped
  5  not yet, or not without somebody else; the message says who and when
  6  a key is missing";

/// The exit code of an error.
#[must_use]
pub fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(of).unwrap_or(ERROR)
}

fn of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(error) = cause.downcast_ref::<FlowError>() {
        return Some(match error {
            FlowError::Chain(error) => of_chain(error),
            FlowError::Rule(..) => REFUSED,
            FlowError::NotYet { .. } => NOT_YET,
            FlowError::NotFound { .. } | FlowError::NotPossible { .. } => ERROR,
        });
    }
    if let Some(error) = cause.downcast_ref::<ContextError>() {
        return Some(match error {
            ContextError::Usage(_) => USAGE,
            ContextError::NoKeypair(_) => MISSING_SIGNER,
            ContextError::NoCluster | ContextError::NoDomain => ERROR,
        });
    }
    if let Some(bulkhead_snapshot::Error::Rpc { .. }) = cause.downcast_ref() {
        return Some(NETWORK);
    }
    cause.downcast_ref().map(of_chain)
}

const fn of_chain(error: &ChainError) -> u8 {
    match error {
        ChainError::Program { .. } | ChainError::Refused { .. } => REFUSED,
        ChainError::Unreachable { .. } | ChainError::Unreadable { .. } | ChainError::Expired { .. } => NETWORK,
        ChainError::MissingSigner(_) => MISSING_SIGNER,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn every_kind_of_error_has_its_code_under_any_context() {
        let unreachable = || ChainError::Unreachable {
            node: "n".into(),
            reason: "r".into(),
        };
        let not_yet = FlowError::NotYet {
            why: "w".into(),
            next: "n".into(),
        };
        for (error, expected) in [
            (anyhow::anyhow!("plain"), ERROR),
            (ContextError::Usage("u".into()).into(), USAGE),
            (ContextError::NoKeypair("k".into()).into(), MISSING_SIGNER),
            (ChainError::program(6000, &[]).into(), REFUSED),
            (unreachable().into(), NETWORK),
            (FlowError::Chain(unreachable()).into(), NETWORK),
            (not_yet.into(), NOT_YET),
            (ChainError::MissingSigner("s".into()).into(), MISSING_SIGNER),
        ] {
            assert_eq!(code(&error), expected, "{error}");
            let wrapped = Err::<(), _>(error)
                .context("while doing it")
                .context("and more")
                .unwrap_err();
            assert_eq!(code(&wrapped), expected, "{wrapped}");
        }
    }
}
