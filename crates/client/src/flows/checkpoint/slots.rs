//! Positions of one slot, and the slot's hash.

use std::time::Duration;

use bulkhead::instructions::SLOT_HASHES_SYSVAR;
use bulkhead_core::{checkpoints::checkpoint as rules, snapshots::layout};
use bulkhead_interface::{constants::ledger_mode, layout::Ledger};

use crate::{
    chain::{CLOCK, clock_of},
    flows::{
        FlowError, Session,
        snapshot::{Leaf, Listed, positions, positions_at},
    },
};

/// How often the positions of one slot are tried to be read.
const ATTEMPTS: usize = 8;
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
    note_unreadable(session, &listed);
    Ok(listed.into_leaves())
}

fn note_unreadable(session: &Session<'_>, listed: &Listed) {
    if let Some(warning) = listed.warning() {
        session.report.note(&warning);
    }
}

/// Positions and the slot at whose end they were so, as the node states it. They are taken only if they add up to the
/// host's total of that same slot: a listing that is incomplete, or of another slot than it says, is read again.
pub(super) async fn read_slot(session: &Session<'_>, ledger: &Ledger) -> Result<(u64, Vec<Leaf>), FlowError> {
    readable(ledger)?;
    let mut why = String::new();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            session.chain.wait(LOOK).await;
        }
        // One directly after the other, so that a node mostly answers both of one slot.
        let earlier = total_at(session, ledger).await?;
        let (slot, listed) = positions_at(session, ledger).await?;
        let later = if earlier.slot == slot {
            earlier
        } else {
            total_at(session, ledger).await?
        };
        let sum = listed.sum(ledger);
        match of_slot(slot, earlier, later) {
            Some(total) if layout::agrees(ledger, sum, total) => {
                note_unreadable(session, &listed);
                return Ok((slot, listed.into_leaves()));
            }
            Some(total) => {
                why = format!("the positions of slot {slot} add up to {sum}, and the host's total is {total}")
            }
            None => {
                why = format!(
                    "the node lists the positions of slot {slot}, and the host's total of slots {} and {}",
                    earlier.slot, later.slot
                );
            }
        }
    }
    Err(FlowError::NotPossible {
        why: format!("{why}, after {ATTEMPTS} readings"),
        next: "ask a node of your own with -u; if every node says the same, the host's total is wrong: collect the \
               positions of one slot with `bulkhead snapshot collect`, compare them, and pass them"
            .into(),
    })
}

/// The host's total, and the slot in which it was that.
#[derive(Clone, Copy)]
struct TotalAt {
    slot: u64,
    total: u128,
}

/// The clock is read in the same request, so it names the slot.
async fn total_at(session: &Session<'_>, ledger: &Ledger) -> Result<TotalAt, FlowError> {
    let found = session.chain.accounts(&[CLOCK, ledger.total_account]).await?;
    let [clock, total] = found.as_slice() else {
        return Err(unreadable(ledger));
    };
    let at = clock.as_ref().and_then(clock_of).ok_or_else(|| unreadable(ledger))?;
    let total = total.as_ref();
    let total = total.and_then(|total| layout::read_total(ledger, &total.owner, &total.data));
    Ok(TotalAt {
        slot: at.slot,
        total: total.ok_or_else(|| unreadable(ledger))?,
    })
}

fn unreadable(ledger: &Ledger) -> FlowError {
    FlowError::NotPossible {
        why: format!("the host's total in {} cannot be read", ledger.total_account),
        next: "is the node on the right cluster? The program cannot read it either, so nobody can post".into(),
    }
}

/// The total of a slot, out of one read in this slot, or out of two with nothing between them.
fn of_slot(slot: u64, earlier: TotalAt, later: TotalAt) -> Option<u128> {
    let is_between = earlier.slot <= slot && slot <= later.slot && earlier.total == later.total;
    let read = [earlier, later].into_iter().find(|read| read.slot == slot);
    read.or(is_between.then_some(later)).map(|read| read.total)
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
