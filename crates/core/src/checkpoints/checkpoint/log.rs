//! The ring of checkpoints: its rules, and posting and attesting in it.

use bulkhead_interface::{
    Pubkey,
    constants::{
        CHECKPOINTS, MAX_DELAY_SECONDS, MAX_MEMBERS, MAX_TOLERANCE_BPS, MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS,
        MIN_TOLERANCE_BPS, POSTER_BYTES, checkpoint_state, log_flag, role,
    },
    layout::{Checkpoint, CheckpointLog, Council, Member},
};
use bytemuck::Zeroable;

use super::{Claim, Moment, entry_hash};
use crate::{
    CoreError,
    domain::council::{member_bit, members},
};

/// Maximum number of slots between two checkpoints of one attester: about half a year.
pub const MAX_INTERVAL: u64 = 40_000_000;

/// The hash of `slot` in the SlotHashes sysvar's data: a count, then slot and hash, newest first.
#[must_use]
pub fn slot_hash(sysvar: &[u8], slot: u64) -> Option<&[u8; 32]> {
    const ROW: usize = 40;
    let (count, rows) = sysvar.split_first_chunk::<8>()?;
    let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
    let rows = rows.as_chunks::<ROW>().0;
    let rows = rows.get(..count)?;
    let slot_of = |row: &[u8; ROW]| row.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let at = rows.binary_search_by(|row| slot.cmp(&slot_of(row).unwrap_or(0))).ok()?;
    rows.get(at)?.last_chunk()
}

/// Checks whether a log can have these rules under this council.
///
/// # Errors
/// [`CoreError::ArgumentOutOfRange`]
pub fn check_rules(log: &CheckpointLog, council: &Council) -> Result<(), CoreError> {
    let is_sound = (1..=attesters(council)).contains(&usize::from(log.threshold))
        && (MIN_CHECKPOINT_INTERVAL..=MAX_INTERVAL).contains(&log.min_interval_slots)
        && (MIN_KEEP_SECONDS..=MAX_DELAY_SECONDS).contains(&log.keep_seconds)
        && (MIN_TOLERANCE_BPS..=MAX_TOLERANCE_BPS).contains(&log.tolerance_bps)
        && log.flags & !log_flag::PUBLISHED_ONLY == 0;
    if is_sound {
        Ok(())
    } else {
        Err(CoreError::ArgumentOutOfRange)
    }
}

/// Members who may attest.
#[must_use]
pub fn attesters(council: &Council) -> usize {
    let attests = |member: &&_| is_attester(member);
    members(council).iter().filter(attests).count()
}

fn is_attester(member: &Member) -> bool {
    member.roles & role::ATTESTER != 0
}

/// Identifies who posted a checkpoint. It outlasts the council: a member index could be another member's in the next
/// council.
#[must_use]
pub fn poster_of(member: &Member) -> [u8; POSTER_BYTES] {
    member.key.as_array().first_chunk().copied().unwrap_or_default()
}

/// Number of young checkpoints that one attester may have in the log: an equal share of its entries. Checkpoints of
/// members who no longer attest keep their entries while they are young. So do checkpoints beyond an attester's share
/// from a time with fewer attesters. The others share the rest, and whoever has less than the share finds an entry.
/// fewer: the others share the rest, and whoever has less than the share finds a place.
#[must_use]
pub fn share(log: &CheckpointLog, council: &Council, now: i64) -> usize {
    let young = || entries(log).filter(|entry| is_young(log, entry, now));
    let mut counts = [None; MAX_MEMBERS];
    for (count, member) in counts.iter_mut().zip(members(council)) {
        let own = poster_of(member);
        *count = is_attester(member).then(|| young().filter(|entry| entry.poster == own).count());
    }
    let posted: usize = counts.iter().flatten().sum();
    let others = young().count().saturating_sub(posted);
    let mut share = CHECKPOINTS;
    for _ in 0..=MAX_MEMBERS {
        let beyond = || counts.iter().flatten().filter(|count| **count > share);
        let taken = others.saturating_add(beyond().sum());
        let sharing = attesters(council).saturating_sub(beyond().count());
        let next = CHECKPOINTS.saturating_sub(taken).checked_div(sharing).unwrap_or(0);
        if next == share {
            break;
        }
        share = next;
    }
    // After too many changes of attesters for a share each, the first to post takes what is left.
    share.max(1)
}

