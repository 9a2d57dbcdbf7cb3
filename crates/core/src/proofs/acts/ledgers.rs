//! What fixes the leaves of a ledger: accumulators while it is read, and the ends of its shards once it is sealed.

use bulkhead_interface::{
    Pubkey,
    constants::{SHARDS, VERSION, proof_role, shard_flag, snapshot_source, snapshot_state},
    layout::{ProofRules, Restoration, SealedLedger, SealedShard, Snapshot, SnapshotShard},
};
use bytemuck::Zeroable;

use crate::{
    CoreError, ledger_set,
    proofs::{Curve, leaf::first_accumulator},
};

/// Does a ledger need a proof once it was restored? `rules` is `None` in a domain that never had any.
#[must_use]
pub fn needs_proof(rules: Option<&ProofRules>, ledger_index: u8) -> bool {
    rules.is_some_and(|rules| ledger_set::contains(&rules.ledgers, ledger_index))
}

/// Begins the accumulator of a shard that was just opened, if its ledger needs a proof. Rules change in peace only, so all
/// shards of a freeze agree.
///
/// # Errors
/// [`CoreError::ProofNotCanonical`] if there is no such hash.
pub fn begin_accumulator(
    shard: &mut SnapshotShard,
    rules: Option<&ProofRules>,
    ledger_index: u8,
    curve: &impl Curve,
) -> Result<(), CoreError> {
    if !needs_proof(rules, ledger_index) {
        return Ok(());
    }
    shard.flags |= shard_flag::ACCUMULATES;
    shard.accumulator = *first_accumulator(&shard.tag, shard.shard, curve)?.bytes();
    Ok(())
}

/// The ends of a sealed snapshot's shards, gathered in ascending order. A shard that is not passed has no leaf.
#[derive(Clone, Copy)]
pub struct Ends {
    shards: [SealedShard; SHARDS],
    given: u16,
}

impl Default for Ends {
    fn default() -> Self {
        Self {
            shards: [SealedShard::zeroed(); SHARDS],
            given: 0,
        }
    }
}

impl Ends {
    /// Takes the end of a shard of the snapshot's last seal.
    ///
    /// # Errors
    /// A named [`CoreError`].
    pub fn take(&mut self, (key, snapshot): (&Pubkey, &Snapshot), shard: &SnapshotShard) -> Result<(), CoreError> {
        let is_of_seal = shard.state == snapshot_state::SEALED && shard.seal == snapshot.seals;
        if shard.snapshot != *key || !is_of_seal {
            return Err(CoreError::ForeignAccount);
        }
        if shard.flags & shard_flag::ACCUMULATES == 0 {
            return Err(CoreError::NotAccumulated);
        }
        let bit = 1_u16.unbounded_shl(shard.shard.into());
        // The order is ascending: this bit is above all bits so far.
        if bit <= self.given {
            return Err(CoreError::ShardsNotAscending);
        }
        self.given |= bit;
        let end = self.shards.get_mut(usize::from(shard.shard));
        *end.ok_or(CoreError::ArgumentOutOfRange)? = SealedShard {
            accumulator: shard.accumulator,
            count: shard.count,
        };
        Ok(())
    }
}

/// Anyone fixes what a proof of a sealed ledger is about: of the chosen state, which `plan` names, or of a successor. A
/// checkpoint's leaves were published and not accumulated; a plan of one is accepted by a proposal.
///
/// # Errors
/// A named [`CoreError`].
pub fn fix_ledger(
    fixed: &mut SealedLedger,
    (key, snapshot): (&Pubkey, &Snapshot),
    plan: Option<&Restoration>,
    ends: &Ends,
    curve: &impl Curve,
    (payer, bump): (&Pubkey, u8),
) -> Result<(), CoreError> {
    if snapshot.state != snapshot_state::SEALED {
        return Err(CoreError::SnapshotNotSealed);
    }
    let role = match snapshot.source {
        // Until a plan names it, another seal may replace it.
        snapshot_source::FROZEN if plan.is_some_and(|plan| plan.snapshot == *key) => proof_role::CHOSEN,
        snapshot_source::SUCCESSOR => proof_role::SUCCESSOR,
        snapshot_source::CHECKPOINT => return Err(CoreError::NotAccumulated),
        _ => return Err(CoreError::ForeignAccount),
    };
    *fixed = SealedLedger {
        version: VERSION,
        bump,
        role,
        ledger_index: snapshot.ledger_index,
        domain: snapshot.domain,
        incident: snapshot.incident,
        snapshot: *key,
        payer: *payer,
        tag: snapshot.tag,
        total: snapshot.total,
        sealed_slot: snapshot.sealed_slot,
        shards: ends.shards,
        ..Zeroable::zeroed()
    };
    for ((number, end), sealed) in (0..).zip(&mut fixed.shards).zip(&snapshot.shards) {
        if end.count != sealed.count {
            return Err(CoreError::ShardMissing);
        }
        if ends.given & 1_u16.unbounded_shl(number) == 0 {
            let number = u8::try_from(number).map_err(|_| CoreError::Overflow)?;
            end.accumulator = *first_accumulator(&fixed.tag, number, curve)?.bytes();
        }
    }
    Ok(())
}
