//! Checkpoints: roots of a ledger from before an incident, which nobody can back-date, post for a
//! fork that lost, replace or push out.
//!
//! A checkpoint names a slot and its hash, which has to stand in the SlotHashes sysvar at that
//! moment: it was posted within minutes of its slot, on the fork that holds it. Its own hash covers
//! the hash of the one before it. The log is a ring that forgets by age alone, and each attester has
//! a share of it, so that nobody's checkpoints leave no room for another's.
//!
//! What contradicts a checkpoint is its own tree and nothing else. A live account that differs from
//! a leaf is no evidence: an attacker who rewrote balances could strike out every good checkpoint
//! with it. Such a difference is put on record for those who vote, no more.

use bulkhead_interface::{
    Pubkey,
    constants::{
        CAPS, CHECKPOINTS, MAX_CAP_HEIGHT, MAX_DELAY_SECONDS, MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, SHARD_SHIFT,
        SHARDS, checkpoint_state, role, snapshot_state,
    },
    layout::{Checkpoint, CheckpointLog, Council, LeafEvidence, Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;

use crate::{
    council::{member_bit, members},
    hash::sha256,
    merkle::{self, NODE_BYTES, ProofError},
};

/// First bytes of the tag of a checkpoint's leaves.
pub const TAG_PREFIX: &[u8] = b"bulkhead-checkpoint-v1";
/// First bytes of a checkpoint's own preimage.
pub const ENTRY_PREFIX: &[u8] = b"bulkhead-checkpoint-entry-v1";
/// First bytes of the shards' preimage.
pub const SHARDS_PREFIX: &[u8] = b"bulkhead-checkpoint-shards-v1";
/// Slots between two checkpoints of one attester, at most: about half a year.
pub const MAX_INTERVAL: u64 = 40_000_000;
/// Levels over the shards.
const SHARD_LEVELS: usize = 4;
/// Levels a tree can have: below the caps, over the caps, over the shards.
pub const MAX_DEPTH: usize = MAX_CAP_HEIGHT + 2 * SHARD_LEVELS;

/// Why a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointError {
    /// The log's rules are out of range.
    OutOfRange,
    /// The sysvar does not have the slot: too old, in the future, or skipped.
    UnknownSlot,
    /// On this fork the slot has another hash.
    ForeignFork,
    /// Not later than the last checkpoint.
    NotAscending,
    /// Too soon after this attester's last one.
    TooSoon,
    /// What would be overwritten, or the attester's share, is still young.
    Full,
    /// The log has no such checkpoint.
    Missing,
    /// It was posted under another council.
    OtherCouncil,
    /// This member attests it already.
    AlreadyAttested,
    /// It is contested.
    Contested,
    /// It lacks attesters.
    NotAttested,
    /// It was posted when the incident had begun.
    NotBeforeBreach,
    /// Roots, sums and counts are not those it commits to.
    WrongShards,
    /// The evidence contradicts nothing.
    NoContradiction,
    /// The proof does not lead to the checkpoint's root.
    NotInTree,
    /// A number does not fit.
    Overflow,
}

/// What an attester says of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Slot at whose end the positions were read.
    pub slot: u64,
    /// Its hash.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// Sum of all leaves.
    pub total: u64,
    /// Number of leaves.
    pub count: u64,
    /// [`shards_hash`] of the shards under the root.
    pub shards_hash: [u8; 32],
}

impl Claim {
    /// What was said in a checkpoint.
    #[must_use]
    pub fn of(entry: &Checkpoint) -> Self {
        Self {
            slot: entry.slot,
            slot_hash: entry.slot_hash,
            root: entry.root,
            total: entry.total,
            count: entry.count,
            shards_hash: entry.shards_hash,
        }
    }
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Slot.
    pub slot: u64,
    /// Unix seconds.
    pub now: i64,
}

