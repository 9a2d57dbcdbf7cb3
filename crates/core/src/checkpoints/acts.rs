//! Checkpoints of a ledger posted in peace, the evidence against them, and their use in an incident.

use bulkhead_interface::{
    Pubkey,
    constants::{
        CANOPY, SHARDS, evidence_state, ledger_mode, phase, role, sample_state, snapshot_source, snapshot_state, step,
    },
    layout::{
        Checkpoint, CheckpointLog, Council, Domain, Incident, LeafEvidence, Ledger, Node, PositionSample, ShardRoot,
        Snapshot, SnapshotShard,
    },
};

use crate::{
    CoreError,
    acts::{At, decide},
    checkpoints::checkpoint::{self, Claim, Moment, Revealed, Seen, Witness},
    custody::queue_ledger,
    domain::council::member_index,
    snapshots::{
        layout::{self, Factors, LayoutError, Reader},
        merkle,
    },
    words::same_key,
};

/// Rules of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointRules {
    /// Number of attesters a checkpoint needs, including its poster.
    pub threshold: u8,
    /// Bits of `log_flag`.
    pub flags: u8,
    /// The most that a checkpoint's total may differ from the host's own. Basis points of the greater total.
    pub tolerance_bps: u16,
    /// Minimum number of slots between two checkpoints of one attester.
    pub min_interval_slots: u64,
    /// Minimum age of a checkpoint before it may be overwritten.
    pub keep_seconds: i64,
}

/// An account of another program, in its current state.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    /// Its owner program.
    pub program: &'a Pubkey,
    /// Its data.
    pub data: &'a [u8],
}

/// What an attester posts, and what the program reads along with it.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// The attester.
    pub attester: &'a Pubkey,
    /// The checkpoint.
    pub claim: &'a Claim,
    /// Data of the SlotHashes sysvar.
    pub slot_hashes: &'a [u8],
    /// Where the host stores its own total.
    pub total: Live<'a>,
    /// The ledger's factors, as they are now.
    pub factors: Factors,
}

/// Sets a log's rules, during set-up or by a matured proposal. Existing checkpoints stay unchanged under the rules they
/// were posted under: the proposal may be older than they are.
///
/// # Errors
/// A named [`CoreError`].
pub fn set_checkpoint_rules(
    log: &mut CheckpointLog,
    council: &Council,
    rules: &CheckpointRules,
    proposed_slot: Option<u64>,
) -> Result<(), CoreError> {
    decide(&mut log.decided_slot, proposed_slot)?;
    log.threshold = rules.threshold;
    log.flags = rules.flags;
    log.tolerance_bps = rules.tolerance_bps;
    log.min_interval_slots = rules.min_interval_slots;
    log.keep_seconds = rules.keep_seconds;
    checkpoint::check_rules(log, council)
}

/// Can this ledger have checkpoints? Not a queue: what it owed at some slot may have been paid since, so only its snapshot
/// can be restored.
///
/// # Errors
/// [`CoreError::InvalidLedger`].
pub const fn check_checkpointed(ledger: &Ledger) -> Result<(), CoreError> {
    if queue_ledger::is_queue(ledger) {
        Err(CoreError::InvalidLedger)
    } else {
        Ok(())
    }
}

/// May checkpoints be posted and positions sampled? Until the domain is frozen. An alarm that nobody has confirmed
/// blocks neither; otherwise whoever can make one detector latch could keep every ledger without checkpoints. A
/// checkpoint posted during an alarm is from after the breach, and overwrites others by age alone.
fn may_record(domain: &Domain) -> Result<(), CoreError> {
    match domain.state {
        phase::OPERATING | phase::ALERT => Ok(()),
        _ => Err(CoreError::WrongPhase),
    }
}

/// An attester posts a checkpoint of a slot that has just ended, and thereby attests it. Allowed only until the domain
/// is frozen: from then on nothing is overwritten. The checkpoint's total must be what the host itself reports now,
/// apart from what changes between two slots.
///
/// # Errors
/// A named [`CoreError`].
pub fn post_checkpoint(
    domain: &Domain,
    council: &Council,
    log: (&Pubkey, &mut CheckpointLog),
    ledger: &Ledger,
    posting: &Posting,
    at: At,
) -> Result<Checkpoint, CoreError> {
    may_record(domain)?;
    let poster = member_index(council, posting.attester, role::ATTESTER)?;
    let total = layout::read_total(ledger, posting.total.program, posting.total.data);
    let native = total.and_then(|total| layout::native_total(ledger, &posting.factors, total));
    let seen = Seen {
        slot_hashes: posting.slot_hashes,
        host_total: native.ok_or(CoreError::TotalUnreadable)?,
    };
    let at = Moment {
        slot: at.slot,
        now: at.now,
    };
    let (key, log) = log;
    checkpoint::post(log, key, council, poster, posting.claim, &seen, at)?;
    Ok(*checkpoint::latest(log).ok_or(CoreError::NoSuchCheckpoint)?)
}

