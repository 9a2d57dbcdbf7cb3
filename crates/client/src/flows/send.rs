//! Sends the transactions of a flow, several at a time.

use std::sync::atomic::{AtomicU64, Ordering};

use solana_instruction::Instruction;

use super::{
    FlowError, Session,
    snapshot::send::{Job, all},
};
use crate::chain::{ChainError, Receipt};

/// Sends independent transactions, [`Session::parallel`] at a time, and reports progress. One that a program or the
/// runtime refuses does not stop the others: its error is returned once the others are done.
///
/// # Errors
/// The first error. If it is no refusal, for example because the node does not answer, nothing more is sent.
pub(super) async fn send_all(
    session: &Session<'_>,
    what: &str,
    transactions: Vec<Vec<Instruction>>,
) -> Result<Vec<Receipt>, FlowError> {
    let total = u64::try_from(transactions.len()).unwrap_or(u64::MAX);
    let done = &AtomicU64::new(0);
    let send = |instructions: Vec<Instruction>| -> Job<'_, Result<Receipt, ChainError>> {
        Box::pin(async move {
            let sent = session.chain.send(&instructions).await;
            if let Err(error) = &sent
                && !error.is_refusal()
            {
                return Err(error.clone().into());
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            session.report.progress(what, done, total);
            Ok(sent)
        })
    };
    let sent = all(transactions.into_iter().map(send).collect(), session.parallel).await?;
    Ok(sent.into_iter().collect::<Result<_, _>>()?)
}
