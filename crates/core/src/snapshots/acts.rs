//! Ledgers, and the snapshots read from them while nothing may move.
//!
//! A seal by crank follows the host's own total. The first seal is not final: for one day a seal closer to that total,
//! above or below, replaces it, however many came before; a matured override replaces it until it is restored. A seal
//! that is not exactly that total consists only of shards that their crankers declare complete. Only a later decision
//! replaces an override, and nothing replaces what was restored.

use bulkhead_interface::{
    Pubkey,
    constants::{RESEAL_SECONDS, SHARDS, VERSION, phase, snapshot_flag, snapshot_source, snapshot_state, step},
    layout::{Domain, Incident, Ledger, MintLedgers, ShardRoot, Snapshot, SnapshotShard},
};

use crate::{
    CoreError,
    acts::At,
    pause::incident::mark_again,
    snapshots::{
        frontier, layout, merkle,
        root::{self, empty_shard},
    },
};

/// The account that stores the host's total, in its current state.
#[derive(Clone, Copy, Debug)]
pub struct TotalAccount<'a> {
    /// Its owner program.
    pub owner: &'a Pubkey,
    /// Its data.
    pub data: &'a [u8],
}

/// Can the ledger be read, and can others move its total only within its tolerance? Covers everything that can be
/// validated without any account.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_ledger(ledger: &Ledger) -> Result<(), CoreError> {
    layout::check(ledger).map_err(|_| CoreError::InvalidLedger)?;
    layout::check_total(ledger)
}

/// Registers the ledger that `ledger` describes, during set-up or while the domain operates. The ledger and its total
/// must be readable, the total's account must not be a position, others may move the total only within the tolerance,
/// and no ledger that pays the same token may count the same. `others` are those ledgers, by ascending number;
/// `registered` lists the existing ones.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_ledger<'a>(
    domain: &Domain,
    ledger: &Ledger,
    total: TotalAccount,
    registered: &mut MintLedgers,
    others: impl IntoIterator<Item = &'a Ledger>,
) -> Result<(), CoreError> {
    // The layout that a snapshot is read through is agreed in peace, not with the theft in view.
    if !matches!(domain.state, phase::SETUP | phase::OPERATING) {
        return Err(CoreError::WrongPhase);
    }
    check_ledger(ledger)?;
    layout::read_total(ledger, total.owner, total.data).ok_or(CoreError::TotalUnreadable)?;
    // Filters that let the total's own account pass would let other accounts pass as well.
    if *total.owner == ledger.program && layout::accepts(ledger, total.data) {
        return Err(CoreError::InvalidLedger);
    }
    if registered.domain != ledger.domain || registered.mint != ledger.mint {
        return Err(CoreError::ForeignAccount);
    }
    let mut given = [0; 32];
    let mut last = None;
    for other in others {
        if (other.domain, other.mint) != (ledger.domain, ledger.mint) || last.is_some_and(|last| other.index <= last) {
            return Err(CoreError::LedgersMissing);
        }
        if layout::overlap(ledger, other) {
            return Err(CoreError::LedgersOverlap);
        }
        last = Some(other.index);
        note(&mut given, other.index);
    }
    if given != registered.ledgers {
        return Err(CoreError::LedgersMissing);
    }
    note(&mut registered.ledgers, ledger.index);
    Ok(())
}

fn note(ledgers: &mut [u8; 32], index: u8) {
    if let Some(byte) = ledgers.get_mut(usize::from(index.unbounded_shr(3))) {
        *byte |= 1u8.unbounded_shl(u32::from(index & 7));
    }
}

/// Initializes a token's list of ledgers.
#[must_use]
pub fn no_ledgers(domain: &Pubkey, mint: &Pubkey, bump: u8) -> MintLedgers {
    MintLedgers {
        version: VERSION,
        bump,
        domain: *domain,
        mint: *mint,
        ..bytemuck::Zeroable::zeroed()
    }
}

/// Positions are read only while nothing may move them: from the freeze to the reopening, in the open incident.
/// Restoring one ledger does not end the reading of another.
///
/// # Errors
/// [`CoreError::WrongPhase`], [`CoreError::IncidentNotOpen`]
#[inline(always)]
pub fn require_frozen(domain: &Domain, incident: &Pubkey) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    if !crate::words::same_key(domain.open_incident.as_array(), incident.as_array()) {
        return Err(CoreError::IncidentNotOpen);
    }
    Ok(())
}

/// Addresses of a snapshot to open.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotKeys<'a> {
    /// Its domain.
    pub domain: &'a Pubkey,
    /// Its incident.
    pub incident: &'a Pubkey,
    /// Its ledger.
    pub ledger: &'a Pubkey,
    /// The snapshot's own address.
    pub snapshot: &'a Pubkey,
    /// Bump of the snapshot's PDA.
    pub bump: u8,
}

/// Opens the snapshot of one ledger. The caller has nothing to choose.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_snapshot(
    domain: &Domain,
    ledger: &Ledger,
    snapshot: &mut Snapshot,
    keys: &SnapshotKeys,
    at: At,
) -> Result<(), CoreError> {
    require_frozen(domain, keys.incident)?;
    if ledger.domain != *keys.domain {
        return Err(CoreError::ForeignAccount);
    }
    snapshot.version = VERSION;
    snapshot.bump = keys.bump;
    snapshot.state = snapshot_state::OPEN;
    snapshot.ledger_index = ledger.index;
    snapshot.source = snapshot_source::FROZEN;
    snapshot.domain = *keys.domain;
    snapshot.incident = *keys.incident;
    snapshot.ledger = *keys.ledger;
    snapshot.mint = ledger.mint;
    snapshot.tag = merkle::tag(&bulkhead_interface::ID, keys.snapshot, ledger.index);
    snapshot.opened_slot = at.slot;
    Ok(())
}