/// Another attester confirms that a checkpoint is right, naming its hash. Works in every phase.
///
/// Returns whether the threshold is reached.
///
/// # Errors
/// A named [`CoreError`].
pub fn attest_checkpoint(
    council: &Council,
    log: &mut CheckpointLog,
    attester: &Pubkey,
    slot: u64,
    hash: &[u8; 32],
) -> Result<bool, CoreError> {
    let index = member_index(council, attester, role::ATTESTER)?;
    checkpoint::attest(log, council, index, slot, hash)
}

/// Stores a leaf of a checkpoint as evidence. `evidence` states slot, index, key, owner and amount; the act fills in
/// the rest.
///
/// # Errors
/// A named [`CoreError`].
pub fn prove_leaf(
    program: &Pubkey,
    log: (&Pubkey, &CheckpointLog),
    siblings: &[u8],
    evidence: &mut LeafEvidence,
) -> Result<(), CoreError> {
    let (key, log) = log;
    let entry = checkpoint::find(log, evidence.slot)?;
    let tag = checkpoint::tag(program, key, log.ledger_index, evidence.slot);
    let (position, owner) = (evidence.key.as_array(), evidence.owner.as_array());
    let leaf = merkle::leaf(&tag, evidence.index, position, owner, evidence.amount);
    checkpoint::verify_to_root(&leaf, evidence.index, siblings, &entry.root, entry.total)
        .map_err(|_| CoreError::InvalidProof)?;
    evidence.state = evidence_state::PROVED;
    let levels = siblings.len().checked_div(merkle::NODE_BYTES).unwrap_or(0);
    evidence.levels = u8::try_from(levels).map_err(|_| CoreError::InvalidProof)?;
    evidence.is_last = checkpoint::is_last(evidence.index, siblings).into();
    evidence.log = *key;
    evidence.checkpoint = entry.hash;
    Ok(())
}

/// Contests a checkpoint whose own leaves contradict each other or its `shards`. It does not matter who proved the
/// evidence.
///
/// # Errors
/// A named [`CoreError`].
pub fn contest_checkpoint(
    log: &mut CheckpointLog,
    first: &LeafEvidence,
    second: Option<&LeafEvidence>,
    shards: Option<&[ShardRoot; SHARDS]>,
) -> Result<(), CoreError> {
    checkpoint::contest(log, first, second, shards)
}

/// Contests a checkpoint whose tree has a node that no honest tree has. Returns the checkpoint's hash.
///
/// # Errors
/// A named [`CoreError`].
pub fn contest_node(
    program: &Pubkey,
    log: (&Pubkey, &mut CheckpointLog),
    slot: u64,
    node: &Revealed,
) -> Result<[u8; 32], CoreError> {
    let (key, log) = log;
    let tag = checkpoint::tag(program, key, log.ledger_index, slot);
    checkpoint::contest_node(log, key, slot, &tag, node)
}

/// The result of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disputed<'a> {
    /// Current owner and amount, if the account is still a position.
    pub live: Option<(&'a [u8; 32], u64)>,
    /// Number of disputes of the checkpoint so far.
    pub disputes: u16,
}

/// Puts on record that a leaf differs from the host's account as it is now. `dispute` is the record of that leaf,
/// however many people prove it and however often: each leaf needs exactly one.
///
/// # Errors
/// A named [`CoreError`].
pub fn dispute_checkpoint<'a>(
    log: &mut CheckpointLog,
    ledger: &'a Ledger,
    evidence: &LeafEvidence,
    account: Live<'a>,
    dispute: &mut LeafEvidence,
) -> Result<Disputed<'a>, CoreError> {
    if dispute.state != evidence_state::PROVED || dispute.version != 0 {
        return Err(CoreError::EvidenceUsed);
    }
    // The answer of a host's export is no evidence: it may have changed legitimately.
    if ledger.mode != ledger_mode::BYTES {
        return Err(CoreError::WrongLedgerMode);
    }
    let is_its = same_key(account.program.as_array(), ledger.program.as_array());
    let live = is_its
        .then(|| Reader::new(ledger).read(account.data).ok())
        .flatten()
        .map(|position| (position.owner, position.amount));
    let disputes = checkpoint::dispute(log, evidence, live)?;
    *dispute = *evidence;
    dispute.state = evidence_state::DISPUTED;
    Ok(Disputed { live, disputes })
}

