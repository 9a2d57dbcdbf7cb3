//! Ledgers, and the snapshots read from them while nothing may move.
//!
//! A seal by crank follows the host's own total. The first seal is not final: for one day a seal closer to that total,
//! above or below, replaces it, however many came before; a matured override replaces it until it is restored. A seal
//! that is not exactly that total consists only of shards that their crankers declare complete. Only a later decision
//! replaces an override, and nothing replaces what was restored.

mod sealing;

use bulkhead_interface::{
    Pubkey,
    constants::{SHARDS, VERSION, phase, snapshot_flag, snapshot_source, snapshot_state},
    layout::{Domain, FrozenFactors, Incident, Ledger, MintLedgers, Snapshot, SnapshotShard},
};

use crate::{
    CoreError,
    acts::At,
    custody::queue_ledger::{self, is_queue},
    ledger_set,
    restart::acts::was_restored,
    snapshots::{
        layout::{self, Factors, Seen},
        merkle,
    },
};

pub use crate::snapshots::layout::linked::take_linked;
pub use sealing::*;

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
    queue_ledger::check(ledger)?;
    layout::check_known(ledger)?;
    layout::check_total(ledger)
}

/// Registers the ledger that `ledger` describes, during set-up or while the domain operates. The ledger, its total and
/// its factors must be readable, neither the total's account nor a factor's may be a position, others may move the total
/// only within the tolerance, and no ledger that pays the same token may count the same. `factors` are the accounts of
/// its factors, in its order. `others` are those ledgers, by ascending number; `registered` lists the existing ones.
///
/// # Errors
/// A named [`CoreError`].
pub fn register_ledger<'a>(
    domain: &Domain,
    ledger: &Ledger,
    total: TotalAccount,
    factors: &[Seen],
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
    let passes = |program: &Pubkey, data: &[u8]| *program == ledger.program && layout::accepts(ledger, data);
    if passes(total.owner, total.data) || factors.iter().any(|seen| passes(seen.program, seen.data)) {
        return Err(CoreError::InvalidLedger);
    }
    Factors::read(ledger, factors.iter().copied())?;
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
        ledger_set::insert(&mut given, other.index);
    }
    if given != registered.ledgers {
        return Err(CoreError::LedgersMissing);
    }
    ledger_set::insert(&mut registered.ledgers, ledger.index);
    Ok(())
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

/// Opens the snapshot of one ledger. The caller has nothing to choose. Returns what a ledger with factors stores behind
/// it: they are read here, once, so that every cranker reads positions with the same. `factors` are their accounts, in
/// the ledger's order.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_snapshot(
    domain: &Domain,
    ledger: &Ledger,
    snapshot: &mut Snapshot,
    keys: &SnapshotKeys,
    factors: &[Seen],
    at: At,
) -> Result<FrozenFactors, CoreError> {
    open(domain, ledger, snapshot, (keys, snapshot_source::FROZEN), factors, at)
}

/// Opens a snapshot of what the repaired host starts with, once the ledger's state was chosen. Anyone opens as many as
/// they pay for, so nobody's reading stands in the way of another's. None of them is ever put to the vote or restored.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_successor(
    (domain, incident): (&Domain, &Incident),
    ledger: &Ledger,
    snapshot: &mut Snapshot,
    keys: &SnapshotKeys,
    factors: &[Seen],
    at: At,
) -> Result<FrozenFactors, CoreError> {
    // What waits in a queue is no ledger that a host starts with.
    if !was_restored(incident, ledger.index) || is_queue(ledger) {
        return Err(CoreError::LedgerNotRestored);
    }
    open(
        domain,
        ledger,
        snapshot,
        (keys, snapshot_source::SUCCESSOR),
        factors,
        at,
    )
}

fn open(
    domain: &Domain,
    ledger: &Ledger,
    snapshot: &mut Snapshot,
    (keys, source): (&SnapshotKeys, u8),
    factors: &[Seen],
    at: At,
) -> Result<FrozenFactors, CoreError> {
    require_frozen(domain, keys.incident)?;
    if ledger.domain != *keys.domain {
        return Err(CoreError::ForeignAccount);
    }
    let factors = Factors::read(ledger, factors.iter().copied())?;
    snapshot.version = VERSION;
    snapshot.bump = keys.bump;
    snapshot.state = snapshot_state::OPEN;
    if is_queue(ledger) {
        snapshot.flags = snapshot_flag::QUEUE;
    }
    snapshot.ledger_index = ledger.index;
    snapshot.source = source;
    snapshot.domain = *keys.domain;
    snapshot.incident = *keys.incident;
    snapshot.ledger = *keys.ledger;
    snapshot.mint = ledger.mint;
    snapshot.tag = merkle::tag(&bulkhead_interface::ID, keys.snapshot, ledger.index);
    snapshot.opened_slot = at.slot;
    Ok(factors.freeze(at.slot))
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
    if snapshot.source != snapshot_source::SUCCESSOR {
        require_read(snapshot)?;
    }
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

/// The incident's own snapshot: a checkpoint's is never read from positions, and a successor's never decides a claim.
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
