//! Positions of one slot, and the slot's hash.

use std::time::Duration;

use bulkhead::instructions::SLOT_HASHES_SYSVAR;
use bulkhead_core::checkpoints::checkpoint as rules;
use bulkhead_interface::{constants::ledger_mode, layout::Ledger};

use crate::flows::{
    FlowError, Session,
    snapshot::{Leaf, positions},
};

/// How often the positions of one slot are tried to be read.
const ATTEMPTS: usize = 3;
/// How often the slot's hash is looked for, and the wait between two looks: a minute in all.
const LOOKS: usize = 150;
const LOOK: Duration = Duration::from_millis(400);

/// The positions of an export are known to the program alone.
pub(super) fn readable(ledger: &Ledger) -> Result<(), FlowError> {
    if ledger.mode != ledger_mode::EXPORT {
        return Ok(());
    }
    Err(FlowError::NotPossible {
        why: "the ledger is read by the host's export, and its positions cannot be read off chain".into(),
        next: "pass the positions, as the host states them at the end of the slot".into(),
    })
}

/// The positions as the chain has them now.
pub(super) async fn positions_now(session: &Session<'_>, ledger: &Ledger) -> Result<Vec<Leaf>, FlowError> {
    let listed = positions(session, ledger).await?;
    if let Some(warning) = listed.warning() {
        session.report.note(&warning);
    }
    Ok(listed.into_leaves())
}

/// Positions and the slot at whose end they were so. A node does not name the slot of such an answer. But if the
/// clock stands still over the reading, its slot is the answer's; and if two readings agree, the positions were the
/// same in the slot that lies between them.
pub(super) async fn read_slot(session: &Session<'_>, ledger: &Ledger) -> Result<(u64, Vec<Leaf>), FlowError> {
    readable(ledger)?;
    let mut before = session.chain.now().await?.slot;
    let mut earlier: Option<Vec<Leaf>> = None;
    for _ in 0..ATTEMPTS {
        let leaves = positions_now(session, ledger).await?;
        if earlier.is_some_and(|earlier| earlier == leaves) {
            return Ok((before, leaves));
        }
        let after = session.chain.now().await?.slot;
        if after == before {
            return Ok((after, leaves));
        }
        (before, earlier) = (after, Some(leaves));
    }
    Err(FlowError::NotPossible {
        why: format!("the positions changed between each of {ATTEMPTS} readings"),
        next: "read the positions of one slot from an archive or with `bulkhead snapshot`, and pass them".into(),
    })
}

/// The hash of a slot, as soon as the slot has ended.
pub(super) async fn slot_hash(session: &Session<'_>, slot: u64) -> Result<[u8; 32], FlowError> {
    for _ in 0..LOOKS {
        let account = session.chain.account(&SLOT_HASHES_SYSVAR).await?.unwrap_or_default();
        if let Some(hash) = rules::slot_hash(&account.data, slot) {
            return Ok(*hash);
        }
        if newest_slot(&account.data).is_some_and(|newest| newest > slot) {
            return Err(FlowError::NotPossible {
                why: format!("slot {slot} is not among the cluster's last 512 slots, or was skipped on its fork"),
                next: "build the checkpoint of a newer slot".into(),
            });
        }
        session.chain.wait(LOOK).await;
    }
    Err(FlowError::NotYet {
        why: format!("slot {slot} has not ended"),
        next: "is the cluster producing blocks? Run this again".into(),
    })
}

/// The newest slot of the sysvar: its first row.
fn newest_slot(sysvar: &[u8]) -> Option<u64> {
    sysvar.get(8..)?.first_chunk().map(|slot| u64::from_le_bytes(*slot))
}
