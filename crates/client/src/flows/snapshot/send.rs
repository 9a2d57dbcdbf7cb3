//! Sending what is missing, and many transactions at once.

use std::{future::Future, pin::Pin};

use anchor_lang::prelude::Pubkey;
use futures_util::{StreamExt, stream::FuturesUnordered};
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

/// Something to be done beside others. Boxed: the compiler cannot prove of a stream of plain futures that another thread
/// may run it.
pub(in crate::flows) type Job<'a, T> = Pin<Box<dyn Future<Output = Result<T, FlowError>> + Send + 'a>>;

/// Runs jobs, at most `parallel` at once. After a failure no other job begins; those that have begun are waited for,
/// and the first failure is returned.
pub(in crate::flows) async fn all<T>(jobs: Vec<Job<'_, T>>, parallel: usize) -> Result<Vec<T>, FlowError> {
    let mut waiting = jobs.into_iter();
    let mut running: FuturesUnordered<_> = waiting.by_ref().take(parallel.max(1)).collect();
    let (mut done, mut failure) = (Vec::new(), None);
    while let Some(result) = running.next().await {
        match result {
            Ok(result) => done.push(result),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
        if failure.is_none() {
            running.extend(waiting.next());
        }
    }
    failure.map_or(Ok(done), Err)
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
