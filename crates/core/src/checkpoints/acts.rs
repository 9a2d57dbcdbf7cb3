//! What is said of a ledger in peace, what speaks against it, and what becomes of it in an incident.

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
    acts::At,
    checkpoints::checkpoint::{self, Claim, Moment, Revealed, Seen, Witness},
    domain::council::member_index,
    snapshots::{
        layout::{self, LayoutError, Reader},
        merkle,
    },
    words::same_key,
};

/// Rules of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointRules {
    /// Attesters a checkpoint needs, the one who posts it included.
    pub threshold: u8,
    /// Bits of `log_flag`.
    pub flags: u8,
    /// Most that a checkpoint's total may differ from the host's own. Basis points of the greater.
    pub tolerance_bps: u16,
    /// Fewest slots between two checkpoints of one attester.
    pub min_interval_slots: u64,
    /// A checkpoint is not overwritten before it is this old.
    pub keep_seconds: i64,
}

/// An account of somebody else's, as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Live<'a> {
    /// Its owner program.
    pub program: &'a Pubkey,
    /// Its data.
    pub data: &'a [u8],
}

/// What an attester posts, and what the program reads beside it.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// Who says it.
    pub attester: &'a Pubkey,
    /// What.
    pub claim: &'a Claim,
    /// Data of the SlotHashes sysvar.
    pub slot_hashes: &'a [u8],
    /// Where the host keeps its own total.
    pub total: Live<'a>,
}

/// A log gets its rules: during set-up, or by a matured proposal. What is in it stays as it is, and under the rules it
/// was posted under: the proposal may be older than what is there.
///
/// # Errors
/// [`CoreError`] by name.
pub fn set_checkpoint_rules(
    log: &mut CheckpointLog,
    council: &Council,
    rules: &CheckpointRules,
) -> Result<(), CoreError> {
    log.threshold = rules.threshold;
    log.flags = rules.flags;
    log.tolerance_bps = rules.tolerance_bps;
    log.min_interval_slots = rules.min_interval_slots;
    log.keep_seconds = rules.keep_seconds;
    Ok(checkpoint::check_rules(log, council)?)
}

/// May checkpoints be posted and positions sampled? Until the domain is frozen: an alarm that nobody has confirmed stops
/// neither, or whoever can make one detector latch would keep every ledger without checkpoints. What is posted then is
/// from after the breach, and overwrites by age alone.
fn may_record(domain: &Domain) -> Result<(), CoreError> {
    match domain.state {
        phase::OPERATING | phase::ALERT => Ok(()),
        _ => Err(CoreError::WrongPhase),
    }
}

/// An attester posts a checkpoint of a slot that has just ended, and attests it thereby. Only until the domain is frozen:
/// from then on nothing is overwritten. What it says the ledger amounts to has to be what the host
/// itself says now, but for what moves between two slots.
///
/// # Errors
/// [`CoreError`] by name.
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
    let native = total.and_then(|total| layout::native_total(ledger, total));
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

/// Another attester says that a checkpoint is right, naming its hash. Works in every phase.
///
/// Tells whether the threshold is reached.
///
/// # Errors
/// [`CoreError`] by name.
pub fn attest_checkpoint(
    council: &Council,
    log: &mut CheckpointLog,
    attester: &Pubkey,
    slot: u64,
    hash: &[u8; 32],
) -> Result<bool, CoreError> {
    let index = member_index(council, attester, role::ATTESTER)?;
    Ok(checkpoint::attest(log, council, index, slot, hash)?)
}

/// Keeps a leaf of a checkpoint as evidence. `evidence` says slot, index, key, owner and amount, and gets the rest.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Strikes out a checkpoint whose own leaves contradict each other, or what it says of its `shards`. Whose evidence it is
/// does not matter.
///
/// # Errors
/// [`CoreError`] by name.
pub fn contest_checkpoint(
    log: &mut CheckpointLog,
    first: &LeafEvidence,
    second: Option<&LeafEvidence>,
    shards: Option<&[ShardRoot; SHARDS]>,
) -> Result<(), CoreError> {
    Ok(checkpoint::contest(log, first, second, shards)?)
}

/// Strikes out a checkpoint whose tree has a node that no honest tree has. Gives its hash.
///
/// # Errors
/// [`CoreError`] by name.
pub fn contest_node(
    program: &Pubkey,
    log: (&Pubkey, &mut CheckpointLog),
    slot: u64,
    node: &Revealed,
) -> Result<[u8; 32], CoreError> {
    let (key, log) = log;
    let tag = checkpoint::tag(program, key, log.ledger_index, slot);
    Ok(checkpoint::contest_node(log, key, slot, &tag, node)?)
}

/// What a dispute puts on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disputed<'a> {
    /// Owner and amount as they are now, if the account is a position still.
    pub live: Option<(&'a [u8; 32], u64)>,
    /// Disputes of the checkpoint so far.
    pub disputes: u16,
}

