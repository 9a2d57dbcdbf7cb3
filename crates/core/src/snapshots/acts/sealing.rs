//! Sealing a snapshot: by crank, or by an override.

use bulkhead_interface::{
    Pubkey,
    constants::{RESEAL_SECONDS, SHARDS, snapshot_flag, snapshot_source, snapshot_state, step},
    layout::{Domain, Incident, Ledger, ShardRoot, Snapshot, SnapshotShard},
};

use crate::{
    CoreError,
    acts::At,
    custody::{acts::is_cancellation_over, queue_ledger},
    escape::clock,
    pause::incident::mark_again,
    snapshots::{
        frontier,
        layout::{self, Factors},
        root::{self, empty_shard},
    },
};

use super::{require_frozen, require_read};

/// Shards to seal together, in ascending order. A shard that is not passed has no leaf.
pub struct Gathered {
    shards: [ShardRoot; SHARDS],
    given: u16,
    host_sum: u128,
    /// Is there a shard that its cranker may not have completed?
    is_unsigned: bool,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            shards: [empty_shard(); _],
            given: 0,
            host_sum: 0,
            is_unsigned: false,
        }
    }
}

impl Gathered {
    /// Completes a shard, whoever cranked it, and copies its root. A shard that was sealed before is used as it is.
    /// `is_signed`: its cranker has signed.
    ///
    /// # Errors
    /// A named [`CoreError`].
    pub fn take(
        &mut self,
        snapshot: (&Pubkey, &Snapshot),
        shard: &mut SnapshotShard,
        is_signed: bool,
    ) -> Result<(), CoreError> {
        let (key, snapshot) = snapshot;
        if shard.snapshot != *key {
            return Err(CoreError::ForeignAccount);
        }
        let bit = 1u16.unbounded_shl(shard.shard.into());
        // The order is ascending: this bit is above all bits so far.
        if bit <= self.given {
            return Err(CoreError::ShardsNotAscending);
        }
        self.given |= bit;
        let sum = self.host_sum.checked_add(frontier::host_sum(shard));
        self.host_sum = sum.ok_or(CoreError::Overflow)?;
        let root = if shard.state == snapshot_state::OPEN {
            self.is_unsigned |= !is_signed;
            frontier::finish(shard)
        } else {
            frontier::finished(shard)
        };
        let slot = self.shards.get_mut(usize::from(shard.shard));
        *slot.ok_or(CoreError::ArgumentOutOfRange)? = root.map_err(CoreError::from)?;
        shard.seal = next_seal(snapshot)?;
        Ok(())
    }
}

fn next_seal(snapshot: &Snapshot) -> Result<u32, CoreError> {
    snapshot.seals.checked_add(1).ok_or(CoreError::Overflow)
}

/// The inputs of a seal, besides the snapshot.
#[derive(Clone, Copy)]
pub struct Sealing<'a> {
    /// The domain.
    pub domain: &'a Domain,
    /// The ledger.
    pub ledger: &'a Ledger,
    /// The host's own total, if it can be read.
    pub host_total: Option<u128>,
    /// The factors that the snapshot was opened with.
    pub factors: Factors,
    /// Whether the ledger was already restored in this incident.
    pub is_restored: bool,
    /// The clock.
    pub at: At,
}