/// The value that binds all leaves to one program, log, ledger and slot. A log has a slot once, and
/// a snapshot's tag begins otherwise, so no proof serves in two places.
#[must_use]
pub fn tag(program: &Pubkey, log: &Pubkey, ledger_index: u8, slot: u64) -> [u8; 32] {
    let (ledger, slot) = ([ledger_index], slot.to_le_bytes());
    sha256(&[TAG_PREFIX, program.as_ref(), log.as_ref(), &ledger, &slot])
}

/// What a checkpoint says of its shards. The root covers roots and sums; this covers the counts too,
/// which say how high each shard is and where its claim bits lie.
#[must_use]
pub fn shards_hash(shards: &[ShardRoot; SHARDS]) -> [u8; 32] {
    const ROW: usize = NODE_BYTES + 4;
    let mut rows = [0u8; SHARDS * ROW];
    for (row, shard) in rows.as_chunks_mut::<ROW>().0.iter_mut().zip(shards) {
        let (node, count) = row.split_at_mut(NODE_BYTES);
        node.copy_from_slice(bytemuck::bytes_of(&shard.root));
        count.copy_from_slice(&shard.count.to_le_bytes());
    }
    sha256(&[SHARDS_PREFIX, &rows])
}

/// The hash of a checkpoint: all that was posted, its log, and the hash of the one before.
#[must_use]
pub fn entry_hash(log: &Pubkey, ledger_index: u8, claim: &Claim, previous: &[u8; 32]) -> [u8; 32] {
    sha256(&[
        ENTRY_PREFIX,
        log.as_ref(),
        &[ledger_index],
        &claim.slot.to_le_bytes(),
        &claim.slot_hash,
        &claim.root,
        &claim.total.to_le_bytes(),
        &claim.count.to_le_bytes(),
        &claim.shards_hash,
        previous,
    ])
}

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

/// Rules a log can have, under this council.
///
/// # Errors
/// [`CheckpointError::OutOfRange`]
pub fn check_rules(log: &CheckpointLog, council: &Council) -> Result<(), CheckpointError> {
    let is_sound = (1..=attesters(council)).contains(&usize::from(log.threshold))
        && (MIN_CHECKPOINT_INTERVAL..=MAX_INTERVAL).contains(&log.min_interval_slots)
        && (MIN_KEEP_SECONDS..=MAX_DELAY_SECONDS).contains(&log.keep_seconds);
    if is_sound {
        Ok(())
    } else {
        Err(CheckpointError::OutOfRange)
    }
}

/// Members who may attest.
#[must_use]
pub fn attesters(council: &Council) -> usize {
    let attests = |member: &&_| is_attester(member);
    members(council).iter().filter(attests).count()
}

fn is_attester(member: &bulkhead_interface::layout::Member) -> bool {
    member.roles & role::ATTESTER != 0
}

/// Young checkpoints one attester may have in the log. All shares together fit.
#[must_use]
pub fn share(council: &Council) -> usize {
    CHECKPOINTS.checked_div(attesters(council)).unwrap_or(0)
}

/// The checkpoints there are, in no order.
pub fn entries(log: &CheckpointLog) -> impl Iterator<Item = &Checkpoint> {
    log.entries
        .iter()
        .filter(|entry| entry.state != checkpoint_state::EMPTY)
}

/// Where the checkpoint number `number` of all that were posted lies.
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
/// [`CheckpointError::Missing`]
pub fn find(log: &CheckpointLog, slot: u64) -> Result<&Checkpoint, CheckpointError> {
    let found = entries(log).find(|entry| entry.slot == slot);
    found.ok_or(CheckpointError::Missing)
}

/// The checkpoint of `slot`, to be changed.
fn find_mut(log: &mut CheckpointLog, slot: u64) -> Result<&mut Checkpoint, CheckpointError> {
    let mut entries = log.entries.iter_mut();
    let found = entries.find(|entry| entry.state != checkpoint_state::EMPTY && entry.slot == slot);
    found.ok_or(CheckpointError::Missing)
}

