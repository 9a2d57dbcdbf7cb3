//! Sends the transactions of a flow, several at a time.

use std::pin::pin;

use futures_util::{StreamExt, stream};
use solana_instruction::Instruction;

use super::{FlowError, Session};
use crate::chain::Receipt;

/// Sends independent transactions, [`Session::parallel`] at a time, and reports progress. One that a program refuses
/// does not stop the others: its error is returned once the others are done.
///
/// # Errors
/// The first error. If it is not a program's, nothing more is sent.
pub(super) async fn send_all(
    session: &Session<'_>,
    what: &str,
    transactions: Vec<Vec<Instruction>>,
) -> Result<Vec<Receipt>, FlowError> {
    let total = u64::try_from(transactions.len()).unwrap_or(u64::MAX);
    let sending = stream::iter(transactions)
        .map(|instructions| async move { session.chain.send(&instructions).await })
        .buffer_unordered(session.parallel.max(1));
    let mut sending = pin!(sending);
    let (mut receipts, mut refused) = (Vec::new(), None);
    let mut done = 0;
    while let Some(result) = sending.next().await {
        match result {
            Ok(receipt) => receipts.push(receipt),
            Err(error) if error.code().is_some() => refused = refused.or(Some(error)),
            Err(error) => return Err(error.into()),
        }
        done += 1;
        session.report.progress(what, done, total);
    }
    match refused {
        Some(error) => Err(error.into()),
        None => Ok(receipts),
    }
}