/// Opens a cranker's shard, also of a sealed snapshot, to seal what a wrong seal left out.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_shard(
    domain: &Domain,
    snapshot: (&Pubkey, &Snapshot),
    shard: &mut SnapshotShard,
    number: u8,
    cranker: &Pubkey,
    bump: u8,
) -> Result<(), CoreError> {
    let (key, snapshot) = snapshot;
    require_frozen(domain, &snapshot.incident)?;
    require_read(snapshot)?;
    if usize::from(number) >= SHARDS {
        return Err(CoreError::ArgumentOutOfRange);
    }
    shard.version = VERSION;
    shard.bump = bump;
    shard.state = snapshot_state::OPEN;
    shard.shard = number;
    shard.domain = snapshot.domain;
    shard.incident = snapshot.incident;
    shard.snapshot = *key;
    shard.ledger = snapshot.ledger;
    shard.tag = snapshot.tag;
    shard.cranker = *cranker;
    Ok(())
}

/// The snapshot of a checkpoint is never read from positions.
fn require_read(snapshot: &Snapshot) -> Result<(), CoreError> {
    if snapshot.source != snapshot_source::FROZEN || snapshot.state == snapshot_state::VOID {
        return Err(CoreError::ForeignAccount);
    }
    Ok(())
}

/// Addresses involved in reading: the signer, the domain and the ledger.
#[derive(Clone, Copy, Debug)]
pub struct ReaderKeys<'a> {
    /// The signer.
    pub cranker: &'a Pubkey,
    /// The domain.
    pub domain: &'a Pubkey,
    /// The ledger.
    pub ledger: &'a Pubkey,
}

/// May the signer read this ledger into this shard now?
///
/// # Errors
/// A named [`CoreError`].
#[inline(always)]
pub fn require_reader(domain: &Domain, shard: &SnapshotShard, keys: &ReaderKeys) -> Result<(), CoreError> {
    let is = |stored: &Pubkey, given: &Pubkey| crate::words::same_key(stored.as_array(), given.as_array());
    if !is(&shard.domain, keys.domain) || !is(&shard.ledger, keys.ledger) {
        return Err(CoreError::ForeignAccount);
    }
    if !is(&shard.cranker, keys.cranker) {
        return Err(CoreError::NotShardCranker);
    }
    require_frozen(domain, &shard.incident)
}

/// May its cranker close a shard and take back the rent? Not while the last seal depends on it. For a shard that is no
/// longer open, the snapshot must be passed.
///
/// # Errors
/// A named [`CoreError`].
pub fn close_shard(
    snapshot: Option<(&Pubkey, &Snapshot)>,
    shard: &SnapshotShard,
    cranker: &Pubkey,
) -> Result<(), CoreError> {
    if snapshot.is_some_and(|(key, _)| shard.snapshot != *key) {
        return Err(CoreError::ForeignAccount);
    }
    if shard.cranker != *cranker {
        return Err(CoreError::NotShardCranker);
    }
    let is_replaced = snapshot.is_some_and(|(_, snapshot)| shard.seal != snapshot.seals);
    if shard.state != snapshot_state::OPEN && !is_replaced {
        return Err(CoreError::SnapshotSealed);
    }
    Ok(())
}

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
    let total = sealing.host_total.ok_or(CoreError::TotalUnreadable)?;
    let before = distance(snapshot, sealing.ledger, total);
    (snapshot.excess, snapshot.shortfall) = (0, 0);
    let is_late = sealing.at.now >= snapshot.first_sealed_ts.saturating_add(RESEAL_SECONDS);
    let is_overridden = snapshot.flags & snapshot_flag::OVERRIDDEN != 0;
    if !is_first && (is_overridden || is_late) {
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
    if sum != total {
        if is_unsigned {
            return Err(CoreError::NotShardCranker);
        }
        let host_total = native_or_most(sealing.ledger, total);
        snapshot.excess = snapshot.total.saturating_sub(host_total);
        snapshot.shortfall = host_total.saturating_sub(snapshot.total);
    }
    finish(snapshot, incident, sealing.at)
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
/// units, 0 when it cannot be read and `u64::MAX` when it does not fit: a robbed host may have lost it or may store
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
    let was_overridden = snapshot.flags & snapshot_flag::OVERRIDDEN != 0;
    if !is_first && was_overridden && proposed_slot <= snapshot.decided_slot {
        return Err(CoreError::SnapshotSealed);
    }
    put(snapshot, gathered)?;
    let host_total = sealing
        .host_total
        .map_or(0, |total| native_or_most(sealing.ledger, total));
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
    if snapshot.seals == 0 {
        snapshot.first_sealed_ts = at.now;
    }
    snapshot.seals = next_seal(snapshot)?;
    snapshot.state = snapshot_state::SEALED;
    snapshot.sealed_slot = at.slot;
    snapshot.sealed_ts = at.now;
    mark_again(incident, step::SNAPSHOT, at.slot, at.now);
    Ok(())
}

/// The host's total in the unit of the leaves, or the maximum if it does not fit.
fn native_or_most(ledger: &Ledger, total: u128) -> u64 {
    layout::native_total(ledger, total).unwrap_or(u64::MAX)
}