/// May it not be overwritten yet?
fn is_young(log: &CheckpointLog, entry: &Checkpoint, now: i64) -> bool {
    entry.state != checkpoint_state::EMPTY && now < entry.posted_ts.saturating_add(log.keep_seconds)
}

/// Appends a checkpoint of member `poster`, who attests it thereby, and gives its hash.
///
/// # Errors
/// [`CheckpointError::UnknownSlot`], [`CheckpointError::ForeignFork`], [`CheckpointError::NotAscending`],
/// [`CheckpointError::TooSoon`], [`CheckpointError::Full`]
pub fn post(
    log: &mut CheckpointLog,
    key: &Pubkey,
    council: &Council,
    poster: usize,
    claim: &Claim,
    slot_hashes: &[u8],
    at: Moment,
) -> Result<[u8; 32], CheckpointError> {
    let stands = slot_hash(slot_hashes, claim.slot).ok_or(CheckpointError::UnknownSlot)?;
    if *stands != claim.slot_hash {
        return Err(CheckpointError::ForeignFork);
    }
    let last = latest(log);
    if last.is_some_and(|last| claim.slot <= last.slot) {
        return Err(CheckpointError::NotAscending);
    }
    let previous = last.map_or([0; 32], |last| last.hash);
    require_share(log, council, poster, at)?;

    let hash = entry_hash(key, log.ledger_index, claim, &previous);
    let is_enough = log.threshold <= 1;
    let entry = Checkpoint {
        slot: claim.slot,
        total: claim.total,
        count: claim.count,
        posted_slot: at.slot,
        posted_ts: at.now,
        config_epoch: council.config_epoch,
        slot_hash: claim.slot_hash,
        root: claim.root,
        shards_hash: claim.shards_hash,
        previous,
        hash,
        attesters: member_bit(poster),
        poster: u8::try_from(poster).map_err(|_| CheckpointError::Overflow)?,
        state: if is_enough {
            checkpoint_state::ATTESTED
        } else {
            checkpoint_state::POSTED
        },
        ..Checkpoint::zeroed()
    };
    let next = log.posted.checked_add(1).ok_or(CheckpointError::Overflow)?;
    *log.entries.get_mut(place(log.posted)).ok_or(CheckpointError::Full)? = entry;
    log.posted = next;
    Ok(hash)
}

/// The place to be written is free or old, and the poster leaves the others theirs.
fn require_share(log: &CheckpointLog, council: &Council, poster: usize, at: Moment) -> Result<(), CheckpointError> {
    let own = |entry: &&Checkpoint| entry.config_epoch == council.config_epoch && usize::from(entry.poster) == poster;
    let is_soon = |entry: &Checkpoint| at.slot < entry.posted_slot.saturating_add(log.min_interval_slots);
    if entries(log).filter(own).any(is_soon) {
        return Err(CheckpointError::TooSoon);
    }
    let young = entries(log).filter(own).filter(|entry| is_young(log, entry, at.now));
    let oldest = log.entries.get(place(log.posted));
    if oldest.is_none_or(|oldest| is_young(log, oldest, at.now)) || young.count() >= share(council) {
        return Err(CheckpointError::Full);
    }
    Ok(())
}

/// Member `index` attests the checkpoint of `slot`, whose hash he names, and learns whether the
/// threshold is reached.
///
/// # Errors
/// [`CheckpointError::Missing`] when there is none of that slot and hash, [`CheckpointError::Contested`],
/// [`CheckpointError::OtherCouncil`], [`CheckpointError::AlreadyAttested`]
pub fn attest(
    log: &mut CheckpointLog,
    council: &Council,
    index: usize,
    slot: u64,
    hash: &[u8; 32],
) -> Result<bool, CheckpointError> {
    let threshold = u32::from(log.threshold);
    let entry = find_mut(log, slot)?;
    if entry.hash != *hash {
        return Err(CheckpointError::Missing);
    }
    if entry.state == checkpoint_state::CONTESTED {
        return Err(CheckpointError::Contested);
    }
    if entry.config_epoch != council.config_epoch {
        return Err(CheckpointError::OtherCouncil);
    }
    let bit = member_bit(index);
    if entry.attesters & bit != 0 {
        return Err(CheckpointError::AlreadyAttested);
    }
    entry.attesters |= bit;
    let is_attested = entry.attesters.count_ones() >= threshold;
    if is_attested {
        entry.state = checkpoint_state::ATTESTED;
    }
    Ok(is_attested)
}