/// All checkpoints, in no particular order.
pub fn entries(log: &CheckpointLog) -> impl Iterator<Item = &Checkpoint> {
    log.entries
        .iter()
        .filter(|entry| entry.state != checkpoint_state::EMPTY)
}

/// Ring index of the checkpoint with the overall number `number`.
fn place(number: u64) -> usize {
    // Fewer than 40: the remainder fits any width.
    usize::try_from(number.checked_rem(CHECKPOINTS as u64).unwrap_or(0)).unwrap_or(0)
}

/// The latest checkpoint.
#[must_use]
pub fn latest(log: &CheckpointLog) -> Option<&Checkpoint> {
    log.entries.get(place(log.posted.checked_sub(1)?))
}

/// The checkpoint of `slot`.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`]
pub fn find(log: &CheckpointLog, slot: u64) -> Result<&Checkpoint, CoreError> {
    let found = entries(log).find(|entry| entry.slot == slot);
    found.ok_or(CoreError::NoSuchCheckpoint)
}

/// The checkpoint of `slot`, to be changed.
pub(super) fn find_mut(log: &mut CheckpointLog, slot: u64) -> Result<&mut Checkpoint, CoreError> {
    let mut entries = log.entries.iter_mut();
    let found = entries.find(|entry| entry.state != checkpoint_state::EMPTY && entry.slot == slot);
    found.ok_or(CoreError::NoSuchCheckpoint)
}

/// Do two amounts of the ledger differ by more than the log allows? The tolerance is a share of the greater one,
/// rounded up.
#[must_use]
pub fn is_beyond_tolerance(log: &CheckpointLog, a: u64, b: u64) -> bool {
    exceeds(log.tolerance_bps, a.abs_diff(b), a.max(b))
}

/// Is `difference` more than this many basis points of `whole`?
pub(super) fn exceeds(tolerance_bps: u16, difference: u64, whole: u64) -> bool {
    const BPS: u128 = 10_000;
    // Neither product exceeds 80 bits.
    let allowed = u128::from(whole).saturating_mul(tolerance_bps.into()).div_ceil(BPS);
    u128::from(difference) > allowed
}

/// Is it too young to be overwritten?
fn is_young(log: &CheckpointLog, entry: &Checkpoint, now: i64) -> bool {
    entry.state != checkpoint_state::EMPTY && now < entry.posted_ts.saturating_add(log.keep_seconds)
}

/// What the program reads when a checkpoint is posted.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Data of the SlotHashes sysvar.
    pub slot_hashes: &'a [u8],
    /// The host's own total. Native units.
    pub host_total: u64,
}