/// May the evidence be closed? A disputed leaf's record stays as long as its checkpoint; otherwise the same leaf would
/// count again.
///
/// # Errors
/// A named [`CoreError`].
pub fn close_evidence(log: &CheckpointLog, evidence: &LeafEvidence) -> Result<(), CoreError> {
    let is_there = checkpoint::find(log, evidence.slot).is_ok_and(|entry| entry.hash == evidence.checkpoint);
    if evidence.state == evidence_state::DISPUTED && is_there {
        return Err(CoreError::EvidenceNeeded);
    }
    Ok(())
}

/// Starts publishing a shard of a checkpoint. `shard` states its number and publisher; the act fills in the rest.
///
/// # Errors
/// A named [`CoreError`].
pub fn begin_publication(
    program: &Pubkey,
    log: (&Pubkey, &CheckpointLog),
    slot: u64,
    shard: &mut SnapshotShard,
) -> Result<(), CoreError> {
    let (key, log) = log;
    checkpoint::find(log, slot)?;
    if usize::from(shard.shard) >= SHARDS {
        return Err(CoreError::ArgumentOutOfRange);
    }
    shard.domain = log.domain;
    shard.snapshot = *key;
    shard.ledger = log.ledger;
    shard.tag = checkpoint::tag(program, key, log.ledger_index, slot);
    Ok(())
}

/// Appends the next leaves of a shard that is being published.
///
/// # Errors
/// A named [`CoreError`].
pub fn publish_leaves(shard: &mut SnapshotShard, leaves: &[u8]) -> Result<(), CoreError> {
    checkpoint::publish(shard, leaves)
}

/// Marks a shard published if its leaves produce the checkpoint's shard. Returns whether all shards are published.
///
/// # Errors
/// A named [`CoreError`].
pub fn finish_publication(
    log: &mut CheckpointLog,
    slot: u64,
    shard: &mut SnapshotShard,
    shards: &[ShardRoot; SHARDS],
) -> Result<bool, CoreError> {
    checkpoint::finish_publication(log, slot, shard, shards)
}

/// Reads a position now. `sample` states the slot and the key; the act fills in the rest. The slot must be the current
/// one.
///
/// # Errors
/// A named [`CoreError`].
pub fn sample_position(
    domain: &Domain,
    log: &Pubkey,
    ledger: &Ledger,
    account: Live,
    at: At,
    sample: &mut PositionSample,
) -> Result<(), CoreError> {
    may_record(domain)?;
    if sample.slot != at.slot {
        return Err(CoreError::SampleOfOtherSlot);
    }
    if ledger.mode != ledger_mode::BYTES {
        return Err(CoreError::WrongLedgerMode);
    }
    if !same_key(account.program.as_array(), ledger.program.as_array()) {
        return Err(CoreError::NotAPosition);
    }
    let position = Reader::new(ledger).read(account.data);
    let position = position.map_err(|error: LayoutError| match error {
        LayoutError::NotAPosition => CoreError::NotAPosition,
        LayoutError::AmountTooLarge | LayoutError::TooManySlots => CoreError::Overflow,
        // Not of a ledger that is read by its bytes alone.
        other => other.into(),
    })?;
    sample.state = sample_state::TAKEN;
    sample.log = *log;
    sample.owner = (*position.owner).into();
    sample.amount = position.amount;
    sample.ts = at.now;
    Ok(())
}

/// Compares a sample with the checkpoint of its slot. Returns the difference. A sample counts once.
///
/// # Errors
/// A named [`CoreError`].
pub fn compare_sample(
    log: &mut CheckpointLog,
    sample: &mut PositionSample,
    witness: &Witness,
) -> Result<u64, CoreError> {
    checkpoint::compare(log, sample, witness)
}

/// May a sample be closed? Its locked rent is the price of sampling every slot: it stays as long as a checkpoint would.
///
/// # Errors
/// A named [`CoreError`].
pub fn close_sample(log: &CheckpointLog, sample: &PositionSample, now: i64) -> Result<(), CoreError> {
    let is_there = checkpoint::find(log, sample.slot).is_ok();
    if is_there || now < sample.ts.saturating_add(log.keep_seconds) {
        return Err(CoreError::EvidenceNeeded);
    }
    Ok(())
}