/// The checkpoint of `slot`, if a ballot may choose it after an incident whose breach was in `breach`:
/// attested, not contested, and posted before. What was posted afterwards could have been made up with
/// the theft in view.
///
/// # Errors
/// [`CheckpointError::Missing`], [`CheckpointError::Contested`], [`CheckpointError::NotAttested`],
/// [`CheckpointError::NotBeforeBreach`]
pub fn require_usable(log: &CheckpointLog, slot: u64, breach: u64) -> Result<&Checkpoint, CheckpointError> {
    let entry = find(log, slot)?;
    match entry.state {
        checkpoint_state::ATTESTED if entry.slot < breach && entry.posted_slot < breach => Ok(entry),
        checkpoint_state::ATTESTED => Err(CheckpointError::NotBeforeBreach),
        checkpoint_state::CONTESTED => Err(CheckpointError::Contested),
        _ => Err(CheckpointError::NotAttested),
    }
}

/// Numbers the shards' leaves through, and requires that they are the checkpoint's: the tree they
/// make has its root, total and count, and their counts are those it was posted with.
///
/// # Errors
/// [`CheckpointError::WrongShards`]
pub fn require_shards(entry: &Checkpoint, shards: &mut [ShardRoot; SHARDS]) -> Result<(), CheckpointError> {
    let (root, count) = crate::root::seal(shards).map_err(|_| CheckpointError::WrongShards)?;
    let is_same = root.hash == entry.root
        && root.sum == entry.total
        && u64::from(count) == entry.count
        && shards_hash(shards) == entry.shards_hash;
    if is_same {
        Ok(())
    } else {
        Err(CheckpointError::WrongShards)
    }
}

/// Levels below the caps of a shard of `count` leaves: the least at which sixteen caps hold them.
#[must_use]
pub fn cap_height(count: u32) -> Option<u8> {
    let caps = u32::try_from(CAPS).ok()?;
    let most = u8::try_from(MAX_CAP_HEIGHT).ok()?;
    (0..=most).find(|height| caps.unbounded_shl(u32::from(*height)) >= count)
}

/// Fills a shard that was never read on chain with its caps, and seals it, if they make `expected`.
///
/// # Errors
/// [`CheckpointError::WrongShards`]
pub fn seal_shard(shard: &mut SnapshotShard, expected: &ShardRoot, caps: &[Node; CAPS]) -> Result<(), CheckpointError> {
    let root = merkle::over_sixteen(caps).map_err(|_| CheckpointError::WrongShards)?;
    let height = cap_height(expected.count).ok_or(CheckpointError::WrongShards)?;
    if root.hash != expected.root.hash || root.sum != expected.root.sum || expected.count == 0 {
        return Err(CheckpointError::WrongShards);
    }
    let width = 1u32.unbounded_shl(u32::from(height));
    shard.cap_height = height;
    shard.cap_count = u8::try_from(expected.count.div_ceil(width)).map_err(|_| CheckpointError::WrongShards)?;
    shard.sum = root.sum;
    shard.count = expected.count;
    shard.caps = *caps;
    shard.state = snapshot_state::SEALED;
    Ok(())
}