/// Appends a checkpoint of member `poster`, who thereby attests it, and returns its hash.
///
/// # Errors
/// [`CoreError::SlotUnknown`], [`CoreError::SlotHashMismatch`], [`CoreError::CheckpointNotLater`],
/// [`CoreError::CheckpointTotalDiffers`], [`CoreError::CheckpointTooSoon`], [`CoreError::CheckpointLogFull`]
pub fn post(
    log: &mut CheckpointLog,
    key: &Pubkey,
    council: &Council,
    poster: usize,
    claim: &Claim,
    seen: &Seen,
    at: Moment,
) -> Result<[u8; 32], CoreError> {
    let slot_hashes = seen.slot_hashes;
    let stands = slot_hash(slot_hashes, claim.slot).ok_or(CoreError::SlotUnknown)?;
    if *stands != claim.slot_hash {
        return Err(CoreError::SlotHashMismatch);
    }
    let last = latest(log);
    if last.is_some_and(|last| claim.slot <= last.slot) {
        return Err(CoreError::CheckpointNotLater);
    }
    let previous = last.map_or([0; 32], |last| last.hash);
    if is_beyond_tolerance(log, claim.total, seen.host_total) {
        return Err(CoreError::CheckpointTotalDiffers);
    }
    let member = members(council).get(poster).ok_or(CoreError::ArgumentOutOfRange)?;
    require_share(log, council, &poster_of(member), at)?;

    let hash = entry_hash(key, log.ledger_index, claim, &previous);
    let is_enough = log.threshold <= 1;
    let entry = Checkpoint {
        slot: claim.slot,
        total: claim.total,
        count: u32::try_from(claim.count).map_err(|_| CoreError::Overflow)?,
        posted_slot: at.slot,
        posted_ts: at.now,
        config_epoch: u32::try_from(council.config_epoch).map_err(|_| CoreError::Overflow)?,
        slot_hash: claim.slot_hash,
        root: claim.root,
        shards_hash: claim.shards_hash,
        host_total: seen.host_total,
        previous,
        hash,
        attesters: member_bit(poster),
        poster: poster_of(member),
        threshold: log.threshold,
        tolerance_bps: log.tolerance_bps,
        flags: log.flags,
        state: if is_enough {
            checkpoint_state::ATTESTED
        } else {
            checkpoint_state::POSTED
        },
        ..Checkpoint::zeroed()
    };
    let next = log.posted.checked_add(1).ok_or(CoreError::Overflow)?;
    *log.entries
        .get_mut(place(log.posted))
        .ok_or(CoreError::CheckpointLogFull)? = entry;
    log.posted = next;
    Ok(hash)
}

/// Checks that the entry to be written is free or old enough, and that the poster leaves the others their share.
fn require_share(
    log: &CheckpointLog,
    council: &Council,
    poster: &[u8; POSTER_BYTES],
    at: Moment,
) -> Result<(), CoreError> {
    let own = |entry: &&Checkpoint| entry.poster == *poster;
    let is_soon = |entry: &Checkpoint| at.slot < entry.posted_slot.saturating_add(log.min_interval_slots);
    if entries(log).filter(own).any(is_soon) {
        return Err(CoreError::CheckpointTooSoon);
    }
    let young = entries(log).filter(own).filter(|entry| is_young(log, entry, at.now));
    let oldest = log.entries.get(place(log.posted));
    if oldest.is_none_or(|oldest| is_young(log, oldest, at.now)) || young.count() >= share(log, council, at.now) {
        return Err(CoreError::CheckpointLogFull);
    }
    Ok(())
}

/// Member `index` attests the checkpoint of `slot`, naming its hash. Returns whether the threshold is reached.
///
/// # Errors
/// [`CoreError::NoSuchCheckpoint`] when there is none with that slot and hash, [`CoreError::CheckpointContested`],
/// [`CoreError::CheckpointOfOtherCouncil`], [`CoreError::AlreadyAttested`]
pub fn attest(
    log: &mut CheckpointLog,
    council: &Council,
    index: usize,
    slot: u64,
    hash: &[u8; 32],
) -> Result<bool, CoreError> {
    let entry = find_mut(log, slot)?;
    if entry.hash != *hash {
        return Err(CoreError::NoSuchCheckpoint);
    }
    if entry.state == checkpoint_state::CONTESTED {
        return Err(CoreError::CheckpointContested);
    }
    if u64::from(entry.config_epoch) != council.config_epoch {
        return Err(CoreError::CheckpointOfOtherCouncil);
    }
    let bit = member_bit(index);
    if entry.attesters & bit != 0 {
        return Err(CoreError::AlreadyAttested);
    }
    entry.attesters |= bit;
    let is_attested = entry.attesters.count_ones() >= u32::from(entry.threshold);
    if is_attested {
        entry.state = checkpoint_state::ATTESTED;
    }
    Ok(is_attested)
}