/// The slot of an incident's breach.
#[must_use]
pub fn breach_slot(incident: &Incident) -> u64 {
    incident.steps.get(step::BREACH).map_or(0, |step| step.slot)
}

/// Creates a sealed snapshot from a usable checkpoint. `snapshot` states the roots, sums and counts of the shards,
/// which must be exactly what the checkpoint commits to; the act fills in the rest.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_checkpoint_snapshot(
    program: &Pubkey,
    domain: &Domain,
    incident: (&Pubkey, &Incident),
    log: (&Pubkey, &CheckpointLog),
    slot: u64,
    at: At,
    snapshot: &mut Snapshot,
) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    let ((incident_key, incident), (log_key, log)) = (incident, log);
    if domain.open_incident != *incident_key {
        return Err(CoreError::IncidentNotOpen);
    }
    let entry = checkpoint::require_usable(log, slot, breach_slot(incident))?;
    checkpoint::require_shards(entry, &mut snapshot.shards)?;
    snapshot.state = snapshot_state::SEALED;
    snapshot.ledger_index = log.ledger_index;
    snapshot.source = snapshot_source::CHECKPOINT;
    snapshot.shards_sealed = with_leaves(&snapshot.shards);
    snapshot.domain = log.domain;
    snapshot.incident = *incident_key;
    snapshot.ledger = log.ledger;
    snapshot.tag = checkpoint::tag(program, log_key, log.ledger_index, slot);
    snapshot.root = entry.root;
    snapshot.total = entry.total;
    snapshot.count = entry.count.into();
    snapshot.opened_slot = at.slot;
    snapshot.sealed_slot = at.slot;
    snapshot.sealed_ts = at.now;
    snapshot.checkpoint_slot = slot;
    Ok(())
}

/// Bit s: shard s has leaves.
fn with_leaves(shards: &[ShardRoot; SHARDS]) -> u16 {
    let bits = shards.iter().zip(0u32..).filter(|(shard, _)| shard.count != 0);
    bits.fold(0, |bits, (_, number)| bits | 1u16.unbounded_shl(number))
}

/// Fills a shard of a checkpoint's snapshot with its canopy. Also for a void snapshot: it may have been restored
/// before, and claims are proved against its shards.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_checkpoint_shard(
    snapshot: (&Pubkey, &Snapshot),
    number: u8,
    canopy: &[Node; CANOPY],
    shard: &mut SnapshotShard,
) -> Result<(), CoreError> {
    let (key, snapshot) = snapshot;
    let expected = snapshot.shards.get(usize::from(number));
    let expected = expected.ok_or(CoreError::ArgumentOutOfRange)?;
    checkpoint::seal_shard(shard, expected, canopy)?;
    shard.shard = number;
    shard.domain = snapshot.domain;
    shard.incident = snapshot.incident;
    shard.snapshot = *key;
    shard.ledger = snapshot.ledger;
    shard.tag = snapshot.tag;
    Ok(())
}

/// Voids a checkpoint's snapshot that could no longer be opened: sealed -> void.
///
/// # Errors
/// A named [`CoreError`].
pub fn void_checkpoint_snapshot(
    log: &CheckpointLog,
    incident: &Incident,
    snapshot: &mut Snapshot,
) -> Result<(), CoreError> {
    if snapshot.state != snapshot_state::SEALED || snapshot.source != snapshot_source::CHECKPOINT {
        return Err(CoreError::SnapshotNotSealed);
    }
    checkpoint::require_unusable(log, snapshot.checkpoint_slot, breach_slot(incident))?;
    snapshot.state = snapshot_state::VOID;
    Ok(())
}

/// Records that `snapshot` restores a ledger. A snapshot from a checkpoint must still be usable, with the breach as it
/// stands now. Nothing from before this slot can be restored again. A ledger without a log records nothing.
///
/// # Errors
/// A named [`CoreError`].
pub fn note_restoration(
    log: Option<&mut CheckpointLog>,
    incident: &Incident,
    snapshot: &Snapshot,
    at: At,
) -> Result<(), CoreError> {
    let is_checkpoint = snapshot.source == snapshot_source::CHECKPOINT;
    let Some(log) = log else {
        return if is_checkpoint {
            Err(CoreError::NoSuchCheckpoint)
        } else {
            Ok(())
        };
    };
    if is_checkpoint {
        checkpoint::require_usable(log, snapshot.checkpoint_slot, breach_slot(incident))?;
    }
    log.restored_slot = at.slot;
    Ok(())
}