/// Is the leaf at `index` of the tree with this root and total? `siblings` go all the way up, 40
/// bytes each.
///
/// # Errors
/// [`ProofError`]
pub fn verify_to_root(leaf: &Node, index: u32, siblings: &[u8], root: &[u8; 32], total: u64) -> Result<(), ProofError> {
    let levels = siblings.len().checked_div(NODE_BYTES).unwrap_or(0);
    let Some(below) = levels.checked_sub(SHARD_LEVELS).filter(|_| levels <= MAX_DEPTH) else {
        return Err(ProofError::WrongLength);
    };
    let (shard, place) = (index >> SHARD_SHIFT, index & (u32::MAX >> (32 - SHARD_SHIFT)));
    let above = u32::try_from(below).map_or(0, |below| place.unbounded_shr(below));
    if above != 0 || shard as usize >= SHARDS {
        return Err(ProofError::WrongIndex);
    }
    let Some((lower, upper)) = siblings.split_at_checked(below.saturating_mul(NODE_BYTES)) else {
        return Err(ProofError::WrongLength);
    };
    let node = merkle::fold_proof(leaf, place, lower)?;
    let node = merkle::fold_proof(&node, shard, upper)?;
    if node.hash == *root && node.sum == total {
        Ok(())
    } else {
        Err(ProofError::Mismatch)
    }
}

/// Could no honest ledger have this leaf: in a shard its key does not belong to, or of nothing?
#[must_use]
pub fn is_malformed(leaf: &LeafEvidence) -> bool {
    u32::from(merkle::shard_of(leaf.key.as_array())) != leaf.index >> SHARD_SHIFT || leaf.amount == 0
}

/// Could no honest ledger have both: two places, and keys that do not ascend with them? A key that
/// is counted twice is such a pair.
#[must_use]
pub fn is_out_of_order(a: &LeafEvidence, b: &LeafEvidence) -> bool {
    let (first, second) = if a.index < b.index { (a, b) } else { (b, a) };
    first.index != second.index && first.key.as_array() >= second.key.as_array()
}

/// Marks the checkpoint contested for ever if one leaf of it, or two, contradict it. The caller has
/// checked that they are leaves of this log.
///
/// # Errors
/// [`CheckpointError::Missing`], [`CheckpointError::NoContradiction`], [`CheckpointError::Contested`]
pub fn contest(log: &mut CheckpointLog, a: &LeafEvidence, b: Option<&LeafEvidence>) -> Result<(), CheckpointError> {
    let entry = find_mut(log, a.slot)?;
    let belongs = |leaf: &LeafEvidence| leaf.checkpoint == entry.hash;
    if !belongs(a) || !b.is_none_or(belongs) {
        return Err(CheckpointError::Missing);
    }
    if entry.state == checkpoint_state::CONTESTED {
        return Err(CheckpointError::Contested);
    }
    if !is_malformed(a) && !b.is_some_and(|b| is_malformed(b) || is_out_of_order(a, b)) {
        return Err(CheckpointError::NoContradiction);
    }
    entry.state = checkpoint_state::CONTESTED;
    Ok(())
}

/// A node of a checkpoint's tree, by what it is hashed from.
#[derive(Clone, Copy, Debug)]
pub struct Revealed<'a> {
    /// The bytes it is the hash of.
    pub preimage: &'a [u8],
    /// The sum the tree says it has.
    pub sum: u64,
    /// Bit l: at the l-th level from it up, its sibling is on the left.
    pub path: u32,
    /// Siblings from it up to the root, 40 bytes each.
    pub siblings: &'a [u8],
}