/// Anyone seals a sum that agrees with the host's own total. It needs at least one leaf; otherwise, for a host that
/// lost its total, an empty sum would match a total of zero. A sum that is not exactly that total may be half of what
/// someone is still reading, so the crankers of open shards must sign. Whoever waits for a signature in vain reads into
/// their own shards.
///
/// # Errors
/// A named [`CoreError`].
pub fn seal_snapshot(
    snapshot: &mut Snapshot,
    incident: &mut Incident,
    gathered: Gathered,
    sealing: &Sealing,
) -> Result<(), CoreError> {
    let is_first = may_seal(snapshot, sealing)?;
    check_cancelled(sealing.ledger, incident, sealing.at)?;
    let total = sealing.host_total.ok_or(CoreError::TotalUnreadable)?;
    let is_queue = queue_ledger::is_queue(sealing.ledger);
    let before = if is_queue {
        // Its total falls only by what governance cancels, and an exact sum replaces any other, whenever.
        sum(snapshot, sealing.ledger).abs_diff(total)
    } else {
        distance(snapshot, sealing.ledger, total)
    };
    (snapshot.excess, snapshot.shortfall) = (0, 0);
    let is_late = sealing.at.now >= snapshot.first_sealed_ts.saturating_add(RESEAL_SECONDS);
    let is_overridden = snapshot.flags & snapshot_flag::OVERRIDDEN != 0;
    if !is_first && !is_queue && (is_overridden || is_late) {
        return Err(CoreError::SnapshotSealed);
    }
    let is_unsigned = gathered.is_unsigned;
    put(snapshot, gathered)?;
    if snapshot.count == 0 {
        return Err(CoreError::NothingRead);
    }
    let sum = sum(snapshot, sealing.ledger);
    if !is_first && sum.abs_diff(total) >= before {
        return Err(CoreError::SnapshotSealed);
    }
    if !layout::agrees(sealing.ledger, sum, total) {
        return Err(CoreError::TotalMismatch);
    }
    if is_queue {
        snapshot.flags &= !snapshot_flag::OVERRIDDEN;
    }
    if sum != total {
        if is_unsigned {
            return Err(CoreError::NotShardCranker);
        }
        let host_total = native_or_most(sealing, total);
        snapshot.excess = snapshot.total.saturating_sub(host_total);
        snapshot.shortfall = host_total.saturating_sub(snapshot.total);
    }
    finish(snapshot, incident, sealing.at)
}

/// Anyone seals what a successor's shards contain, once: whoever finds it wrong opens another. The sum is exactly the host's
/// own total: within a tolerance, whoever cranks could leave out a position that nobody should be owed, and the rest would
/// be proved equal to the plan. It may be empty: then nobody is owed anything.
///
/// # Errors
/// A named [`CoreError`].
pub fn seal_successor(snapshot: &mut Snapshot, gathered: Gathered, sealing: &Sealing) -> Result<(), CoreError> {
    require_frozen(sealing.domain, &snapshot.incident)?;
    if snapshot.source != snapshot_source::SUCCESSOR {
        return Err(CoreError::ForeignAccount);
    }
    if snapshot.state != snapshot_state::OPEN {
        return Err(CoreError::SnapshotSealed);
    }
    let total = sealing.host_total.ok_or(CoreError::TotalUnreadable)?;
    put(snapshot, gathered)?;
    if sum(snapshot, sealing.ledger) != total {
        return Err(CoreError::TotalMismatch);
    }
    close(snapshot, sealing.at)
}

/// A queue is sealed only once guardians can cancel no more of it: whoever seals early takes nothing from them.
fn check_cancelled(ledger: &Ledger, incident: &Incident, at: At) -> Result<(), CoreError> {
    if queue_ledger::is_queue(ledger) && !is_cancellation_over(incident, at.now) {
        return Err(CoreError::QueueStillCancellable);
    }
    Ok(())
}

/// Distance of the last seal from the host's total, in the total's unit. A seal that had no excess when it was made
/// never has one later. Otherwise, whoever can burn part of a supply could have an honest seal replaced by one that
/// leaves someone else out instead of them.
fn distance(snapshot: &Snapshot, ledger: &Ledger, total: u128) -> u128 {
    let sum = sum(snapshot, ledger);
    if sum > total && snapshot.excess == 0 {
        return 0;
    }
    sum.abs_diff(total)
}

/// May the sealed snapshot be voted on? Not while a seal closer to the host's total may still replace it: the vote on a
/// replaced snapshot would be lost.
///
/// # Errors
/// [`CoreError::SnapshotUnsettled`]
pub fn require_settled(snapshot: &Snapshot, now: i64) -> Result<(), CoreError> {
    let is_overridden = snapshot.flags & snapshot_flag::OVERRIDDEN != 0;
    let is_apart = snapshot.excess > 0 || snapshot.shortfall > 0;
    if is_apart && !is_overridden && now < snapshot.first_sealed_ts.saturating_add(RESEAL_SECONDS) {
        return Err(CoreError::SnapshotUnsettled);
    }
    Ok(())
}

/// What an override states: the snapshot's contents, and how far its sum may differ from the host's total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Root that the shards must produce.
    pub root: [u8; 32],
    /// Sum of all leaves. Native units.
    pub total: u64,
    /// Number of leaves.
    pub count: u64,
    /// The most that `total` may exceed the host's own total.
    pub max_excess: u64,
    /// The most that `total` may fall short of the host's own total.
    pub max_shortfall: u64,
}

