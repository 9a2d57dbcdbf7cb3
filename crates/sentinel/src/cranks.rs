//! Runs the cranks of many transactions.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::flows::{
    Done, FlowError, Session,
    checkpoint::{Positions, attest_checkpoint, checkpoint},
    claim::{Leaves, claim_all},
    restore::restore,
    snapshot::snapshot,
};

use crate::duties::{Crank, CrankKind};

/// Runs a crank to its end, or to where it cannot go on yet.
///
/// # Errors
/// [`FlowError`], but not [`FlowError::NotYet`]: what is not due yet is tried again in its next period.
pub async fn run(session: &Session<'_>, crank: &Crank, attester: Option<Pubkey>) -> Result<Done, FlowError> {
    let done = match crank.kind {
        CrankKind::Snapshot { ledger } => {
            let cranker = session.chain.payer();
            snapshot(session, crank.domain, cranker, ledger)
                .await
                .map(|snapshotted| snapshotted.done)
        }
        CrankKind::Claim { incident, ledger } => claims(session, crank.domain, incident, ledger).await,
        CrankKind::Checkpoint { ledger } => match attester {
            Some(attester) => {
                let posted = checkpoint(session, crank.domain, attester, ledger, Positions::Now).await;
                posted.map(|checkpointed| checkpointed.done)
            }
            None => Ok(Done::default()),
        },
        CrankKind::Attest { ledger, slot } => match attester {
            Some(attester) => {
                let attested = attest_checkpoint(session, crank.domain, attester, ledger, slot, Positions::Now).await;
                attested.map(|checkpointed| checkpointed.done)
            }
            None => Ok(Done::default()),
        },
    };
    match done {
        Err(FlowError::NotYet { why, next }) => {
            tracing::info!(crank = crank.name, why, next, "a crank cannot go on yet");
            Ok(Done::default())
        }
        other => other,
    }
}

/// Brings what has arrived to the claims, and pays them.
async fn claims(session: &Session<'_>, domain: Pubkey, incident: Pubkey, ledger: u8) -> Result<Done, FlowError> {
    let mut done = match restore(session, domain, incident, ledger, None).await {
        Ok(restored) => restored.done,
        Err(FlowError::NotYet { .. }) => Done::default(),
        Err(error) => return Err(error),
    };
    let claimed = claim_all(session, domain, incident, ledger, Leaves::Live).await?;
    for unpaid in &claimed.unpaid {
        tracing::warn!(%domain, ledger, why = unpaid.why, "a claim could not be paid");
    }
    done.receipts.extend(claimed.done.receipts);
    done.skipped = done.skipped.saturating_add(claimed.done.skipped);
    Ok(done)
}