/// Puts on record that a leaf differs from the host's account as it is now. `dispute` is the record of that leaf,
/// whoever proves it how often: it takes one.
///
/// # Errors
/// [`CoreError`] by name.
pub fn dispute_checkpoint<'a>(
    log: &mut CheckpointLog,
    ledger: &'a Ledger,
    evidence: &LeafEvidence,
    account: Live<'a>,
    dispute: &mut LeafEvidence,
) -> Result<Disputed<'a>, CoreError> {
    if dispute.state != evidence_state::PROVED || dispute.version != 0 {
        return Err(CoreError::EvidenceUsed.into());
    }
    // What the host has to be asked is no evidence: it may answer differently now and be right.
    if ledger.mode != ledger_mode::BYTES {
        return Err(CoreError::WrongLedgerMode.into());
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

/// May the evidence be closed? What is on record stays while its checkpoint does, or the same leaf would count again.
///
/// # Errors
/// [`CoreError`] by name.
pub fn close_evidence(log: &CheckpointLog, evidence: &LeafEvidence) -> Result<(), CoreError> {
    let is_there = checkpoint::find(log, evidence.slot).is_ok_and(|entry| entry.hash == evidence.checkpoint);
    if evidence.state == evidence_state::DISPUTED && is_there {
        return Err(CoreError::EvidenceNeeded.into());
    }
    Ok(())
}

/// Begins to publish a shard of a checkpoint: `shard` says its number and who publishes, and gets the rest.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Takes the next leaves of a shard that is being published.
///
/// # Errors
/// [`CoreError`] by name.
pub fn publish_leaves(shard: &mut SnapshotShard, leaves: &[u8]) -> Result<(), CoreError> {
    Ok(checkpoint::publish(shard, leaves)?)
}

/// Marks a shard published whose leaves make the checkpoint's. Tells whether all are.
///
/// # Errors
/// [`CoreError`] by name.
pub fn finish_publication(
    log: &mut CheckpointLog,
    slot: u64,
    shard: &mut SnapshotShard,
    shards: &[ShardRoot; SHARDS],
) -> Result<bool, CoreError> {
    Ok(checkpoint::finish_publication(log, slot, shard, shards)?)
}

/// Reads a position now. `sample` says the slot and the key, and gets the rest: it is of this slot or of none.
///
/// # Errors
/// [`CoreError`] by name.
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
        return Err(CoreError::SampleOfOtherSlot.into());
    }
    if ledger.mode != ledger_mode::BYTES {
        return Err(CoreError::WrongLedgerMode.into());
    }
    if !same_key(account.program.as_array(), ledger.program.as_array()) {
        return Err(CoreError::NotAPosition.into());
    }
    let position = Reader::new(ledger).read(account.data);
    let position = position.map_err(|error: LayoutError| match error {
        LayoutError::NotAPosition => CoreError::NotAPosition,
        LayoutError::AmountTooLarge | LayoutError::TooManySlots => CoreError::Overflow,
    })?;
    sample.state = sample_state::TAKEN;
    sample.log = *log;
    sample.owner = (*position.owner).into();
    sample.amount = position.amount;
    sample.ts = at.now;
    Ok(())
}

/// Holds a sample against the checkpoint of its slot. Gives the difference; it counts once.
///
/// # Errors
/// [`CoreError`] by name.
pub fn compare_sample(
    log: &mut CheckpointLog,
    sample: &mut PositionSample,
    witness: &Witness,
) -> Result<u64, CoreError> {
    Ok(checkpoint::compare(log, sample, witness)?)
}

/// May a sample be closed? Its rent is what sampling every slot costs: it stays as long as a checkpoint would.
///
/// # Errors
/// [`CoreError`] by name.
pub fn close_sample(log: &CheckpointLog, sample: &PositionSample, now: i64) -> Result<(), CoreError> {
    let is_there = checkpoint::find(log, sample.slot).is_ok();
    if is_there || now < sample.ts.saturating_add(log.keep_seconds) {
        return Err(CoreError::EvidenceNeeded.into());
    }
    Ok(())
}

/// The slot of an incident's breach.
#[must_use]
pub fn breach_slot(incident: &Incident) -> u64 {
    incident.steps.get(step::BREACH).map_or(0, |step| step.slot)
}

/// Makes a sealed snapshot of a usable checkpoint. `snapshot` says the roots, sums and counts of the shards, which have
/// to be exactly what the checkpoint commits to, and gets the rest.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Fills a shard of a checkpoint's snapshot with its caps. Of a void one too: it may have been restored before, and
/// claims are proved against its shards.
///
/// # Errors
/// [`CoreError`] by name.
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

/// Takes a snapshot of a checkpoint off the table that could not be opened any more: sealed -> void.
///
/// # Errors
/// [`CoreError`] by name.
pub fn void_checkpoint_snapshot(
    log: &CheckpointLog,
    incident: &Incident,
    snapshot: &mut Snapshot,
) -> Result<(), CoreError> {
    if snapshot.state != snapshot_state::SEALED || snapshot.source != snapshot_source::CHECKPOINT {
        return Err(CoreError::SnapshotNotSealed.into());
    }
    checkpoint::require_unusable(log, snapshot.checkpoint_slot, breach_slot(incident))?;
    snapshot.state = snapshot_state::VOID;
    Ok(())
}

/// A ledger is restored by `snapshot`. One that comes from a checkpoint has to be usable still, with the breach as it
/// stands now; and nothing from before this slot is restored again. A ledger without a log has nothing to note.
///
/// # Errors
/// [`CoreError`] by name.
pub fn note_restoration(
    log: Option<&mut CheckpointLog>,
    incident: &Incident,
    snapshot: &Snapshot,
    at: At,
) -> Result<(), CoreError> {
    let is_checkpoint = snapshot.source == snapshot_source::CHECKPOINT;
    let Some(log) = log else {
        return if is_checkpoint {
            Err(CoreError::NoSuchCheckpoint.into())
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