/// A matured proposal seals what it states, whatever was sealed by crank before. Returns the host's total in native
/// units, 0 when it cannot be read and `u64::MAX` when it does not fit: an exploited host may have lost it or may store
/// nonsense.
///
/// A seal by another override stays if that override was proposed in `proposed_slot` or later, whichever is executed
/// first: of two decisions the later one wins.
///
/// # Errors
/// A named [`CoreError`].
pub fn override_seal(
    snapshot: &mut Snapshot,
    incident: &mut Incident,
    gathered: Gathered,
    stated: &Stated,
    proposed_slot: u64,
    sealing: &Sealing,
) -> Result<u64, CoreError> {
    let is_first = may_seal(snapshot, sealing)?;
    // The escape pays by an override a week after it: the same decision again and again would put that off for ever.
    if !is_first && clock::is_due(sealing.domain, sealing.at.now) {
        return Err(CoreError::EscapeDue);
    }
    check_cancelled(sealing.ledger, incident, sealing.at)?;
    let was_overridden = snapshot.flags & snapshot_flag::OVERRIDDEN != 0;
    if !is_first && was_overridden && proposed_slot <= snapshot.decided_slot {
        return Err(CoreError::SnapshotSealed);
    }
    put(snapshot, gathered)?;
    let host_total = sealing.host_total.map_or(0, |total| native_or_most(sealing, total));
    let excess = stated.total.saturating_sub(host_total);
    let shortfall = host_total.saturating_sub(stated.total);
    let is_stated = (snapshot.root, snapshot.total, snapshot.count) == (stated.root, stated.total, stated.count)
        && excess <= stated.max_excess
        && shortfall <= stated.max_shortfall;
    if !is_stated {
        return Err(CoreError::OverrideMismatch);
    }
    snapshot.flags |= snapshot_flag::OVERRIDDEN;
    snapshot.decided_slot = proposed_slot;
    snapshot.excess = excess;
    snapshot.shortfall = shortfall;
    finish(snapshot, incident, sealing.at)?;
    Ok(host_total)
}

/// Can it be sealed at all, and is this its first seal?
fn may_seal(snapshot: &Snapshot, sealing: &Sealing) -> Result<bool, CoreError> {
    require_frozen(sealing.domain, &snapshot.incident)?;
    require_read(snapshot)?;
    if sealing.is_restored {
        return Err(CoreError::LedgerRestored);
    }
    Ok(snapshot.state == snapshot_state::OPEN)
}

/// Root, total and count of the gathered shards.
fn put(snapshot: &mut Snapshot, gathered: Gathered) -> Result<(), CoreError> {
    snapshot.shards = gathered.shards;
    snapshot.shards_sealed = gathered.given;
    snapshot.host_sum = [low(gathered.host_sum), low(gathered.host_sum.unbounded_shr(64))];
    let (node, leaves) = root::seal(&mut snapshot.shards).map_err(|_| CoreError::Overflow)?;
    snapshot.root = node.hash;
    snapshot.total = node.sum;
    snapshot.count = leaves.into();
    Ok(())
}

fn low(number: u128) -> u64 {
    u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

/// The sum of a snapshot's positions in the unit of the host's total.
fn sum(snapshot: &Snapshot, ledger: &Ledger) -> u128 {
    if !layout::counts_host_units(ledger) {
        return snapshot.total.into();
    }
    let [low, high] = snapshot.host_sum;
    u128::from(high).unbounded_shl(u64::BITS) | u128::from(low)
}

/// Records the result as the snapshot's last seal.
fn finish(snapshot: &mut Snapshot, incident: &mut Incident, at: At) -> Result<(), CoreError> {
    close(snapshot, at)?;
    mark_again(incident, step::SNAPSHOT, at.slot, at.now);
    Ok(())
}

fn close(snapshot: &mut Snapshot, at: At) -> Result<(), CoreError> {
    if snapshot.seals == 0 {
        snapshot.first_sealed_ts = at.now;
    }
    snapshot.seals = next_seal(snapshot)?;
    snapshot.state = snapshot_state::SEALED;
    snapshot.sealed_slot = at.slot;
    snapshot.sealed_ts = at.now;
    Ok(())
}

/// The host's total in the unit of the leaves, or the maximum if it does not fit.
fn native_or_most(sealing: &Sealing, total: u128) -> u64 {
    layout::native_total(sealing.ledger, &sealing.factors, total).unwrap_or(u64::MAX)
}
