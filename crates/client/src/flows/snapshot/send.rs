//! Sending what is missing, and many transactions at once.

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use anchor_lang::prelude::Pubkey;
use bulkhead::error::BulkheadError;
use bulkhead_core::CoreError;
use futures_util::{StreamExt, future::ready, stream};
use solana_instruction::Instruction;

use crate::{
    chain::ChainError,
    flows::{Done, FlowError, Session},
};

/// Creates the account of Bulkhead at `key` with `instructions`, unless it exists. Somebody else may create it at the
/// same time.
pub(in crate::flows) async fn ensure(
    session: &Session<'_>,
    key: &Pubkey,
    instructions: &[Instruction],
    done: &mut Done,
) -> Result<(), FlowError> {
    if exists(session, key).await? {
        done.skipped += 1;
        return Ok(());
    }
    match session.chain.send(instructions).await {
        Ok(receipt) => done.receipts.push(receipt),
        Err(error) => {
            if !exists(session, key).await.unwrap_or(false) {
                return Err(error.into());
            }
            done.skipped += 1;
        }
    }
    Ok(())
}

async fn exists(session: &Session<'_>, key: &Pubkey) -> Result<bool, ChainError> {
    let account = session.chain.account(key).await?;
    Ok(account.is_some_and(|account| account.owner == bulkhead::ID))
}

/// Runs jobs, at most `parallel` at once. After a failure no other job begins; those that have begun are waited for,
/// and the first failure is returned.
pub(in crate::flows) async fn all<T, F>(jobs: impl IntoIterator<Item = F>, parallel: usize) -> Result<Vec<T>, FlowError>
where
    F: Future<Output = Result<T, FlowError>>,
{
    let has_failed = AtomicBool::new(false);
    let jobs = stream::iter(jobs).take_while(|_| ready(!has_failed.load(Relaxed)));
    let mut results = pin!(jobs.buffer_unordered(parallel.max(1)));
    let (mut done, mut failure) = (Vec::new(), None);
    while let Some(result) = results.next().await {
        match result {
            Ok(result) => done.push(result),
            Err(error) => {
                has_failed.store(true, Relaxed);
                failure.get_or_insert(error);
            }
        }
    }
    failure.map_or(Ok(done), Err)
}

/// A rule of the program that would refuse, in the program's words and with what to do next.
pub(in crate::flows) fn refused(error: CoreError, next: &str) -> FlowError {
    let message = BulkheadError::of_number(error.number()).map(|error| error.to_string());
    FlowError::Rule(error, format!("{} {next}", message.unwrap_or_default()))
}

/// Whether the transaction asked for more computing or memory than one may use.
pub(in crate::flows) fn is_too_large(error: &ChainError) -> bool {
    let (text, logs) = match error {
        ChainError::Refused { reason, logs } => (reason, logs),
        ChainError::Program { message, logs, .. } => (message, logs),
        _ => return false,
    };
    let marks = [
        "ComputationalBudgetExceeded",
        "exceeded CUs meter",
        "Computational budget exceeded",
        "ProgramFailedToComplete",
        "Program failed to complete",
        "memory allocation failed",
        "MaxInstructionTraceLengthExceeded",
        "MaxLoadedAccountsDataSizeExceeded",
        "VersionedTransaction too large",
    ];
    marks.iter().any(|mark| text.contains(mark) || logs.contains(mark))
}

impl Done {
    /// Adds what another part of the same flow did.
    pub(in crate::flows) fn add(&mut self, other: Self) {
        self.receipts.extend(other.receipts);
        self.skipped += other.skipped;
    }
}