/// Could an honest tree with this tag have the node? An inner node's sum is that of its two, a leaf
/// has the tag, the index of its place, and its amount for a sum. Nothing else is ever hashed.
#[must_use]
pub fn is_well_formed(node: &Revealed, tag: &[u8; 32]) -> bool {
    match node.preimage {
        [merkle::NODE_PREFIX, children @ ..] if children.len() == 2 * NODE_BYTES => {
            let (children, _) = children.as_chunks::<NODE_BYTES>();
            let sums = children
                .iter()
                .map(|child| bytemuck::pod_read_unaligned::<Node>(child).sum);
            sums.into_iter().try_fold(0u64, u64::checked_add) == Some(node.sum)
        }
        [merkle::LEAF_PREFIX, leaf @ ..] => {
            let Some((own, rest)) = leaf.split_first_chunk::<32>() else {
                return false;
            };
            let Some((index, rest)) = rest.split_first_chunk::<4>() else {
                return false;
            };
            let Some((keys, amount)) = rest.split_first_chunk::<64>() else {
                return false;
            };
            let expected = place_of(node).map(u32::to_le_bytes);
            let shard = keys.first_chunk().map(merkle::shard_of);
            own == tag
                && expected == Some(*index)
                && place_of(node).map(|index| index >> SHARD_SHIFT) == shard.map(u32::from)
                && node.sum != 0
                && *amount == node.sum.to_le_bytes()
        }
        _ => false,
    }
}

/// The index of a leaf at the end of this path.
fn place_of(node: &Revealed) -> Option<u32> {
    let levels = node.siblings.len().checked_div(NODE_BYTES)?;
    let below = u32::try_from(levels.checked_sub(SHARD_LEVELS)?).ok()?;
    let shard = u8::try_from(node.path.unbounded_shr(below)).ok()?;
    let place = node.path & !u32::MAX.unbounded_shl(below);
    (usize::from(shard) < SHARDS && place >> SHARD_SHIFT == 0).then(|| merkle::leaf_index(shard, place))
}

/// Marks the checkpoint of `slot` contested for ever if its tree has a node that no honest tree has:
/// one that says another sum than is below it, or hides something that is neither node nor leaf. The
/// checkpoint has to be of the log at `key`.
///
/// # Errors
/// [`CheckpointError::Missing`], [`CheckpointError::Contested`], [`CheckpointError::NotInTree`],
/// [`CheckpointError::NoContradiction`]
pub fn contest_node(
    log: &mut CheckpointLog,
    key: &Pubkey,
    slot: u64,
    tag: &[u8; 32],
    node: &Revealed,
) -> Result<[u8; 32], CheckpointError> {
    let ledger_index = log.ledger_index;
    let entry = find_mut(log, slot)?;
    if entry_hash(key, ledger_index, &Claim::of(entry), &entry.previous) != entry.hash {
        return Err(CheckpointError::Missing);
    }
    if entry.state == checkpoint_state::CONTESTED {
        return Err(CheckpointError::Contested);
    }
    let start = Node {
        hash: sha256(&[node.preimage]),
        sum: node.sum,
    };
    let levels = node.siblings.len().checked_div(NODE_BYTES).unwrap_or(0);
    if levels > MAX_DEPTH {
        return Err(CheckpointError::NotInTree);
    }
    let top = merkle::fold_proof(&start, node.path, node.siblings).map_err(|_| CheckpointError::NotInTree)?;
    if top.hash != entry.root || top.sum != entry.total {
        return Err(CheckpointError::NotInTree);
    }
    if is_well_formed(node, tag) {
        return Err(CheckpointError::NoContradiction);
    }
    entry.state = checkpoint_state::CONTESTED;
    Ok(entry.hash)
}

/// Counts a leaf that differs from the host's live account: `live` is its owner and amount, or
/// `None` when it is no position any more. The checkpoint stays what it is.
///
/// # Errors
/// [`CheckpointError::Missing`], [`CheckpointError::NoContradiction`]
pub fn dispute(
    log: &mut CheckpointLog,
    leaf: &LeafEvidence,
    live: Option<(&[u8; 32], u64)>,
) -> Result<u16, CheckpointError> {
    let entry = find_mut(log, leaf.slot)?;
    if leaf.checkpoint != entry.hash {
        return Err(CheckpointError::Missing);
    }
    if live == Some((leaf.owner.as_array(), leaf.amount)) {
        return Err(CheckpointError::NoContradiction);
    }
    entry.disputes = entry.disputes.saturating_add(1);
    Ok(entry.disputes)
}
